using System.Text;
using Estream.Wire.Iso20022.Tests.Mapping;

namespace Estream.Wire.Iso20022.Tests.Validation;

/// <summary>The rules beyond the schema, each broken once; they apply only if requested.</summary>
public sealed class MessageRulesTests
{
    private const string Group = "Document/FIToFICstmrCdtTrf/GrpHdr";

    private const string Good = """
        <Envelope><AppHdr xmlns="urn:iso:std:iso:20022:tech:xsd:head.001.001.02"><Fr><FIId><FinInstnId><BICFI>DEUTDEFF</BICFI></FinInstnId></FIId></Fr><To><FIId><FinInstnId><BICFI>COBADEFF</BICFI></FinInstnId></FIId></To><BizMsgIdr>M-1</BizMsgIdr><MsgDefIdr>pacs.008.001.12</MsgDefIdr><CreDt>2026-01-15T10:30:00Z</CreDt></AppHdr>
        <Document xmlns="urn:iso:std:iso:20022:tech:xsd:pacs.008.001.12"><FIToFICstmrCdtTrf><GrpHdr><MsgId>M-1</MsgId><CreDtTm>2026-01-15T10:30:00</CreDtTm><NbOfTxs>2</NbOfTxs><CtrlSum>100.00001</CtrlSum><TtlIntrBkSttlmAmt Ccy="XTS">100.00001</TtlIntrBkSttlmAmt><SttlmInf><SttlmMtd>CLRG</SttlmMtd></SttlmInf></GrpHdr>
        <CdtTrfTxInf><PmtId><EndToEndId>1</EndToEndId></PmtId><IntrBkSttlmAmt Ccy="XTS">99.9</IntrBkSttlmAmt><ChrgBr>SHAR</ChrgBr><Dbtr/><DbtrAcct><Id><IBAN>CH9300762011623852957</IBAN></Id></DbtrAcct><DbtrAgt><FinInstnId/></DbtrAgt><CdtrAgt><FinInstnId/></CdtrAgt><Cdtr/></CdtTrfTxInf>
        <CdtTrfTxInf><PmtId><EndToEndId>2</EndToEndId></PmtId><IntrBkSttlmAmt Ccy="XTS">0.10001</IntrBkSttlmAmt><ChrgBr>SHAR</ChrgBr><Dbtr/><DbtrAgt><FinInstnId/></DbtrAgt><CdtrAgt><FinInstnId/></CdtrAgt><Cdtr/></CdtTrfTxInf>
        </FIToFICstmrCdtTrf></Document></Envelope>
        """;

    [Fact]
    public void A_message_that_meets_the_rules_has_no_findings()
    {
        Assert.Empty(Findings(Good, Iso20022Checks.SchemaAndRules));
        Assert.Empty(
            Findings(Good.Replace("<CtrlSum>100.00001<", "<CtrlSum>+0100.000010<", StringComparison.Ordinal),
                Iso20022Checks.SchemaAndRules));
        Assert.Empty(
            Findings(Good.Replace("<CtrlSum>100.00001</CtrlSum><TtlIntrBkSttlmAmt Ccy=\"XTS\">100.00001</TtlIntrBkSttlmAmt>", "",
                StringComparison.Ordinal), Iso20022Checks.SchemaAndRules));
    }

    [Theory]
    [InlineData("<NbOfTxs>2<", "<NbOfTxs>3<", Group + "/NbOfTxs: WrongCount")]
    [InlineData("<CtrlSum>100.00001<", "<CtrlSum>100.00002<", Group + "/CtrlSum: WrongSum")]
    [InlineData("<CtrlSum>100.00001<", "<CtrlSum>100.000010001<", Group + "/CtrlSum: WrongSum")]
    [InlineData("<CtrlSum>100.00001<", "<CtrlSum>-100.00001<", Group + "/CtrlSum: WrongSum")]
    [InlineData("Ccy=\"XTS\">100.00001<", "Ccy=\"XTS\">100<", Group + "/TtlIntrBkSttlmAmt: WrongSum")]
    [InlineData("Ccy=\"XTS\">0.10001<", "Ccy=\"XDR\">0.10001<",
        "Document/FIToFICstmrCdtTrf/CdtTrfTxInf[2]/IntrBkSttlmAmt: DifferentCurrencies")]
    [InlineData("CH9300762011623852957", "CH9300762011623852975",
        "Document/FIToFICstmrCdtTrf/CdtTrfTxInf[1]/DbtrAcct/Id/IBAN: WrongCheckDigits")]
    [InlineData("<MsgDefIdr>pacs.008.001.12<", "<MsgDefIdr>pacs.008.001.10<", "AppHdr/MsgDefIdr: HeaderOfAnother")]
    public void A_broken_rule_is_found_only_if_rules_are_checked(string old, string changed, string finding)
    {
        string document = Good.Replace(old, changed, StringComparison.Ordinal);

        Assert.Equal([finding], Findings(document, Iso20022Checks.SchemaAndRules));
        Assert.Empty(Findings(document, Iso20022Checks.Schema));
    }

    [Theory]
    [InlineData("EUR", "1.23", true)]
    [InlineData("EUR", "1.230", true)]
    [InlineData("EUR", "1.234", false)]
    [InlineData("JPY", "1", true)]
    [InlineData("JPY", "1.00", true)]
    [InlineData("JPY", "1.5", false)]
    [InlineData("KWD", "1.234", true)]
    [InlineData("KWD", "1.2345", false)]
    [InlineData("CLF", "1.2345", true)]
    [InlineData("XDR", "1.23456", true)]
    public void An_amount_with_more_fraction_digits_than_its_currency_is_found(string currency, string amount, bool isRight)
    {
        string document = Good.Replace("<ChrgBr>", $"<InstdAmt Ccy=\"{currency}\">{amount}</InstdAmt><ChrgBr>", StringComparison.Ordinal);

        Assert.Empty(Findings(document, Iso20022Checks.Schema));
        string[] expected = isRight
            ? []
            : [.. new[] { 1, 2 }.Select(number => $"Document/FIToFICstmrCdtTrf/CdtTrfTxInf[{number}]/InstdAmt: MoreThanMinorUnits")];
        Assert.Equal(expected, Findings(document, Iso20022Checks.SchemaAndRules));
    }

    [Fact]
    public void A_repeated_unique_reference_is_found()
    {
        const string Reference = "<UETR>8a562c67-ca16-48ba-b074-65581be6f001</UETR>";
        string document = Good.Replace("</EndToEndId>", "</EndToEndId>" + Reference, StringComparison.Ordinal);
        int last = document.LastIndexOf("6f001", StringComparison.Ordinal);

        Assert.Equal(["Document/FIToFICstmrCdtTrf/CdtTrfTxInf[2]/PmtId/UETR: RepeatedReference"],
            Findings(document, Iso20022Checks.SchemaAndRules));
        Assert.Empty(Findings(document[..last] + "6f002" + document[(last + 5)..], Iso20022Checks.SchemaAndRules));
    }

    [Theory]
    [InlineData("ACCP", "", "ACSC", "", "")]
    [InlineData("", "", "RJCT", "R", "")]
    [InlineData("", "", "RJCT", "", "TxInfAndSts[1]/StsRsnInf: MissingReason")]
    [InlineData("RJCT", "R", "RJCT", "", "")]
    [InlineData("RJCT", "", "RJCT", "R", "")]
    [InlineData("RJCT", "", "", "", "OrgnlGrpInfAndSts/StsRsnInf: MissingReason")]
    [InlineData("PART", "R", "RJCT", "", "TxInfAndSts[1]/StsRsnInf: MissingReason")]
    public void A_rejection_without_a_reason_is_found(string group, string groupReason, string transaction, string reason, string finding)
    {
        static string Status(string name, string status) => status.Length > 0 ? $"<{name}>{status}</{name}>" : "";
        static string Why(string text) => text.Length > 0 ? "<StsRsnInf><Rsn><Cd>AC04</Cd></Rsn></StsRsnInf>" : "";
        string document = $"""
            <Document xmlns="urn:iso:std:iso:20022:tech:xsd:pacs.002.001.10"><FIToFIPmtStsRpt><GrpHdr><MsgId>M</MsgId><CreDtTm>2026-11-20T10:00:03</CreDtTm></GrpHdr>
            <OrgnlGrpInfAndSts><OrgnlMsgId>O</OrgnlMsgId><OrgnlMsgNmId>pacs.008</OrgnlMsgNmId>{Status("GrpSts", group)}{Why(groupReason)}</OrgnlGrpInfAndSts>
            <TxInfAndSts>{Status("TxSts", transaction)}{Why(reason)}</TxInfAndSts></FIToFIPmtStsRpt></Document>
            """;

        Assert.Empty(Findings(document, Iso20022Checks.Schema));
        string[] expected = finding.Length > 0 ? [$"Document/FIToFIPmtStsRpt/{finding}"] : [];
        Assert.Equal(expected, Findings(document, Iso20022Checks.SchemaAndRules));
    }

    [Theory]
    [InlineData("", "", true)]
    [InlineData("1123.45<", "1123.46<", false)]
    [InlineData("1000.00<", "999.00<", false)]
    [InlineData(">OPBD<", ">PRCD<", true)]
    [InlineData("<Cd>BOOK</Cd>", "<Cd>PDNG</Cd>", false)]
    [InlineData("<CdtDbtInd>CRDT</CdtDbtInd><RvslInd>", "<CdtDbtInd>DBIT</CdtDbtInd><RvslInd>", false)]
    [InlineData("1123.45</Amt><CdtDbtInd>CRDT", "1123.45</Amt><CdtDbtInd>DBIT", false)]
    [InlineData(">OPBD<", ">ITBD<", true)]
    public void Balances_that_do_not_match_the_booked_entries_are_found(string old, string changed, bool isRight)
    {
        // This message declares itself a page, so the rule does not apply to it.
        string paged = old.Length > 0 ? Statements.Statement.Replace(old, changed, StringComparison.Ordinal) : Statements.Statement;
        string document = paged.Replace("<MsgPgntn><PgNb>00001</PgNb><LastPgInd>true</LastPgInd></MsgPgntn>", "", StringComparison.Ordinal);
        Assert.NotEqual(paged, document);

        Assert.Empty(Findings(paged, Iso20022Checks.SchemaAndRules));
        Assert.Empty(Findings(document, Iso20022Checks.Schema));
        string[] expected = isRight ? [] : ["Document/BkToCstmrStmt/Stmt[1]/Bal: WrongBalance"];
        Assert.Equal(expected, Findings(document, Iso20022Checks.SchemaAndRules));
    }

    [Fact]
    public void Metals_and_slashes_are_found_only_with_cross_border_rules()
    {
        string[] violators =
            [.. Samples.OfOurVersions.Where(path => path.EndsWith("_commodity_currency_XAU.xml", StringComparison.Ordinal))];
        Assert.NotEmpty(violators);
        foreach (string path in violators)
        {
            string document = Encoding.UTF8.GetString(Samples.Read(path));
            Assert.Contains(Findings(document, Iso20022Checks.CrossBorder),
                finding => finding.EndsWith(": NotForCrossBorder", StringComparison.Ordinal));
            Assert.DoesNotContain(Findings(document, Iso20022Checks.SchemaAndRules),
                finding => finding.EndsWith(": NotForCrossBorder", StringComparison.Ordinal));
        }

        foreach (string id in (string[])["/A", "A/", "A//B"])
        {
            string document = Good.Replace("<EndToEndId>1<", $"<InstrId>{id}</InstrId><EndToEndId>1<", StringComparison.Ordinal);
            Assert.Equal(["Document/FIToFICstmrCdtTrf/CdtTrfTxInf[1]/PmtId/InstrId: NotForCrossBorder"],
                Findings(document, Iso20022Checks.CrossBorder));
        }

        Assert.Empty(
            Findings(Good.Replace("<EndToEndId>1<", "<InstrId>A/B</InstrId><EndToEndId>1<", StringComparison.Ordinal),
                Iso20022Checks.CrossBorder));
    }

    [Theory]
    [InlineData("CH9300762011623852957")]
    [InlineData("ES9121000418450200051332")]
    [InlineData("GB82WEST12345698765432")]
    [InlineData("MT84MALT011000012345MTLCAST001S")]
    [InlineData("NO9386011117947")]
    public void Published_Ibans_are_valid_and_with_a_changed_digit_invalid(string iban)
    {
        Assert.Empty(Findings(Good.Replace("CH9300762011623852957", iban, StringComparison.Ordinal), Iso20022Checks.SchemaAndRules));
        for (int place = 2; place < iban.Length; place++)
        {
            if (!char.IsAsciiDigit(iban[place]))
            {
                continue;
            }

            char other = iban[place] == '7' ? '8' : '7';
            string changed = $"{iban[..place]}{other}{iban[(place + 1)..]}";
            Assert.Single(
                Findings(Good.Replace("CH9300762011623852957", changed, StringComparison.Ordinal), Iso20022Checks.SchemaAndRules));
        }
    }

    [Fact]
    public void A_header_that_names_another_message_is_reported_for_samples()
    {
        string[] violators = [.. Samples.OfOurVersions.Where(path => path.EndsWith("msgdefidr_mismatch.xml", StringComparison.Ordinal))];
        Assert.NotEmpty(violators);
        foreach (string path in violators)
        {
            Assert.Contains("AppHdr/MsgDefIdr: HeaderOfAnother",
                Findings(Encoding.UTF8.GetString(Samples.Read(path)), Iso20022Checks.SchemaAndRules));
        }
    }

    [Fact]
    public void Rules_do_not_carry_over_to_the_next_message()
    {
        Iso20022Validator validator = new(checks: Iso20022Checks.SchemaAndRules);
        for (int time = 0; time < 3; time++)
        {
            validator.Reset();
            validator.Feed(Encoding.UTF8.GetBytes(Good));
            Assert.True(validator.Complete(), string.Join("; ", validator.Findings));
        }
    }

    private static IEnumerable<string> Findings(string document, Iso20022Checks checks)
    {
        Iso20022Validator validator = new(checks: checks);
        validator.Feed(Encoding.UTF8.GetBytes(document));
        validator.Complete();
        return validator.Findings.Select(finding => finding.ToString().Split(" (at byte", 2)[0]);
    }
}

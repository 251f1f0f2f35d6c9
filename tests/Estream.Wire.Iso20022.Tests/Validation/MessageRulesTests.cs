using System.Text;

namespace Estream.Wire.Iso20022.Tests.Validation;

/// <summary>What holds of a message beyond its schema, each broken once; and that nobody is held to it who did not ask.</summary>
public sealed class MessageRulesTests
{
    private const string Group = "Document/FIToFICstmrCdtTrf/GrpHdr";

    private const string Good = """
        <Envelope><AppHdr xmlns="urn:iso:std:iso:20022:tech:xsd:head.001.001.02"><Fr><FIId><FinInstnId><BICFI>DEUTDEFF</BICFI></FinInstnId></FIId></Fr><To><FIId><FinInstnId><BICFI>COBADEFF</BICFI></FinInstnId></FIId></To><BizMsgIdr>M-1</BizMsgIdr><MsgDefIdr>pacs.008.001.12</MsgDefIdr><CreDt>2026-01-15T10:30:00Z</CreDt></AppHdr>
        <Document xmlns="urn:iso:std:iso:20022:tech:xsd:pacs.008.001.12"><FIToFICstmrCdtTrf><GrpHdr><MsgId>M-1</MsgId><CreDtTm>2026-01-15T10:30:00</CreDtTm><NbOfTxs>2</NbOfTxs><CtrlSum>100.00001</CtrlSum><TtlIntrBkSttlmAmt Ccy="EUR">100.00001</TtlIntrBkSttlmAmt><SttlmInf><SttlmMtd>CLRG</SttlmMtd></SttlmInf></GrpHdr>
        <CdtTrfTxInf><PmtId><EndToEndId>1</EndToEndId></PmtId><IntrBkSttlmAmt Ccy="EUR">99.9</IntrBkSttlmAmt><ChrgBr>SHAR</ChrgBr><Dbtr/><DbtrAcct><Id><IBAN>CH9300762011623852957</IBAN></Id></DbtrAcct><DbtrAgt><FinInstnId/></DbtrAgt><CdtrAgt><FinInstnId/></CdtrAgt><Cdtr/></CdtTrfTxInf>
        <CdtTrfTxInf><PmtId><EndToEndId>2</EndToEndId></PmtId><IntrBkSttlmAmt Ccy="EUR">0.10001</IntrBkSttlmAmt><ChrgBr>SHAR</ChrgBr><Dbtr/><DbtrAgt><FinInstnId/></DbtrAgt><CdtrAgt><FinInstnId/></CdtrAgt><Cdtr/></CdtTrfTxInf>
        </FIToFICstmrCdtTrf></Document></Envelope>
        """;

    [Fact]
    public void A_message_that_is_right_has_no_findings()
    {
        Assert.Empty(Findings(Good, Iso20022Checks.SchemaAndRules));
        Assert.Empty(Findings(Good.Replace("<CtrlSum>100.00001<", "<CtrlSum>+0100.000010<", StringComparison.Ordinal), Iso20022Checks.SchemaAndRules));
        Assert.Empty(Findings(Good.Replace("<CtrlSum>100.00001</CtrlSum><TtlIntrBkSttlmAmt Ccy=\"EUR\">100.00001</TtlIntrBkSttlmAmt>", "", StringComparison.Ordinal), Iso20022Checks.SchemaAndRules));
    }

    [Theory]
    [InlineData("<NbOfTxs>2<", "<NbOfTxs>3<", Group + "/NbOfTxs: WrongCount")]
    [InlineData("<CtrlSum>100.00001<", "<CtrlSum>100.00002<", Group + "/CtrlSum: WrongSum")]
    [InlineData("<CtrlSum>100.00001<", "<CtrlSum>100.000010001<", Group + "/CtrlSum: WrongSum")]
    [InlineData("<CtrlSum>100.00001<", "<CtrlSum>-100.00001<", Group + "/CtrlSum: WrongSum")]
    [InlineData("Ccy=\"EUR\">100.00001<", "Ccy=\"EUR\">100<", Group + "/TtlIntrBkSttlmAmt: WrongSum")]
    [InlineData("Ccy=\"EUR\">0.10001<", "Ccy=\"CHF\">0.10001<", "Document/FIToFICstmrCdtTrf/CdtTrfTxInf[2]/IntrBkSttlmAmt: DifferentCurrencies")]
    [InlineData("CH9300762011623852957", "CH9300762011623852975", "Document/FIToFICstmrCdtTrf/CdtTrfTxInf[1]/DbtrAcct/Id/IBAN: WrongCheckDigits")]
    [InlineData("<MsgDefIdr>pacs.008.001.12<", "<MsgDefIdr>pacs.008.001.10<", "AppHdr/MsgDefIdr: HeaderOfAnother")]
    public void What_is_broken_is_found_by_who_asks_for_it(string old, string changed, string finding)
    {
        string document = Good.Replace(old, changed, StringComparison.Ordinal);

        Assert.Equal([finding], Findings(document, Iso20022Checks.SchemaAndRules));
        Assert.Empty(Findings(document, Iso20022Checks.Schema));
    }

    [Theory]
    [InlineData("CH9300762011623852957")]
    [InlineData("ES9121000418450200051332")]
    [InlineData("GB82WEST12345698765432")]
    [InlineData("MT84MALT011000012345MTLCAST001S")]
    [InlineData("NO9386011117947")]
    public void Account_numbers_that_were_published_are_right_and_with_another_digit_are_not(string iban)
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
            Assert.Single(Findings(Good.Replace("CH9300762011623852957", changed, StringComparison.Ordinal), Iso20022Checks.SchemaAndRules));
        }
    }

    [Fact]
    public void Headers_of_another_message_are_found_in_messages_of_others()
    {
        string[] violators = [.. Samples.All.Where(path => path.EndsWith("msgdefidr_mismatch.xml", StringComparison.Ordinal))];
        Assert.NotEmpty(violators);
        foreach (string path in violators)
        {
            Assert.Contains("AppHdr/MsgDefIdr: HeaderOfAnother", Findings(Encoding.UTF8.GetString(Samples.Read(path)), Iso20022Checks.SchemaAndRules));
        }
    }

    [Fact]
    public void A_message_is_not_held_to_the_numbers_of_the_one_before()
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

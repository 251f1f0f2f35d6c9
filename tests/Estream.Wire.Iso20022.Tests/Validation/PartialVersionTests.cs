using System.Buffers;
using System.Text;
using System.Text.RegularExpressions;
using Estream.Esf;
using Estream.Wire.Iso20022.Tests.Mapping;

namespace Estream.Wire.Iso20022.Tests.Validation;

/// <summary>Versions without a schema that may be copied: their messages are validated and translated as far as the elements are known.
/// Judged by published samples, and by messages written from the public message definitions.</summary>
public sealed class PartialVersionTests
{
    /// <summary>A pacs.002.001.03 with everything that is translated. Its names differ from later versions: BIC, Pty of a charge, and
    /// parties without a choice.</summary>
    private const string Oldest = """
        <Document xmlns="urn:iso:std:iso:20022:tech:xsd:pacs.002.001.03"><FIToFIPmtStsRpt>
          <GrpHdr><MsgId>R-1</MsgId><CreDtTm>2012-01-31T20:00:00</CreDtTm><InstgAgt><FinInstnId><BIC>DEUTDEFF</BIC></FinInstnId></InstgAgt></GrpHdr>
          <OrgnlGrpInfAndSts><OrgnlMsgId>M-1</OrgnlMsgId><OrgnlMsgNmId>pacs.008.001.02</OrgnlMsgNmId><OrgnlNbOfTxs>2</OrgnlNbOfTxs><GrpSts>PART</GrpSts>
            <NbOfTxsPerSts><DtldNbOfTxs>1</DtldNbOfTxs><DtldSts>RJCT</DtldSts><DtldCtrlSum>10.5</DtldCtrlSum></NbOfTxsPerSts></OrgnlGrpInfAndSts>
          <TxInfAndSts><StsId>S-1</StsId><OrgnlInstrId>I-1</OrgnlInstrId><OrgnlEndToEndId>E-1</OrgnlEndToEndId><OrgnlTxId>T-1</OrgnlTxId><TxSts>RJCT</TxSts>
            <StsRsnInf><Orgtr><Nm>Bank</Nm><Id><OrgId><BICOrBEI>COBADEFF</BICOrBEI></OrgId></Id></Orgtr><Rsn><Cd>AC04</Cd></Rsn><AddtlInf>closed</AddtlInf></StsRsnInf>
            <ChrgsInf><Amt Ccy="EUR">1.5</Amt><Pty><FinInstnId><BIC>COBADEFF</BIC></FinInstnId></Pty></ChrgsInf>
            <OrgnlTxRef><IntrBkSttlmAmt Ccy="EUR">10.5</IntrBkSttlmAmt><IntrBkSttlmDt>2012-01-31</IntrBkSttlmDt><PmtTpInf><InstrPrty>NORM</InstrPrty></PmtTpInf>
              <Dbtr><Nm>Ana</Nm></Dbtr><DbtrAcct><Id><IBAN>CH9300762011623852957</IBAN></Id></DbtrAcct><Cdtr><Nm>Bob</Nm></Cdtr><CdtrAcct><Id><Othr><Id>12</Id></Othr></Id></CdtrAcct></OrgnlTxRef></TxInfAndSts>
        </FIToFIPmtStsRpt></Document>
        """;

    [Fact]
    public void Published_sample_is_valid_and_translated()
    {
        string json = Translate(Encoding.UTF8.GetString(Samples.Read("pacs008-pkg/pacs.002.001.12.xml")));
        Assert.Contains("\"message_definition\":\"pacs.002.001.12\"", json, StringComparison.Ordinal);
        Assert.Contains("\"original_transaction_id\":\"TX-ORIG-001\"", json, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("prowide/pacs.002-CDATA.xml")]
    [InlineData("prowide/pacs.002-CDATA-with-header.xml")]
    [InlineData("prowide/pacs.002-CDATA-multiple-namespace.xml")]
    [InlineData("prowide/pacs.002-CDATA-namespace-noprefix.xml")]
    public void Published_sample_is_invalid_only_because_of_texts_of_more_than_105_characters(string path)
    {
        string text = Encoding.UTF8.GetString(Samples.Read(path));
        Assert.All(Findings(text), one =>
        {
            Assert.Equal(Iso20022Reason.TooLong, one.Reason);
            Assert.Contains("/AddtlInf[", one.Path, StringComparison.Ordinal);
        });
        string shorter = Regex.Replace(text, @"AddtlInf>\s*<!\[CDATA\[.*?\]\]>", "AddtlInf>x", RegexOptions.Singleline);
        Assert.Contains("\"message_definition\":\"pacs.002.001.03\"", Translate(shorter), StringComparison.Ordinal);
    }

    [Fact]
    public void Template_of_a_statement_is_invalid_until_its_placeholders_are_replaced()
    {
        const string Path = "camt053-pkg/camt053_templates_camt.053.001.14_template.xml";
        Assert.Equal(Samples.OfPartialVersions.Where(one => one.StartsWith("camt", StringComparison.Ordinal)), [Path]);
        Assert.Contains(Findings(Encoding.UTF8.GetString(Samples.Read(Path))), one => one.Reason == Iso20022Reason.UnexpectedText);
    }

    [Fact]
    public void Fields_of_the_oldest_report_are_translated_and_written_back()
    {
        string json = Translate(Oldest);
        string[] expected = ["\"original_message_id\":\"M-1\"", "\"original_instruction_id\":\"I-1\"", "\"bic\":\"DEUTDEFF\"",
            "\"any_bic\":\"COBADEFF\"", "\"name\":\"Ana\"", "\"name\":\"Bob\"", "\"iban\":\"CH9300762011623852957\"", "\"other_id\":\"12\"",
            "\"original_settlement_date\":\"2012-01-31\"", "\"agent\":{\"bic\":\"COBADEFF\"}"];
        Assert.All(expected, one => Assert.Contains(one, json, StringComparison.Ordinal));
        Assert.Equal(json, Translate(Write(Oldest)));
    }

    [Theory]
    [InlineData("camt.053.001.14")]
    [InlineData("camt.053.001.13")]
    public void Statement_is_translated_and_written_back(string version)
    {
        string statement = Statements.Statement.Replace("camt.053.001.08", version, StringComparison.Ordinal);
        Assert.Equal(Translate(statement), Translate(Write(statement)));
    }

    [Fact]
    public void Statements_of_several_accounts_become_one_message_each()
    {
        string text = Statements.Two.Replace("camt.053.001.08", "camt.053.001.14", StringComparison.Ordinal);
        List<string> messages = [];
        Iso20022Reader reader = new(PaymentsPack.Schemas, (schema, message) => messages.Add(PaymentsPack.Print(schema, message)),
            checks: Iso20022Checks.SchemaAndRules);
        reader.Feed(Encoding.UTF8.GetBytes(text));
        Assert.True(reader.Complete().IsOk);
        Assert.Equal(2, messages.Count);
        Assert.Contains("\"statement_id\":\"ST-2\"", messages[1], StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("<StsId>S-1</StsId>", "<StsId>S-1</StsId><NewInVersion><Cd>1</Cd></NewInVersion>")]
    [InlineData("<FinInstnId><BIC>DEUTDEFF</BIC></FinInstnId>", "<FinInstnId><BIC>DEUTDEFF</BIC><NewId>7</NewId></FinInstnId>")]
    [InlineData("<Rsn><Cd>AC04</Cd></Rsn>", "<Rsn><NewCd>AC04</NewCd></Rsn>")]
    public void Unknown_element_is_left_out(string known, string replacement)
    {
        Assert.Empty(Findings(Oldest.Replace(known, replacement, StringComparison.Ordinal)));
    }

    [Theory]
    [InlineData("<MsgId>R-1</MsgId>", "", Iso20022Reason.MissingElement)]
    [InlineData("<TxSts>RJCT</TxSts>", "<TxSts>NOPE</TxSts>", Iso20022Reason.UnknownCode)]
    [InlineData("<TxSts>RJCT</TxSts>", "<TxSts>RJCT</TxSts><OrgnlInstrId>I-2</OrgnlInstrId>", Iso20022Reason.UnexpectedElement)]
    [InlineData("<TxSts>RJCT</TxSts>", "<TxSts>RJCT</TxSts><TxSts>ACSC</TxSts>", Iso20022Reason.TooManyOccurrences)]
    [InlineData("<Amt Ccy=\"EUR\">1.5</Amt>", "<Amt>1.5</Amt>", Iso20022Reason.MissingAttribute)]
    public void Known_element_is_checked(string known, string replacement, Iso20022Reason reason)
    {
        Assert.Equal(reason, Assert.Single(Findings(Oldest.Replace(known, replacement, StringComparison.Ordinal))).Reason);
    }

    private static IReadOnlyList<Iso20022Finding> Findings(string document)
    {
        Iso20022Validator validator = new();
        validator.Feed(Encoding.UTF8.GetBytes(document));
        validator.Complete();
        return validator.Findings;
    }

    private static string Translate(string document)
    {
        byte[] message = ToEsf(document, out EsfSchema schema);
        return PaymentsPack.Print(schema, message);
    }

    private static string Write(string document)
    {
        byte[] message = ToEsf(document, out EsfSchema schema);
        ArrayBufferWriter<byte> xml = new();
        TranslateStatus status = new Iso20022Translator(PaymentsPack.Schemas).ToXml(schema, message, xml);
        Assert.True(status.IsOk, status.Describe(default));
        return Encoding.UTF8.GetString(xml.WrittenSpan);
    }

    private static byte[] ToEsf(string document, out EsfSchema schema)
    {
        byte[] message = new byte[64 * 1024];
        TranslateStatus status = new Iso20022Translator(PaymentsPack.Schemas).ToEsf(
            Encoding.UTF8.GetBytes(document), message, out EsfSchema? found, out int length);
        Assert.True(status.IsOk, status.Describe(default));
        schema = found!;
        return message[..length];
    }
}

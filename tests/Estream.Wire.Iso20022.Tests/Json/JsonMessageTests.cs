using System.Text;
using Estream.Esf;
using Estream.Wire.Iso20022.Tests.Mapping;

namespace Estream.Wire.Iso20022.Tests.Json;

/// <summary>JSON messages equal their XML form, whatever the order of members; invalid JSON is refused without an exception.</summary>
public sealed class JsonMessageTests
{
    private const string Good = """
        {"Document":{"@xmlns":"urn:iso:std:iso:20022:tech:xsd:pacs.008.001.12","FIToFICstmrCdtTrf":{
          "CdtTrfTxInf":[{"Cdtr":{"Nm":"Zo\u00eb"},"CdtrAgt":{"FinInstnId":{"BICFI":"COBADEFF"}},"DbtrAgt":{"FinInstnId":{}},"Dbtr":{},"ChrgBr":"SHAR","IntrBkSttlmAmt":{"value":1000.00,"Ccy":"EUR"},"PmtId":{"EndToEndId":"E-1"},"SplmtryData":null}],
          "GrpHdr":{"MsgId":"M-1","CreDtTm":"2026-01-15T10:30:00","NbOfTxs":"1","BtchBookg":true,"SttlmInf":{"SttlmMtd":"CLRG"}}}}}
        """;

    private const string Transfer = "Document/FIToFICstmrCdtTrf/CdtTrfTxInf[1]";

    private readonly Iso20022Translator _translator = new(PaymentsPack.Schemas);

    [Fact]
    public void Every_sample_converted_to_Json_translates_to_the_same_message()
    {
        int same = 0;
        foreach (string path in Samples.All)
        {
            if (Translate(Samples.Read(path)) is { } expected)
            {
                Assert.Equal(expected, Translate(Encoding.UTF8.GetBytes(JsonOfXml.Convert(Samples.Read(path)))));
                same++;
            }
        }

        Assert.InRange(same, 5, Samples.All.Count);
    }

    [Fact]
    public void A_message_in_moov_form_is_equal_to_Xml()
    {
        string? expected = Translate(Samples.Read("moov/valid_pacs_v11.xml"));

        Assert.NotNull(expected);
        Assert.Equal(expected, Translate(Samples.Read("moov/valid_pacs_v11.json")));
    }

    [Fact]
    public void Json_numbers_and_booleans_are_read_as_text()
    {
        string? text = Translate(Encoding.UTF8.GetBytes(Good));

        Assert.NotNull(text);
        Assert.Contains("\"settlement_amount\":{\"value\":100000,\"scale\":2,\"currency\":\"EUR\"}", text, StringComparison.Ordinal);
        Assert.Contains("\"batch_booking\":true", text, StringComparison.Ordinal);
        Assert.Contains("\"name\":\"Zoë\"", text, StringComparison.Ordinal);
        Assert.Equal(text,
            Translate(Encoding.UTF8.GetBytes(Good.Replace("\"value\"", "\"#text\"", StringComparison.Ordinal)
                .Replace("\"Ccy\"", "\"@Ccy\"", StringComparison.Ordinal))));
    }

    [Theory]
    [InlineData("\"ChrgBr\":\"SHAR\",", "", Transfer + "/ChrgBr: MissingElement")]
    [InlineData("\"SHAR\"", "\"SHAX\"", Transfer + "/ChrgBr: UnknownCode")]
    [InlineData("\"SHAR\"", "[\"SHAR\",\"SHAR\"]", Transfer + "/ChrgBr: TooManyOccurrences")]
    [InlineData("\"SHAR\"", "{\"value\":\"SHAR\",\"Ccy\":\"EUR\"}", Transfer + "/ChrgBr/@Ccy: UnexpectedAttribute")]
    [InlineData("\"Dbtr\":{}", "\"Dbtr\":\"x\"", Transfer + "/Dbtr: UnexpectedText")]
    [InlineData("\"Dbtr\":{}", "\"Dbtr\":{\"Foo\":{\"Nm\":\"x\"}}", Transfer + "/Dbtr/Foo: UnexpectedElement")]
    [InlineData("\"Dbtr\":{}", "\"Dbtr\":{\"Message\":1}", Transfer + "/Dbtr/Message: UnexpectedElement")]
    [InlineData("\"Dbtr\":{}", "\"Dbtr\":{\"a b\":1}", Transfer + "/Dbtr/_: UnexpectedElement")]
    [InlineData("1000.00", "1e3", Transfer + "/IntrBkSttlmAmt: NotANumber")]
    [InlineData("1000.00", "{\"a\":1}", Transfer + "/IntrBkSttlmAmt: NotANumber")]
    [InlineData(",\"Ccy\":\"EUR\"", "", Transfer + "/IntrBkSttlmAmt/@Ccy: MissingAttribute")]
    [InlineData(",\"Ccy\":\"EUR\"", ",\"Ccy\":\"EUR\",\"Value\":1", Transfer + "/IntrBkSttlmAmt/@Value: UnexpectedAttribute")]
    [InlineData("pacs.008.001.12", "pacs.008.001.99", "Document: UnknownMessage")]
    [InlineData("\"@xmlns\"", "\"@other\"", "Document: UnknownMessage")]
    [InlineData("\"Document\"", "\"Documents\"", "UnknownMessage")]
    public void A_Json_error_is_reported_with_its_path(string old, string changed, string finding)
    {
        Assert.Contains(old, Good, StringComparison.Ordinal);

        Assert.Equal([finding], Findings(Encoding.UTF8.GetBytes(Good.Replace(old, changed, StringComparison.Ordinal))));
    }

    [Fact]
    public void An_error_in_a_long_Json_message_is_reported_with_its_path()
    {
        string text = Long(500);
        string code = text.Insert(text.LastIndexOf("SHAR", StringComparison.Ordinal), "X");
        string character = text.Insert(text.LastIndexOf("E-1", StringComparison.Ordinal), "\\u0001");
        const string LastTransfer = "Document/FIToFICstmrCdtTrf/CdtTrfTxInf[500]";

        Assert.Empty(Findings(Encoding.UTF8.GetBytes(text)));
        Assert.Equal([$"{LastTransfer}/ChrgBr: UnknownCode"], Findings(Encoding.UTF8.GetBytes(code)));
        Assert.Equal(["InvalidCharacter"], Findings(Encoding.UTF8.GetBytes(character)));
    }

    [Fact]
    public void A_long_Json_array_is_refused_without_buffering_it_as_Xml()
    {
        string items = string.Join(',', Enumerable.Repeat('1', 1 << 19));
        byte[] document = Encoding.UTF8.GetBytes(
            "{\"Document\":{\"@xmlns\":\"urn:iso:std:iso:20022:tech:xsd:pacs.008.001.12\",\"FIToFICstmrCdtTrf\":[" + items + "]}}");
        Iso20022Validator validator = new();

        long before = GC.GetAllocatedBytesForCurrentThread();
        validator.Feed(document);
        Assert.False(validator.Complete());
        long taken = GC.GetAllocatedBytesForCurrentThread() - before;

        // The parsed JSON takes up to 16 times its length. XML in a growing buffer would take 60 times.
        Assert.InRange(taken, document.Length, 32L * document.Length);
        Assert.Equal(Iso20022Reason.TooManyFindings, validator.Findings[^1].Reason);
    }

    [Fact]
    public void An_exception_of_the_statement_callback_passes_through()
    {
        byte[] document = Encoding.UTF8.GetBytes(JsonOfXml.Convert(Encoding.UTF8.GetBytes(Statements.Long(1_000))));
        Iso20022Reader reader =
            new(PaymentsPack.Schemas, (_, _) => throw new InvalidOperationException("full"), new Iso20022Limits { MaxPartBytes = 1_024 });
        reader.Feed(document);

        Assert.Equal("full", Assert.Throws<InvalidOperationException>(() => reader.Complete()).Message);
    }

    [Fact]
    public void The_Json_version_can_come_from_the_header()
    {
        const string Header =
            """{"AppHdr":{"Fr":{"FIId":{"FinInstnId":{}}},"To":{"FIId":{"FinInstnId":{}}},"BizMsgIdr":"B","MsgDefIdr":"pacs.008.001.12","CreDt":"2026-01-15T10:30:00Z"},""";
        string text = Header
            + Good[1..].Replace("\"@xmlns\":\"urn:iso:std:iso:20022:tech:xsd:pacs.008.001.12\",", "", StringComparison.Ordinal);

        Assert.Empty(Findings(Encoding.UTF8.GetBytes(text)));
        Assert.Equal(["AppHdr/BizMsgIdr: TooShort"],
            Findings(Encoding.UTF8.GetBytes(text.Replace("\"B\"", "\"\"", StringComparison.Ordinal))));
    }

    [Theory]
    [InlineData("{")]
    [InlineData("{}x")]
    [InlineData("{\"a\":1,\"a\":2}")]
    [InlineData("{\"Document\":{\"@xmlns\":\"\\ud800\"}}")]
    [InlineData("{\"\\ud800\":1}")]
    public void Invalid_Json_is_refused(string text)
    {
        Assert.Equal(["MalformedJson"], Findings(Encoding.UTF8.GetBytes(text)));
    }

    [Fact]
    public void Json_text_invalid_in_Xml_and_nested_arrays_are_refused()
    {
        Assert.Equal(["MalformedJson"],
            Findings(Encoding.UTF8.GetBytes(Good.Replace("\"SHAR\"", "[[\"SHAR\"]]", StringComparison.Ordinal))));
        Assert.Equal(["InvalidCharacter"],
            Findings(Encoding.UTF8.GetBytes(Good.Replace("\"E-1\"", "\"\\u0001\"", StringComparison.Ordinal))));
        Assert.Equal(["MalformedJson"], Findings(Encoding.UTF8.GetBytes(Good.Replace("\"E-1\"", "\"\\ud800\"", StringComparison.Ordinal))));
        byte[] notUtf8 = Encoding.UTF8.GetBytes(Good);
        notUtf8[Good.IndexOf("E-1", StringComparison.Ordinal)] = 0xFF;
        Assert.Single(Findings(notUtf8));
    }

    [Fact]
    public void A_Json_message_beyond_the_limit_is_refused()
    {
        Iso20022Validator validator = new(new Iso20022Limits { MaxJsonBytes = 1_024 });

        Assert.False(validator.Feed(Encoding.UTF8.GetBytes(Good + new string(' ', 1_024))));
        Assert.False(validator.Complete());
        Assert.Equal([Iso20022Reason.MessageTooLong], validator.Findings.Select(finding => finding.Reason));
    }

    [Fact]
    public void Json_is_read_the_same_in_any_pieces_and_after_white_space()
    {
        foreach (string before in (string[])["", "\uFEFF", " \r\n\t", new string(' ', 63)])
        {
            byte[] document = Encoding.UTF8.GetBytes(before + Good.Replace("SHAR", "XXXX", StringComparison.Ordinal));
            string[] expected = [$"{Transfer}/ChrgBr: UnknownCode"];
            Assert.Equal(expected, Findings(document));
            Iso20022Validator validator = new();
            foreach (byte value in document)
            {
                Assert.True(validator.Feed([value]));
            }

            Assert.False(validator.Complete());
            Assert.Equal(expected, validator.Findings.Select(finding => finding.ToString()));
        }

        Assert.Equal(["ContentOutsideRoot"],
            Findings(Encoding.UTF8.GetBytes(new string(' ', 64) + Good)).Select(finding => finding.Split(" (at byte", 2)[0]));
    }

    [Fact]
    public void An_Xml_document_after_a_Json_message_has_error_positions()
    {
        Iso20022Validator validator = new();
        validator.Feed("{"u8);
        Assert.False(validator.Complete());
        Assert.Equal(-1, Assert.Single(validator.Findings).Position);

        validator.Reset();
        validator.Feed("<a/>"u8);
        Assert.False(validator.Complete());
        Assert.Equal(4, Assert.Single(validator.Findings).Position);
    }

    private static string Long(int transfers)
    {
        int start = Good.IndexOf("[{", StringComparison.Ordinal) + 1;
        int end = Good.IndexOf("}],", StringComparison.Ordinal) + 1;
        return Good[..start] + string.Join(',', Enumerable.Repeat(Good[start..end], transfers)) + Good[end..];
    }

    private static IEnumerable<string> Findings(byte[] document)
    {
        Iso20022Validator validator = new();
        validator.Feed(document);
        bool isRight = validator.Complete();
        Assert.Equal(validator.Findings.Count == 0, isRight);
        return validator.Findings.Select(finding => finding.ToString());
    }

    private string? Translate(byte[] document)
    {
        byte[] message = new byte[1 << 20];
        return _translator.ToEsf(document, message, out EsfSchema? schema, out int length).IsOk
            ? PaymentsPack.Print(schema!, message.AsSpan(0, length))
            : null;
    }
}

using System.Text;
using Estream.Testing;

namespace Estream.Wire.Iso20022.Tests.Validation;

/// <summary>Findings with reason and path, how messages are found inside envelopes, and memory use.</summary>
public sealed class Iso20022ValidatorTests
{
    private const string Good = """
        <Document xmlns="urn:iso:std:iso:20022:tech:xsd:pacs.008.001.12"><FIToFICstmrCdtTrf><GrpHdr><MsgId>M-1</MsgId><CreDtTm>2026-01-15T10:30:00</CreDtTm><NbOfTxs>1</NbOfTxs><SttlmInf><SttlmMtd>CLRG</SttlmMtd></SttlmInf></GrpHdr><CdtTrfTxInf><PmtId><EndToEndId>E-1</EndToEndId></PmtId><IntrBkSttlmAmt Ccy="EUR">1000.00</IntrBkSttlmAmt><ChrgBr>SHAR</ChrgBr><Dbtr><Nm>A</Nm></Dbtr><DbtrAgt><FinInstnId><BICFI>DEUTDEFF</BICFI></FinInstnId></DbtrAgt><CdtrAgt><FinInstnId><BICFI>COBADEFF</BICFI></FinInstnId></CdtrAgt><Cdtr><Nm>B</Nm></Cdtr></CdtTrfTxInf></FIToFICstmrCdtTrf></Document>
        """;

    private const string Header = """
        <AppHdr xmlns="urn:iso:std:iso:20022:tech:xsd:head.001.001.02"><Fr><FIId><FinInstnId><BICFI>DEUTDEFF</BICFI></FinInstnId></FIId></Fr><To><FIId><FinInstnId><BICFI>COBADEFF</BICFI></FinInstnId></FIId></To><BizMsgIdr>M-1</BizMsgIdr><MsgDefIdr>pacs.008.001.12</MsgDefIdr><CreDt>2026-01-15T10:30:00Z</CreDt></AppHdr>
        """;

    private const string Transfer = "Document/FIToFICstmrCdtTrf/CdtTrfTxInf[1]";

    [Theory]
    [InlineData("<NbOfTxs>1</NbOfTxs>", "", "Document/FIToFICstmrCdtTrf/GrpHdr/NbOfTxs: MissingElement")]
    [InlineData("<NbOfTxs>1</NbOfTxs>", "<NbOfTxs>1</NbOfTxs><NbOfTxs>1</NbOfTxs>",
        "Document/FIToFICstmrCdtTrf/GrpHdr/NbOfTxs: TooManyOccurrences")]
    [InlineData("<NbOfTxs>1<", "<NbOfTxs>one<", "Document/FIToFICstmrCdtTrf/GrpHdr/NbOfTxs: WrongPattern")]
    [InlineData("<MsgId>M-1<", "<MsgId><", "Document/FIToFICstmrCdtTrf/GrpHdr/MsgId: TooShort")]
    [InlineData("<MsgId>M-1<", "<MsgId>123456789012345678901234567890123456<", "Document/FIToFICstmrCdtTrf/GrpHdr/MsgId: TooLong")]
    [InlineData("<SttlmMtd>CLRG<", "<SttlmMtd>CLRX<", "Document/FIToFICstmrCdtTrf/GrpHdr/SttlmInf/SttlmMtd: UnknownCode")]
    [InlineData("2026-01-15T10:30:00<", "2026-02-30T10:30:00<", "Document/FIToFICstmrCdtTrf/GrpHdr/CreDtTm: NotADateOrTime")]
    [InlineData(">1000.00<", ">1,000.00<", Transfer + "/IntrBkSttlmAmt: NotANumber")]
    [InlineData(">1000.00<", ">-1<", Transfer + "/IntrBkSttlmAmt: TooLittle")]
    [InlineData(">1000.00<", ">0.000001<", Transfer + "/IntrBkSttlmAmt: TooManyFractionDigits")]
    [InlineData(">1000.00<", ">1234567890123456789<", Transfer + "/IntrBkSttlmAmt: TooManyDigits")]
    [InlineData(" Ccy=\"EUR\"", "", Transfer + "/IntrBkSttlmAmt/@Ccy: MissingAttribute")]
    [InlineData(" Ccy=\"EUR\"", " Ccy=\"eur\"", Transfer + "/IntrBkSttlmAmt/@Ccy: WrongPattern")]
    [InlineData("<ChrgBr>", "<ChrgBr Ccy=\"EUR\">", Transfer + "/ChrgBr/@Ccy: UnexpectedAttribute")]
    [InlineData("<ChrgBr>", "<Foo><ChrgBr>1</ChrgBr></Foo><ChrgBr>", Transfer + "/Foo: UnexpectedElement")]
    [InlineData("<ChrgBr>", "<ChrgBr xmlns=\"\">SHAR</ChrgBr><ChrgBr>", Transfer + "/ChrgBr: UnexpectedElement")]
    [InlineData("<Dbtr>", "<Dbtr>text", Transfer + "/Dbtr: UnexpectedText")]
    [InlineData("<SttlmInf>", "<SplmtryData/><SttlmInf>", "Document/FIToFICstmrCdtTrf/GrpHdr/SplmtryData: UnexpectedElement")]
    public void An_error_is_the_only_finding_and_has_its_path(string old, string changed, string finding)
    {
        Assert.Equal([finding], Findings(Good.Replace(old, changed, StringComparison.Ordinal)));
    }

    [Fact]
    public void All_errors_are_reported_with_numbers_of_repeated_elements()
    {
        int transfer = Good.IndexOf("<CdtTrfTxInf>", StringComparison.Ordinal);
        int end = Good.IndexOf("</FIToFICstmrCdtTrf>", StringComparison.Ordinal);
        string second = Good[transfer..end].Replace("SHAR", "XXXX", StringComparison.Ordinal)
            .Replace("<Nm>B</Nm>", "<Nm></Nm><Id><OrgId/><PrvtId/></Id>", StringComparison.Ordinal);

        Assert.Equal(
            [
                "Document/FIToFICstmrCdtTrf/CdtTrfTxInf[2]/ChrgBr: UnknownCode",
                "Document/FIToFICstmrCdtTrf/CdtTrfTxInf[2]/Cdtr/Nm: TooShort",
                "Document/FIToFICstmrCdtTrf/CdtTrfTxInf[2]/Cdtr/Id/PrvtId: UnexpectedElement",
                "Document/FIToFICstmrCdtTrf/CdtTrfTxInf[3]/PmtId: MissingElement",
                "Document/FIToFICstmrCdtTrf/CdtTrfTxInf[3]/IntrBkSttlmAmt: MissingElement",
                "Document/FIToFICstmrCdtTrf/CdtTrfTxInf[3]/ChrgBr: MissingElement",
                "Document/FIToFICstmrCdtTrf/CdtTrfTxInf[3]/Dbtr: MissingElement",
                "Document/FIToFICstmrCdtTrf/CdtTrfTxInf[3]/DbtrAgt: MissingElement",
                "Document/FIToFICstmrCdtTrf/CdtTrfTxInf[3]/CdtrAgt: MissingElement",
                "Document/FIToFICstmrCdtTrf/CdtTrfTxInf[3]/Cdtr: MissingElement",
            ],
            Findings(Good.Insert(end, second + "<CdtTrfTxInf/>")));
    }

    [Fact]
    public void Malformed_Xml_is_refused_at_its_first_error()
    {
        string cut = Good[..Good.IndexOf("CLRG", StringComparison.Ordinal)];

        Assert.Equal(["Document/FIToFICstmrCdtTrf/GrpHdr/SttlmInf/SttlmMtd: UnexpectedEnd"], Findings(cut));
        Assert.Equal(["Document/FIToFICstmrCdtTrf/GrpHdr/SttlmInf/SttlmMtd: UnknownEntity"], Findings(cut + "&x;</SttlmMtd>"));
        Assert.Equal(["UnexpectedEnd"], Findings(""));
    }

    [Theory]
    [InlineData("{0}", null)]
    [InlineData("<Envelope><x/>{1}text{0}</Envelope>", "head.001.001.02")]
    [InlineData("<f:FedNow xmlns:f='urn:f'><f:Message>{1}{0}</f:Message></f:FedNow>", "head.001.001.02")]
    [InlineData("<message><AppHdr xmlns='urn:swift:xsd:$ahV10'><From><Document/></From></AppHdr>{0}</message>", null)]
    public void A_message_is_found_inside_an_envelope(string envelope, string? header)
    {
        Iso20022Validator validator = new();

        Assert.True(
            validator.Feed(
                Encoding.UTF8.GetBytes(envelope.Replace("{0}", Good, StringComparison.Ordinal)
                    .Replace("{1}", Header, StringComparison.Ordinal))));
        Assert.True(validator.Complete(), string.Join("; ", validator.Findings));
        Assert.Equal("pacs.008.001.12", validator.Definition);
        Assert.Equal(header, validator.HeaderDefinition);
    }

    [Fact]
    public void Zero_or_several_messages_are_refused()
    {
        Assert.Equal(["UnknownMessage"], Findings("<a/>"));
        Assert.Equal(["UnknownMessage"], Findings(Header));
        Assert.Equal(["Document: UnknownMessage"], Findings(Good.Replace("pacs.008.001.12", "pacs.008.001.99", StringComparison.Ordinal)));
        Assert.Equal(["Document: UnknownMessage"], Findings("<Document><FIToFICstmrCdtTrf/></Document>"));
        Assert.Equal(["Document: SeveralMessages"], Findings($"<a>{Good}{Good}</a>"));
        Assert.Equal(["AppHdr: SeveralMessages"], Findings($"<a>{Header}{Header}{Good}</a>"));
        Assert.Equal(["AppHdr/BizMsgIdr: TooShort"],
            Findings($"<a>{Header.Replace("<BizMsgIdr>M-1", "<BizMsgIdr>", StringComparison.Ordinal)}{Good}</a>"));
    }

    [Fact]
    public void Validation_gives_the_same_findings_for_any_pieces()
    {
        byte[] document = Encoding.UTF8.GetBytes($"<a>{Header}{Good.Replace("SHAR", "XXXX", StringComparison.Ordinal)}</a>");
        Iso20022Validator whole = new();
        whole.Feed(document);
        Assert.False(whole.Complete());
        Iso20022Validator bytes = new();
        foreach (byte value in document)
        {
            Assert.True(bytes.Feed([value]));
        }

        Assert.False(bytes.Complete());
        Assert.Equal(whole.Findings, bytes.Findings);
        Assert.False(bytes.Feed([1]));
    }

    [Fact]
    public void Validation_stops_at_the_limit_of_findings()
    {
        string many = Good.Insert(Good.IndexOf("<CdtTrfTxInf>", StringComparison.Ordinal), string.Concat(Enumerable.Repeat("<Foo/>", 10)));
        Iso20022Validator validator = new(new Iso20022Limits { MaxFindings = 3 });

        Assert.False(validator.Feed(Encoding.UTF8.GetBytes(many)));
        Assert.False(validator.Complete());
        Assert.Equal(
            [Iso20022Reason.UnexpectedElement, Iso20022Reason.UnexpectedElement, Iso20022Reason.UnexpectedElement,
                Iso20022Reason.TooManyFindings],
            validator.Findings.Select(finding => finding.Reason));
    }

    [Fact]
    public void Text_split_by_comments_is_one_text_with_a_limit()
    {
        Assert.Empty(Findings(Good.Replace("SHAR", "S<!-- -->H<![CDATA[A]]>&#82;", StringComparison.Ordinal)));
        string piece = $"{new string('x', 30_000)}<!-- -->";
        Assert.Equal([$"{Transfer}/Dbtr/Nm: ValueTooLong"],
            Findings(Good.Replace("<Nm>A", "<Nm>" + piece + piece + piece, StringComparison.Ordinal)));
    }

    [Fact]
    public void Supplementary_data_is_not_checked()
    {
        const string Place = "</CdtTrfTxInf>";
        Assert.Empty(
            Findings(Good.Replace(Place, "<SplmtryData><Envlp><x:a xmlns:x='urn:x' b='1'>text<x:c/></x:a></Envlp></SplmtryData>" + Place,
                StringComparison.Ordinal)));
        Assert.Equal([$"{Transfer}/SplmtryData[1]/Envlp: MissingElement"],
            Findings(Good.Replace(Place, "<SplmtryData><Envlp/></SplmtryData>" + Place, StringComparison.Ordinal)));
        Assert.Equal([$"{Transfer}/SplmtryData[1]/Envlp/b: TooManyOccurrences"],
            Findings(Good.Replace(Place, "<SplmtryData><Envlp><a/><b/></Envlp></SplmtryData>" + Place, StringComparison.Ordinal)));
    }

    [Fact]
    public void Validating_a_valid_message_allocates_nothing()
    {
        byte[] document = Encoding.UTF8.GetBytes($"<a>{Header}{Good}</a>");
        Iso20022Validator validator = new();
        bool isRight = true;

        Assert.Equal(0, AllocationMeter.OnThisThread(1_000, () =>
        {
            validator.Reset();
            validator.Feed(document.AsSpan(0, 500));
            validator.Feed(document.AsSpan(500));
            isRight &= validator.Complete();
        }));
        Assert.True(isRight);
    }

    [Fact]
    public void Validating_a_statement_takes_constant_memory()
    {
        string text = Encoding.UTF8.GetString(Samples.Read("camt053-pkg/tests_gold_master_business_sample_camt.053.001.04.xml"));
        int begin = text.IndexOf("<Ntry>", StringComparison.Ordinal);
        int end = text.IndexOf("</Ntry>", begin, StringComparison.Ordinal) + "</Ntry>".Length;
        byte[] entry = Encoding.UTF8.GetBytes(text[begin..end]);
        Iso20022Validator validator = new();
        Assert.True(validator.Feed(Encoding.UTF8.GetBytes(text[..begin])));

        Assert.Equal(0, AllocationMeter.OnThisThread(LongRun.Count(20_000, 1_000_000), () => validator.Feed(entry)));

        Assert.Empty(validator.Findings);
    }

    private static IEnumerable<string> Findings(string document)
    {
        Iso20022Validator validator = new();
        validator.Feed(Encoding.UTF8.GetBytes(document));
        bool isRight = validator.Complete();
        Assert.Equal(validator.Findings.Count == 0, isRight);
        return validator.Findings.Select(finding => finding.ToString().Split(" (at byte", 2)[0]);
    }
}

using System.Buffers;
using System.Text;
using Estream.Esf;
using Estream.Testing;
using Estream.Wire.Iso20022.Tests.Validation;
using FsCheck;
using FsCheck.Fluent;

namespace Estream.Wire.Iso20022.Tests.Mapping;

/// <summary>Messages become ESF messages with every value in its field, or are refused with their findings.</summary>
public sealed class Iso20022TranslatorTests
{
    // The example of the pack, as a bank would send it.
    private const string CreditTransfer = """
        <Document xmlns="urn:iso:std:iso:20022:tech:xsd:pacs.008.001.08">
          <FIToFICstmrCdtTrf>
            <GrpHdr>
              <MsgId>MSG-1</MsgId><CreDtTm>2026-11-20T10:00:00Z</CreDtTm><NbOfTxs>1</NbOfTxs><CtrlSum>123.45</CtrlSum>
              <TtlIntrBkSttlmAmt Ccy="EUR">123.45</TtlIntrBkSttlmAmt><IntrBkSttlmDt>2026-11-20</IntrBkSttlmDt>
              <SttlmInf><SttlmMtd>CLRG</SttlmMtd><ClrSys><Prtry>ST2</Prtry></ClrSys></SttlmInf>
              <InstgAgt><FinInstnId><BICFI>CAIXESBB</BICFI></FinInstnId></InstgAgt><InstdAgt><FinInstnId><BICFI>ZKBKCHZZ80A</BICFI></FinInstnId></InstdAgt>
            </GrpHdr>
            <CdtTrfTxInf>
              <PmtId><InstrId>I-1</InstrId><EndToEndId>INV-4711</EndToEndId><TxId>T-1</TxId><UETR>8a562c67-ca16-48ba-b074-65581be6f001</UETR></PmtId>
              <PmtTpInf><InstrPrty>NORM</InstrPrty><SvcLvl><Cd>SEPA</Cd></SvcLvl><CtgyPurp><Cd>SUPP</Cd></CtgyPurp></PmtTpInf>
              <IntrBkSttlmAmt Ccy="EUR">123.45</IntrBkSttlmAmt><InstdAmt Ccy="USD">130.00</InstdAmt><XchgRate>0.94961538</XchgRate><ChrgBr>SLEV</ChrgBr>
              <ChrgsInf><Amt Ccy="EUR">0</Amt><Agt><FinInstnId><BICFI>CAIXESBB</BICFI></FinInstnId></Agt></ChrgsInf>
              <Dbtr><Nm>Ana Pérez</Nm><PstlAdr><Ctry>ES</Ctry><AdrLine>Calle Mayor 1</AdrLine><AdrLine>28013 Madrid</AdrLine></PstlAdr><Id><PrvtId><Othr><Id>X1234567L</Id><SchmeNm><Cd>NIDN</Cd></SchmeNm></Othr></PrvtId></Id></Dbtr>
              <DbtrAcct><Id><IBAN>ES9121000418450200051332</IBAN></Id></DbtrAcct>
              <DbtrAgt><FinInstnId><BICFI>CAIXESBB</BICFI></FinInstnId></DbtrAgt>
              <CdtrAgt><FinInstnId><ClrSysMmbId><ClrSysId><Cd>CHBCC</Cd></ClrSysId><MmbId>00700</MmbId></ClrSysMmbId><Nm>A bank</Nm></FinInstnId></CdtrAgt>
              <Cdtr><Nm>Müller &amp; Söhne AG</Nm><PstlAdr><StrtNm>Bahnhofstrasse</StrtNm><BldgNb>1</BldgNb><PstCd>8001</PstCd><TwnNm>Zürich</TwnNm><Ctry>CH</Ctry></PstlAdr><Id><OrgId><LEI>5493001KJTIIGC8Y1R12</LEI></OrgId></Id></Cdtr>
              <CdtrAcct><Id><IBAN>CH9300762011623852957</IBAN></Id></CdtrAcct>
              <InstrForCdtrAgt><Cd>PHOB</Cd><InstrInf>call</InstrInf></InstrForCdtrAgt>
              <Purp><Cd>GDDS</Cd></Purp>
              <RmtInf><Ustrd>Invoice 4711</Ustrd><Strd><RfrdDocInf><Tp><CdOrPrtry><Cd>CINV</Cd></CdOrPrtry></Tp><Nb>4711</Nb></RfrdDocInf><RfrdDocAmt><DuePyblAmt Ccy="EUR">123.45</DuePyblAmt></RfrdDocAmt><CdtrRefInf><Ref>RF18539007547034</Ref></CdtrRefInf></Strd></RmtInf>
            </CdtTrfTxInf>
          </FIToFICstmrCdtTrf>
        </Document>
        """;

    private const string StatusReport = """
        <Document xmlns="urn:iso:std:iso:20022:tech:xsd:pacs.002.001.10">
          <FIToFIPmtStsRpt>
            <GrpHdr><MsgId>MSG-2</MsgId><CreDtTm>2026-11-20T10:00:03</CreDtTm></GrpHdr>
            <OrgnlGrpInfAndSts>
              <OrgnlMsgId>MSG-1</OrgnlMsgId><OrgnlMsgNmId>pacs.008.001.08</OrgnlMsgNmId><OrgnlNbOfTxs>1</OrgnlNbOfTxs><GrpSts>PART</GrpSts>
              <NbOfTxsPerSts><DtldNbOfTxs>1</DtldNbOfTxs><DtldSts>RJCT</DtldSts><DtldCtrlSum>123.45</DtldCtrlSum></NbOfTxsPerSts>
            </OrgnlGrpInfAndSts>
            <TxInfAndSts>
              <OrgnlEndToEndId>INV-4711</OrgnlEndToEndId><OrgnlUETR>8a562c67-ca16-48ba-b074-65581be6f001</OrgnlUETR><TxSts>RJCT</TxSts>
              <StsRsnInf><Orgtr><Id><OrgId><AnyBIC>ZKBKCHZZ80A</AnyBIC></OrgId></Id></Orgtr><Rsn><Cd>AC04</Cd></Rsn><AddtlInf>Account closed</AddtlInf></StsRsnInf>
              <OrgnlTxRef><IntrBkSttlmAmt Ccy="EUR">123.45</IntrBkSttlmAmt><Cdtr><Pty><Nm>Müller &amp; Söhne AG</Nm></Pty></Cdtr><CdtrAcct><Id><IBAN>CH9300762011623852957</IBAN></Id></CdtrAcct></OrgnlTxRef>
            </TxInfAndSts>
          </FIToFIPmtStsRpt>
        </Document>
        """;

    // Fields that XML requires and ESF does not have: the source currency of an exchange rate, and an amount inside the charges of the
    // oldest version. A message that would be invalid without them is not written.
    private static readonly string[] s_lacking =
        ["/CcyXchg/SrcCcy: MissingElement", "/AmtDtls/InstdAmt/Amt: MissingElement", "/Chrgs[1]/Amt: MissingElement"];

    private readonly Iso20022Translator _translator = new(PaymentsPack.Schemas);

    [Theory]
    [InlineData(CreditTransfer, "Pacs008CreditTransfer")]
    [InlineData(StatusReport, "Pacs002StatusReport")]
    [InlineData(Statements.Statement, "Camt053Statement")]
    [InlineData(Statements.Report, "Camt052Report")]
    public void Each_message_translates_to_the_example_of_its_schema(string document, string schema)
    {
        Assert.Equal(PaymentsPack.Example(schema), Translate(document, schema));
        Assert.Equal(0, _translator.LeftOut);
    }

    [Theory]
    [InlineData(CreditTransfer)]
    [InlineData(StatusReport)]
    [InlineData(Statements.Statement)]
    [InlineData(Statements.Report)]
    [InlineData(Statements.Oldest)]
    public void A_message_translates_back_to_valid_Xml_of_the_same_message(string document)
    {
        RequireThatItComesBack(Encoding.UTF8.GetBytes(document), "a message");
    }

    [Fact]
    public void Every_translatable_sample_translates_back()
    {
        foreach (string path in Samples.All.Except(Samples.OfPartialVersions))
        {
            if (Status(_translator, Samples.Read(path)).IsOk)
            {
                RequireThatItComesBack(Samples.Read(path), path, s_lacking);
            }
        }
    }

    [Fact]
    public void The_first_of_several_remittance_documents_is_translated_completely()
    {
        string text = Translate(
            CreditTransfer.Replace("<Nb>4711</Nb></RfrdDocInf>", "</RfrdDocInf><RfrdDocInf><Nb>4712</Nb></RfrdDocInf>",
                StringComparison.Ordinal), "Pacs008CreditTransfer");

        Assert.Contains("\"structured\":[{\"document_type\":{\"code\":\"CINV\"},\"due_amount\":", text, StringComparison.Ordinal);
        Assert.Equal(1, _translator.LeftOut);
    }

    [Fact]
    public void A_field_without_an_element_in_the_version_is_an_error()
    {
        // The previous version had no LEI yet.
        Assert.Contains("lei", Back(Example.Replace("pacs.008.001.08", "pacs.008.001.07", StringComparison.Ordinal)).Describe(default),
            StringComparison.Ordinal);
        Assert.Equal(TranslateCode.NotMapped, Back(Example.Replace("pacs.008.001.08", "pacs.008.001.99", StringComparison.Ordinal)).Code);
        Assert.Equal(TranslateCode.NotMapped, Back(Example.Replace("pacs.008.001.08", "camt.053.001.08", StringComparison.Ordinal)).Code);
        Assert.Contains("bic", Back(Example.Replace("CAIXESBB", "nobody", StringComparison.Ordinal)).Describe(default),
            StringComparison.Ordinal);
        TranslateStatus status = Back(
            Example.Replace("\"number_of_transactions\":1,", "\"number_of_transactions\":1000000000000000,", StringComparison.Ordinal));
        Assert.Equal("number_of_transactions has no element in this version, or does not fit there", status.Describe(default));
    }

    [Fact]
    public void Repeated_elements_become_an_array_even_when_interleaved()
    {
        string document = CreditTransfer
            .Replace("<Dbtr>",
                "<PrvsInstgAgt1>A</PrvsInstgAgt1><PrvsInstgAgt1Acct><Id><IBAN>CH9300762011623852957</IBAN></Id></PrvsInstgAgt1Acct>"
                + "<PrvsInstgAgt2>B</PrvsInstgAgt2><IntrmyAgt1>C</IntrmyAgt1><Dbtr>",
                StringComparison.Ordinal)
            .Replace(">A<", "><FinInstnId><BICFI>AAAAESBB</BICFI></FinInstnId><", StringComparison.Ordinal)
            .Replace(">B<", "><FinInstnId><BICFI>BBBBESBB</BICFI></FinInstnId><", StringComparison.Ordinal)
            .Replace(">C<", "><FinInstnId><BICFI>CCCCESBB</BICFI></FinInstnId><BrnchId><Id>1</Id></BrnchId><", StringComparison.Ordinal)
            .Replace("</OrgId>", "<Othr><Id>O-1</Id></Othr><Othr><Id>O-2</Id><Issr>I</Issr></Othr></OrgId>", StringComparison.Ordinal);

        string text = Translate(document, "Pacs008CreditTransfer");

        Assert.Contains("\"previous_instructing_agents\":[{\"bic\":\"AAAAESBB\"},{\"bic\":\"BBBBESBB\"}],", text, StringComparison.Ordinal);
        Assert.Contains("\"intermediary_agents\":[{\"bic\":\"CCCCESBB\",\"branch\":\"1\"}],", text, StringComparison.Ordinal);
        Assert.Contains("\"other_ids\":[{\"id\":\"O-1\",\"is_private\":false},{\"id\":\"O-2\",\"issuer\":\"I\",\"is_private\":false}]",
            text, StringComparison.Ordinal);
        Assert.Equal(1, _translator.LeftOut);
    }

    [Theory]
    [InlineData("0", 0, 0)]
    [InlineData("0.00", 0, 2)]
    [InlineData("1.50", 150, 2)]
    [InlineData("+1.5", 15, 1)]
    [InlineData(".5", 5, 1)]
    [InlineData("5.", 5, 0)]
    [InlineData(" 0000123.4 ", 1234, 1)]
    [InlineData("1000.00", 100000, 2)]
    [InlineData("999999999999999999", 999999999999999999, 0)]
    [InlineData("9999999999999.99999", 999999999999999999, 5)]
    [InlineData("99999999999999999.900", 999999999999999999, 1)]
    [InlineData("1.0000000000000000000000", 1, 0)]
    public void An_amount_is_translated_with_its_digits_and_scale(string text, long value, int scale)
    {
        string translated = Translate(CreditTransfer.Replace(">130.00<", $">{text}<", StringComparison.Ordinal), "Pacs008CreditTransfer");

        Assert.Contains($"\"instructed_amount\":{{\"value\":{value},\"scale\":{scale},\"currency\":\"USD\"}}", translated,
            StringComparison.Ordinal);
    }

    [Property(200, 10_000, Arbitrary = [typeof(Amounts)])]
    public void An_amount_keeps_its_value_and_scale(Amount amount)
    {
        string digits = amount.Digits.ToString(System.Globalization.CultureInfo.InvariantCulture).PadLeft(amount.Scale + 1, '0');
        string text = new string('0', amount.Zeros) + digits[..^amount.Scale] + (amount.Scale > 0 ? "." + digits[^amount.Scale..] : "");
        string translated = Translate(CreditTransfer.Replace(">130.00<", $">{text}<", StringComparison.Ordinal), "Pacs008CreditTransfer");
        Assert.Contains($"\"instructed_amount\":{{\"value\":{amount.Digits},\"scale\":{amount.Scale},\"currency\":\"USD\"}}", translated,
            StringComparison.Ordinal);
    }

    [Fact]
    public void Text_is_decoded_and_escaped()
    {
        string translated = Translate(
            CreditTransfer.Replace(">Invoice 4711<", ">&quot;\\&#9;\n<![CDATA[</>]]>ü<", StringComparison.Ordinal),
            "Pacs008CreditTransfer");

        Assert.Contains("\"unstructured\":[\"\\\"\\\\\\t\\n</>ü\"]", translated, StringComparison.Ordinal);
    }

    [Fact]
    public void A_translation_error_has_no_value()
    {
        TranslateStatus status = _translator.ToEsf(
            Encoding.UTF8.GetBytes(CreditTransfer.Replace("ES9121000418450200051332", "ES91-SECRET", StringComparison.Ordinal)
                .Replace("NORM", "SECRET", StringComparison.Ordinal)), new byte[8_192], out EsfSchema? schema, out int length);

        Assert.Equal((TranslateCode.Unfit, 0), (status.Code, length));
        Assert.Null(schema);
        Assert.StartsWith("Document/FIToFICstmrCdtTrf/CdtTrfTxInf[1]/PmtTpInf/InstrPrty: UnknownCode (at byte ", status.Describe(default),
            StringComparison.Ordinal);
        Assert.EndsWith(", and 1 more", status.Describe(default), StringComparison.Ordinal);
        Assert.DoesNotContain("SECRET", status.Describe(default) + string.Join("", _translator.Findings), StringComparison.Ordinal);
    }

    [Fact]
    public void An_untranslatable_message_is_reported()
    {
        Assert.Equal(TranslateCode.Unsupported, Status(_translator, Encoding.UTF8.GetBytes(Statements.Two)).Code);
        Assert.Equal(TranslateCode.NotMapped,
            Status(new Iso20022Translator(EsfSchemaSet.Empty), Encoding.UTF8.GetBytes(CreditTransfer)).Code);
        Assert.Equal(TranslateCode.Unfit, Status(_translator, Encoding.UTF8.GetBytes("<a/>")).Code);
        Assert.Equal(TranslateCode.Unfit, Status(_translator, []).Code);
    }

    [Fact]
    public void A_too_short_destination_is_reported_and_a_longer_one_suffices()
    {
        byte[] document = Encoding.UTF8.GetBytes(CreditTransfer);
        byte[] destination = new byte[8_192];
        Assert.True(_translator.ToEsf(document, destination, out _, out int length).IsOk);

        Assert.True(_translator.ToEsf(document, new byte[length - 1], out _, out _).IsDestinationTooSmall);
        byte[] exact = new byte[length];
        Assert.True(_translator.ToEsf(document, exact, out _, out int again).IsOk);
        Assert.Equal(destination[..length], exact[..again]);
    }

    [Fact]
    public void A_translated_message_beyond_the_limit_is_refused()
    {
        Iso20022Translator translator = new(PaymentsPack.Schemas, new Iso20022Limits { MaxMappedBytes = 1_024 });

        TranslateStatus status = Status(translator, Encoding.UTF8.GetBytes(CreditTransfer));

        Assert.Equal(TranslateCode.Unfit, status.Code);
        Assert.Contains("MaxMappedBytes", status.Describe(default), StringComparison.Ordinal);
    }

    [Fact]
    public void Every_valid_sample_is_translated()
    {
        int translated = 0;
        foreach (string path in Samples.All)
        {
            TranslateStatus status = Status(_translator, Samples.Read(path));
            Assert.True(status.IsOk || status.Code == TranslateCode.Unsupported || _translator.Findings.Count > 0,
                $"{path}: {status.Describe(default)}");
            translated += status.IsOk ? 1 : 0;
        }

        Assert.InRange(translated, 3, Samples.All.Count);
    }

    [Fact]
    public void Translating_a_message_allocates_nothing()
    {
        byte[] document = Encoding.UTF8.GetBytes(CreditTransfer);
        byte[] destination = new byte[8_192];
        bool isGood = true;

        Assert.Equal(0, AllocationMeter.OnThisThread(1_000, () => isGood &= _translator.ToEsf(document, destination, out _, out _).IsOk));
        Assert.True(isGood);
    }

    private string Translate(string document, string name)
    {
        byte[] destination = new byte[16_384];
        TranslateStatus status = _translator.ToEsf(Encoding.UTF8.GetBytes(document), destination, out EsfSchema? schema, out int length);
        Assert.True(status.IsOk, status.Describe(default));
        Assert.Equal(PaymentsPack.Schema(name), schema);
        Assert.True(EsfValidator.Check(schema!, destination.AsSpan(0, length)).IsOk);
        return PaymentsPack.Print(schema!, destination.AsSpan(0, length));
    }

    private static TranslateStatus Status(Iso20022Translator translator, byte[] document) =>
        translator.ToEsf(document, new byte[1 << 20], out _, out _);

    private static string Example => PaymentsPack.Example("Pacs008CreditTransfer");

    private void RequireThatItComesBack(byte[] document, string what, params string[] lacking)
    {
        byte[] message = new byte[1 << 20];
        Assert.True(_translator.ToEsf(document, message, out EsfSchema? schema, out int length).IsOk, what);
        ArrayBufferWriter<byte> xml = new();
        TranslateStatus status = _translator.ToXml(schema!, message.AsSpan(0, length), xml);
        if (!status.IsOk && lacking.Any(path => status.Describe(default).Contains(path, StringComparison.Ordinal)))
        {
            return;
        }

        Assert.True(status.IsOk, $"{what}: {status.Describe(default)}");
        Assert.Empty(SchemaJudge.Errors(xml.WrittenSpan.ToArray()));
        byte[] again = new byte[1 << 20];
        Assert.True(_translator.ToEsf(xml.WrittenSpan, again, out _, out int lengthAgain).IsOk, what);
        Assert.Equal(PaymentsPack.Print(schema!, message.AsSpan(0, length)), PaymentsPack.Print(schema!, again.AsSpan(0, lengthAgain)));
        Assert.Equal(0, _translator.LeftOut);
    }

    private TranslateStatus Back(string json)
    {
        EsfSchema schema = PaymentsPack.Schema("Pacs008CreditTransfer");
        byte[] message = new byte[16_384];
        Assert.True(EsfJson.TryEncode(schema, Encoding.UTF8.GetBytes(json), message, out int length).IsOk);
        ArrayBufferWriter<byte> xml = new();
        TranslateStatus status = _translator.ToXml(schema, message.AsSpan(0, length), xml);
        Assert.Equal(status.IsOk, xml.WrittenCount > 0);
        return status;
    }

    /// <summary>The digits of an amount, the number of decimals, and the number of leading zeros.</summary>
    public readonly record struct Amount(int Digits, int Scale, int Zeros);

    /// <summary>Non-negative amounts.</summary>
    public static class Amounts
    {
        /// <summary>Up to five decimals and three leading zeros.</summary>
        public static Arbitrary<Amount> All() =>
            (from digits in Gen.Choose(0, int.MaxValue)
             from scale in Gen.Choose(0, 5)
             from zeros in Gen.Choose(0, 3)
             select new Amount(digits, scale, zeros)).ToArbitrary();
    }
}

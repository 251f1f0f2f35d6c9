using System.Text;
using Estream.Esf;
using Estream.Testing;
using Estream.Wire.Iso20022.Json;
using Estream.Wire.Iso20022.Mapping;
using Estream.Wire.Iso20022.Schema;
using Estream.Wire.Iso20022.Validation;
using Estream.Wire.Iso20022.Xml;

namespace Estream.Wire.Iso20022.Tests.Mapping;

/// <summary>A directly written record equals, byte by byte, the encoded JSON of the same message. Values that do not fit are left to the
/// JSON path, which can describe them.</summary>
public sealed class RecordMapperTests
{
    private const string Transfer = """
        <Document xmlns="urn:iso:std:iso:20022:tech:xsd:pacs.008.001.08">
          <FIToFICstmrCdtTrf>
            <GrpHdr>
              <MsgId>MSG-1</MsgId><CreDtTm>2026-11-20T10:00:00Z</CreDtTm><BtchBookg>true</BtchBookg><NbOfTxs>1</NbOfTxs><CtrlSum>123.45</CtrlSum>
              <TtlIntrBkSttlmAmt Ccy="EUR">123.45</TtlIntrBkSttlmAmt><SttlmInf><SttlmMtd>CLRG</SttlmMtd><ClrSys><Prtry>ST2</Prtry></ClrSys></SttlmInf>
            </GrpHdr>
            <CdtTrfTxInf>
              <PmtId><EndToEndId>INV-4711</EndToEndId></PmtId>
              <PmtTpInf><SvcLvl><Cd>SEPA</Cd></SvcLvl><SvcLvl><Prtry>own</Prtry></SvcLvl></PmtTpInf>
              <IntrBkSttlmAmt Ccy="EUR">123.45</IntrBkSttlmAmt><InstdAmt Ccy="USD">130.00</InstdAmt><ChrgBr>SLEV</ChrgBr>
              <ChrgsInf><Amt Ccy="EUR">0</Amt><Agt><FinInstnId><BICFI>CAIXESBB</BICFI></FinInstnId></Agt></ChrgsInf>
              <Dbtr><Nm>Ana Pérez</Nm><PstlAdr><AdrLine>Calle Mayor 1</AdrLine><AdrLine>28013 Madrid</AdrLine></PstlAdr><Id><PrvtId><Othr><Id>X</Id></Othr><Othr><Id>Y</Id></Othr></PrvtId></Id></Dbtr>
              <DbtrAgt><FinInstnId><BICFI>CAIXESBB</BICFI></FinInstnId></DbtrAgt><CdtrAgt><FinInstnId><Nm>A bank</Nm></FinInstnId></CdtrAgt>
              <Cdtr><Nm>B</Nm></Cdtr>
              <RmtInf><Strd><RfrdDocInf><Nb>1</Nb></RfrdDocInf><RfrdDocInf><Nb>2</Nb></RfrdDocInf></Strd><Strd><RfrdDocInf><Nb>3</Nb></RfrdDocInf></Strd></RmtInf>
              <SplmtryData><Envlp><x:a xmlns:x="urn:x"><b>theirs</b></x:a></Envlp></SplmtryData>
            </CdtTrfTxInf>
          </FIToFICstmrCdtTrf>
        </Document>
        """;

    [Fact]
    public void Every_version_of_transfers_and_status_reports_is_written_directly()
    {
        foreach (string name in MessageSchemas.Names)
        {
            if (MappedMessages.SchemaOf(name) is { } schema)
            {
                MessageSchema message = MessageSchemas.ByName(name)!;
                RecordMessage? plan = RecordBinder.Of(message, MapPlan.Of(message)!, PaymentsPack.Schema(schema));
                Assert.True(plan is not null == name.StartsWith("pacs.", StringComparison.Ordinal), name);
            }
        }
    }

    [Fact]
    public void Every_sample_written_directly_equals_its_Json_path()
    {
        Assert.True(Samples.All.Count(path => IsTheSame(Samples.Read(path), path)) >= 3);
    }

    [Theory]
    [InlineData("", "")]
    [InlineData(">130.00<", "> 0.50 <")]
    [InlineData(">130.00<", ">+.5<")]
    [InlineData(">130.00<", ">999999999999999999<")]
    [InlineData(">130.00<", ">00000000000000000000000001.0000000000000000000000<")]
    [InlineData(">123.45</CtrlSum>", ">-12345678901234567.8</CtrlSum>")]
    [InlineData("<NbOfTxs>1<", "<NbOfTxs>000000000000001<")]
    [InlineData(">true<", "> 0\n<")]
    [InlineData("<Cdtr><Nm>B</Nm></Cdtr>", "<Cdtr/>")]
    [InlineData("<Cdtr><Nm>B</Nm></Cdtr>", "<Cdtr><Nm>\"\\&#9;\r\n&amp;<![CDATA[<]]></Nm></Cdtr>")]
    [InlineData("<DbtrAgt>", "<DbtrAcct><Id><Othr><Id>1</Id><SchmeNm><Cd>BBAN</Cd></SchmeNm></Othr></Id></DbtrAcct><DbtrAgt>")]
    [InlineData("<Dbtr>",
        "<PrvsInstgAgt1><FinInstnId/></PrvsInstgAgt1><PrvsInstgAgt2><FinInstnId><BICFI>CAIXESBB</BICFI></FinInstnId></PrvsInstgAgt2>"
        + "<IntrmyAgt1><FinInstnId/></IntrmyAgt1><Dbtr>")]
    public void A_message_written_directly_equals_its_Json_path_in_any_notation(string old, string written)
    {
        Assert.True(
            IsTheSame(Encoding.UTF8.GetBytes(old.Length == 0 ? Transfer : Transfer.Replace(old, written, StringComparison.Ordinal)),
                written));
    }

    [Fact]
    public void A_message_with_a_removed_or_duplicated_piece_equals_its_Json_path()
    {
        // The message is split between tags, so that elements and their text are removed and duplicated too.
        string[] pieces = Transfer.Split('<');
        int translated = 0;
        for (int at = 2; at < pieces.Length; at++)
        {
            for (int count = 1; count <= 4 && at + count < pieces.Length; count++)
            {
                string shorter = string.Join('<', pieces[..at].Concat(pieces[(at + count)..]));
                string longer = string.Join('<', pieces[..(at + count)].Concat(pieces[at..]));
                translated += IsTheSame(Encoding.UTF8.GetBytes(shorter), $"{at} without {count}") ? 1 : 0;
                translated += IsTheSame(Encoding.UTF8.GetBytes(longer), $"{at} with {count}") ? 1 : 0;
            }
        }

        Assert.True(translated > 30, $"{translated} were translated");
    }

    [Theory]
    [InlineData("name: { type: string(560)", "name: { type: string(8)", "field 'transactions.debtor.name': longer than 8 bytes")]
    [InlineData("currency: { type: string(3)", "currency: { type: string(2)",
        "field 'total_settlement_amount.currency': longer than 2 bytes")]
    [InlineData("      message_id: { type: string(140) }", "      message_id: { type: string(140) }\n      more: { type: u8 }",
        "field 'more': required but missing")]
    public void A_value_that_does_not_fit_is_reported(string old, string written, string reason)
    {
        string pack = File.ReadAllText(RepositoryRoot.Combine("schemas", "esf-payments", "schemas", "iso20022.esf.yaml"));
        Assert.Contains(old, pack, StringComparison.Ordinal);
        EsfSchemaSet schemas = EsfSchemaSet.Parse(new EsfSchemaFile("pack.esf.yaml", pack.Replace(old, written, StringComparison.Ordinal)));
        Iso20022Translator translator = new(schemas);

        TranslateStatus status = translator.ToEsf(Encoding.UTF8.GetBytes(Transfer), new byte[8_192], out EsfSchema? schema, out int length);

        Assert.Equal((TranslateCode.Unfit, 0), (status.Code, length));
        Assert.Null(schema);
        Assert.StartsWith(reason, status.Describe(default), StringComparison.Ordinal);
        Assert.Equal(2, translator.LeftOut);
    }

    // Checks that both paths agree. Returns false if the message is invalid, does not fit the schema, or is of a kind that goes through
    // JSON.
    private static bool IsTheSame(byte[] document, string what)
    {
        Iso20022Limits limits = new();
        MessageMapper mapper = new(limits);
        RecordMapper records = new(name => PaymentsPack.Schema(name), limits, new MessageMapper(limits));
        MessageCheck check = new(limits, Iso20022Checks.Schema, records);
        bool isRight = IsRight(document, new MessageCheck(limits, Iso20022Checks.Schema, mapper));
        Assert.Equal(isRight, IsRight(document, check));
        if (!isRight || !records.IsTaking)
        {
            return false;
        }

        byte[] message = new byte[1 << 16];
        EsfSchema schema = PaymentsPack.Schema(MappedMessages.SchemaOf(check.Message!.Name)!);
        EsfStatus status = EsfJson.TryEncode(schema, mapper.Json, message, out int length);
        Assert.True(status.IsOk != records.IsUnfit, $"{what}: {status}");
        Assert.True(records.IsUnfit || records.Record.SequenceEqual(message.AsSpan(0, length)),
            $"{what}: {PaymentsPack.Print(schema, message.AsSpan(0, length))}");
        Assert.True(records.IsUnfit || records.LeftOut == mapper.LeftOut, what);
        return status.IsOk;
    }

    private static bool IsRight(byte[] document, MessageCheck check)
    {
        DocumentFeed feed = new(new Iso20022Limits());
        return feed.Push(document, isLast: true, check) == XmlReadStatus.End && check.Findings.Count == 0;
    }
}

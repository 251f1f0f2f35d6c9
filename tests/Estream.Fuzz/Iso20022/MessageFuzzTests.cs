using System.Buffers;
using System.Text;
using Estream.Esf;
using Estream.Testing;
using Estream.Wire;
using Estream.Wire.Iso20022;
using Estream.Wire.Iso20022.Json;
using Estream.Wire.Iso20022.Validation;
using Estream.Wire.Iso20022.Xml;

namespace Estream.Fuzz.Iso20022;

/// <summary>Passes damaged messages to the validator. It must throw nothing, report at most as many findings as the limit allows, and
/// report the same findings however the message is split. Findings must not contain content of the message. A failure names the seed that
/// repeats it.</summary>
public class MessageFuzzTests
{
    private const int MaxFindings = 8;

    private static readonly byte[] s_message = new byte[64 * 1024];

    private static readonly EsfSchemaSet s_schemas =
        EsfSchemaSet.Load(RepositoryRoot.Combine("schemas", "esf-payments", "schemas", "iso20022.esf.yaml"));

    private static readonly IReadOnlyList<byte[]> s_seeds =
    [
        Encoding.UTF8.GetBytes("""
            <?xml version="1.0" encoding="UTF-8"?>
            <Envelope><AppHdr xmlns="urn:iso:std:iso:20022:tech:xsd:head.001.001.02"><Fr><FIId><FinInstnId><BICFI>DEUTDEFF</BICFI></FinInstnId></FIId></Fr><To><FIId><FinInstnId><BICFI>COBADEFF</BICFI></FinInstnId></FIId></To><BizMsgIdr>M-1</BizMsgIdr><MsgDefIdr>pacs.008.001.12</MsgDefIdr><CreDt>2026-01-15T10:30:00Z</CreDt></AppHdr>
            <Document xmlns="urn:iso:std:iso:20022:tech:xsd:pacs.008.001.12"><FIToFICstmrCdtTrf><GrpHdr><MsgId>M-1</MsgId><CreDtTm>2026-01-15T10:30:00</CreDtTm><NbOfTxs>1</NbOfTxs><SttlmInf><SttlmMtd>CLRG</SttlmMtd></SttlmInf></GrpHdr>
            <CdtTrfTxInf><PmtId><EndToEndId>E-1</EndToEndId><UETR>78193541-1232-4b82-902e-08fa42be1c46</UETR></PmtId><IntrBkSttlmAmt Ccy="EUR">1000.00</IntrBkSttlmAmt><ChrgBr>SHAR</ChrgBr><Dbtr><Nm>M&#252;ller &amp; S&#xF6;hne</Nm></Dbtr><DbtrAcct><Id><IBAN>CH9300762011623852957</IBAN></Id></DbtrAcct><DbtrAgt><FinInstnId><BICFI>DEUTDEFF</BICFI></FinInstnId></DbtrAgt><CdtrAgt><FinInstnId><BICFI>COBADEFF</BICFI></FinInstnId></CdtrAgt><Cdtr><Nm>B</Nm></Cdtr><SplmtryData><Envlp><x:a xmlns:x="urn:x"/></Envlp></SplmtryData></CdtTrfTxInf>
            </FIToFICstmrCdtTrf></Document></Envelope>
            """),
        Encoding.UTF8.GetBytes("""
            <p:Document xmlns:p="urn:iso:std:iso:20022:tech:xsd:pacs.002.001.11"><p:FIToFIPmtStsRpt><p:GrpHdr><p:MsgId>M-2</p:MsgId><p:CreDtTm>2014-11-12T11:45:26.371</p:CreDtTm></p:GrpHdr><p:OrgnlGrpInfAndSts><p:OrgnlMsgId>M-1</p:OrgnlMsgId><p:OrgnlMsgNmId>pacs.008</p:OrgnlMsgNmId><p:GrpSts>RJCT</p:GrpSts><p:StsRsnInf><p:Rsn><p:Prtry>118</p:Prtry></p:Rsn><p:AddtlInf><![CDATA[<?xml?>]]></p:AddtlInf></p:StsRsnInf></p:OrgnlGrpInfAndSts></p:FIToFIPmtStsRpt></p:Document>
            """),
        Encoding.UTF8.GetBytes("""
            <Document xmlns="urn:iso:std:iso:20022:tech:xsd:camt.053.001.08"><BkToCstmrStmt><GrpHdr><MsgId>M-3</MsgId><CreDtTm>2026-11-20T20:00:00+01:00</CreDtTm><MsgPgntn><PgNb>1</PgNb><LastPgInd>true</LastPgInd></MsgPgntn></GrpHdr>
            <Stmt><Id>S-1</Id><Acct><Id><IBAN>CH9300762011623852957</IBAN></Id><Ownr><Nm>Ana</Nm></Ownr><Svcr><FinInstnId><BICFI>ZKBKCHZZ80A</BICFI></FinInstnId></Svcr></Acct><Bal><Tp><CdOrPrtry><Cd>CLBD</Cd></CdOrPrtry></Tp><Amt Ccy="EUR">1.00</Amt><CdtDbtInd>CRDT</CdtDbtInd><Dt><Dt>2026-11-20</Dt></Dt></Bal>
            <Ntry><NtryRef>1</NtryRef><Amt Ccy="EUR">1.50</Amt><CdtDbtInd>CRDT</CdtDbtInd><Sts><Cd>BOOK</Cd></Sts><BkTxCd><Prtry><Cd>NTRF</Cd></Prtry></BkTxCd><NtryDtls><Btch><NbOfTxs>1</NbOfTxs></Btch><TxDtls><Refs><EndToEndId>E</EndToEndId></Refs><RltdPties><Dbtr><Pty><Nm>Bob</Nm></Pty></Dbtr></RltdPties></TxDtls></NtryDtls><NtryDtls><TxDtls/></NtryDtls></Ntry>
            <Ntry><Amt Ccy="EUR">2</Amt><CdtDbtInd>DBIT</CdtDbtInd><Sts><Cd>BOOK</Cd></Sts><BkTxCd/></Ntry><AddtlStmtInf>all</AddtlStmtInf></Stmt></BkToCstmrStmt></Document>
            """),
        Encoding.UTF8.GetBytes("""
            {"Document":{"@xmlns":"urn:iso:std:iso:20022:tech:xsd:pacs.008.001.12","FIToFICstmrCdtTrf":{"CdtTrfTxInf":[{"Cdtr":{"Nm":"Zo\u00eb"},"CdtrAgt":{"FinInstnId":{"BICFI":"COBADEFF"}},"DbtrAgt":{"FinInstnId":{}},"Dbtr":{},"ChrgBr":"SHAR","IntrBkSttlmAmt":{"value":1000.00,"Ccy":"EUR"},"PmtId":{"EndToEndId":"E-1"}}],
            "GrpHdr":{"MsgId":"M-1","CreDtTm":"2026-01-15T10:30:00","NbOfTxs":"1","SttlmInf":{"SttlmMtd":"CLRG"}}}}}
            """),
    ];

    [Theory]
    [InlineData(1)]
    [InlineData(20260707)]
    public void Damaged_ISO_20022_messages_give_findings_only(int seed)
    {
        XmlDamage damage = new(seed, s_seeds);
        Iso20022Limits limits = new() { MaxFindings = MaxFindings };
        Iso20022Validator validator = new(limits, Iso20022Checks.SchemaAndRules);
        Iso20022Translator translator = new(s_schemas, limits, Iso20022Checks.SchemaAndRules);
        Iso20022Reader reader = new(s_schemas, (schema, message) => Assert.True(EsfValidator.Check(schema, message).IsOk),
            limits with { MaxPartBytes = 1_024 }, Iso20022Checks.SchemaAndRules);
        int count = LongRun.Count(25_000, 2_500_000);
        for (int number = 0; number < count; number++)
        {
            byte[] bytes = damage.Document();
            int piece = 1 + damage.Next(256);
            try
            {
                string whole = Findings(validator, bytes, bytes.Length + 1);
                Assert.Equal(whole, Findings(validator, bytes, piece));
                Assert.Equal(whole, FindingsByTokens(bytes, limits));
                RequireTranslation(translator, bytes, whole);
                RequireReading(reader, bytes, piece, whole);
            }
            catch (Exception failure)
            {
                throw new InvalidOperationException($"seed {seed}, number {number}, pieces of {piece}: {Convert.ToHexString(bytes)}",
                    failure);
            }
        }
    }

    [Fact]
    public void ISO_20022_seeds_are_valid()
    {
        foreach (byte[] document in s_seeds)
        {
            Assert.Equal("", Findings(new Iso20022Validator(), document, document.Length));
        }
    }

    // A message without findings translates to ESF, and translates back to a message without findings.
    private static void RequireTranslation(Iso20022Translator translator, byte[] bytes, string findings)
    {
        byte[] message = s_message;
        TranslateStatus status = translator.ToEsf(bytes, message, out EsfSchema? schema, out int length);
        Assert.Equal(findings, string.Join('\n', translator.Findings));
        Assert.Equal(findings.Length == 0, status.IsOk || status.Code == TranslateCode.Unsupported);
        if (schema is not null)
        {
            Assert.True(EsfValidator.Check(schema, message.AsSpan(0, length)).IsOk);
            status = translator.ToXml(schema, message.AsSpan(0, length), new ArrayBufferWriter<byte>());
            Assert.True(status.IsOk, status.Describe(default));
        }
    }

    // A document with several statements gives several messages, and each returned message is valid.
    private static void RequireReading(Iso20022Reader reader, byte[] bytes, int piece, string findings)
    {
        reader.Reset();
        for (int at = 0; at < bytes.Length && reader.Feed(bytes.AsSpan(at, Math.Min(piece, bytes.Length - at))); at += piece)
        {
        }

        Assert.Equal(findings.Length == 0, reader.Complete().IsOk);
        Assert.Equal(findings, string.Join('\n', reader.Findings));
    }

    // This reader expects no particular message, so it takes no fast path.
    private static string FindingsByTokens(byte[] bytes, Iso20022Limits limits)
    {
        MessageCheck check = new(limits, Iso20022Checks.SchemaAndRules);
        DocumentFeed feed = new(limits);
        XmlReadStatus status = feed.Push(bytes, isLast: true, new ByTokens(check));
        if (status == XmlReadStatus.Refused)
        {
            check.Refuse(feed.Fault);
        }
        else if (status == XmlReadStatus.End)
        {
            check.Finish(feed.Position);
        }

        return string.Join('\n', check.Findings);
    }

    private static string Findings(Iso20022Validator validator, byte[] bytes, int piece)
    {
        validator.Reset();
        bool isWanted = true;
        for (int at = 0; at < bytes.Length && isWanted; at += piece)
        {
            isWanted = validator.Feed(bytes.AsSpan(at, Math.Min(piece, bytes.Length - at)));
        }

        Assert.Equal(validator.Complete(), validator.Findings.Count == 0);
        Assert.InRange(validator.Findings.Count, 0, MaxFindings + 1);
        return string.Join('\n', validator.Findings);
    }

    private sealed class ByTokens(MessageCheck check) : IDocumentSink
    {
        public bool Take(scoped in XmlTokenReader token) => check.Take(in token);

        public void LosePlaces() => check.LosePlaces();
    }
}

namespace Estream.Wire.Iso20022.Tests.Mapping;

/// <summary>Statements and reports as banks would send them.</summary>
internal static class Statements
{
    /// <summary>The pack's example of Camt053Statement, in XML.</summary>
    public const string Statement = """
        <Document xmlns="urn:iso:std:iso:20022:tech:xsd:camt.053.001.08">
          <BkToCstmrStmt>
            <GrpHdr><MsgId>MSG-3</MsgId><CreDtTm>2026-11-20T20:00:00+01:00</CreDtTm><MsgPgntn><PgNb>00001</PgNb><LastPgInd>true</LastPgInd></MsgPgntn><AddtlInf>for Ms Pérez</AddtlInf></GrpHdr>
            <Stmt>
              <Id>ST-1</Id><ElctrncSeqNb>324</ElctrncSeqNb><FrToDt><FrDtTm>2026-11-20T00:00:00</FrDtTm><ToDtTm>2026-11-20T23:59:59</ToDtTm></FrToDt><CpyDplctInd>DUPL</CpyDplctInd>
              <Acct>
                <Id><IBAN>CH9300762011623852957</IBAN></Id><Ccy>EUR</Ccy>
                <Ownr><Nm>Müller &amp; Söhne AG</Nm><PstlAdr><StrtNm>Bahnhofstrasse</StrtNm><BldgNb>1</BldgNb><PstCd>8001</PstCd><TwnNm>Zürich</TwnNm><Ctry>CH</Ctry></PstlAdr><Id><OrgId><LEI>5493001KJTIIGC8Y1R12</LEI></OrgId></Id></Ownr>
                <Svcr><FinInstnId><BICFI>ZKBKCHZZ80A</BICFI></FinInstnId></Svcr>
              </Acct>
              <Bal><Tp><CdOrPrtry><Cd>OPBD</Cd></CdOrPrtry></Tp><Amt Ccy="EUR">1000.00</Amt><CdtDbtInd>CRDT</CdtDbtInd><Dt><Dt>2026-11-20</Dt></Dt></Bal>
              <Bal><Tp><CdOrPrtry><Cd>CLBD</Cd></CdOrPrtry></Tp><Amt Ccy="EUR">1123.45</Amt><CdtDbtInd>CRDT</CdtDbtInd><Dt><Dt>2026-11-20</Dt></Dt></Bal>
              <TxsSummry><TtlNtries><NbOfNtries>1</NbOfNtries><Sum>123.45</Sum></TtlNtries><TtlCdtNtries><NbOfNtries>1</NbOfNtries><Sum>123.45</Sum></TtlCdtNtries></TxsSummry>
              <Ntry>
                <NtryRef>1</NtryRef><Amt Ccy="EUR">123.45</Amt><CdtDbtInd>CRDT</CdtDbtInd><RvslInd>false</RvslInd><Sts><Cd>BOOK</Cd></Sts><BookgDt><Dt>2026-11-20</Dt></BookgDt><ValDt><Dt>2026-11-20</Dt></ValDt><AcctSvcrRef>ASR-1</AcctSvcrRef>
                <BkTxCd><Domn><Cd>PMNT</Cd><Fmly><Cd>RCDT</Cd><SubFmlyCd>ESCT</SubFmlyCd></Fmly></Domn></BkTxCd>
                <NtryDtls>
                  <Btch><NbOfTxs>1</NbOfTxs></Btch>
                  <TxDtls>
                    <Refs><EndToEndId>INV-4711</EndToEndId><UETR>8a562c67-ca16-48ba-b074-65581be6f001</UETR><MndtId>M-4711</MndtId></Refs><Amt Ccy="EUR">123.45</Amt><CdtDbtInd>CRDT</CdtDbtInd>
                    <RltdPties><Dbtr><Pty><Nm>Ana Pérez</Nm></Pty></Dbtr><DbtrAcct><Id><IBAN>ES9121000418450200051332</IBAN></Id></DbtrAcct></RltdPties><RltdAgts><DbtrAgt><FinInstnId><BICFI>CAIXESBB</BICFI></FinInstnId></DbtrAgt></RltdAgts>
                    <RmtInf><Ustrd>Invoice 4711</Ustrd></RmtInf>
                  </TxDtls>
                </NtryDtls>
                <AddtlNtryInf>SEPA</AddtlNtryInf>
              </Ntry>
              <AddtlStmtInf>Mandate of Ana Pérez renewed</AddtlStmtInf>
            </Stmt>
          </BkToCstmrStmt>
        </Document>
        """;

    /// <summary>The pack's example of Camt052Report, in XML.</summary>
    public const string Report = """
        <Document xmlns="urn:iso:std:iso:20022:tech:xsd:camt.052.001.08">
          <BkToCstmrAcctRpt>
            <GrpHdr><MsgId>MSG-4</MsgId><CreDtTm>2026-11-20T12:00:00</CreDtTm><AddtlInf>again</AddtlInf></GrpHdr>
            <Rpt>
              <Id>RP-1</Id><Acct><Id><Othr><Id>12-345678-9</Id><SchmeNm><Cd>BBAN</Cd></SchmeNm></Othr></Id></Acct>
              <Ntry><Amt Ccy="JPY">5</Amt><CdtDbtInd>DBIT</CdtDbtInd><Sts><Cd>PDNG</Cd></Sts><BkTxCd><Prtry><Cd>NTRF</Cd></Prtry></BkTxCd></Ntry>
              <AddtlRptInf>within the day</AddtlRptInf>
            </Rpt>
          </BkToCstmrAcctRpt>
        </Document>
        """;

    /// <summary>The oldest version, which has different names for banks and amounts.</summary>
    public const string Oldest = """
        <Document xmlns="urn:iso:std:iso:20022:tech:xsd:camt.053.001.02">
          <BkToCstmrStmt>
            <GrpHdr><MsgId>M</MsgId><CreDtTm>2012-01-31T20:00:00</CreDtTm></GrpHdr>
            <Stmt>
              <Id>S</Id><CreDtTm>2012-01-31T20:00:00</CreDtTm><Acct><Id><IBAN>CH9300762011623852957</IBAN></Id><Svcr><FinInstnId><BIC>ZKBKCHZZ80A</BIC></FinInstnId></Svcr></Acct>
              <Bal><Tp><CdOrPrtry><Cd>CLBD</Cd></CdOrPrtry></Tp><Amt Ccy="EUR">1</Amt><CdtDbtInd>DBIT</CdtDbtInd><Dt><DtTm>2012-01-31T00:00:00</DtTm></Dt></Bal>
              <TxsSummry><TtlNtries><TtlNetNtryAmt>2.5</TtlNetNtryAmt><CdtDbtInd>DBIT</CdtDbtInd></TtlNtries></TxsSummry>
              <Ntry>
                <Amt Ccy="EUR">2.5</Amt><CdtDbtInd>DBIT</CdtDbtInd><Sts>BOOK</Sts><BkTxCd/>
                <NtryDtls><TxDtls><AmtDtls><TxAmt><Amt Ccy="EUR">2.5</Amt></TxAmt></AmtDtls><RltdPties><Cdtr><Id><OrgId><BICOrBEI>CAIXESBB</BICOrBEI></OrgId></Id></Cdtr></RltdPties></TxDtls></NtryDtls>
              </Ntry>
            </Stmt>
          </BkToCstmrStmt>
        </Document>
        """;

    /// <summary>Two statements in one message.</summary>
    public const string Two = Start + Head + "</Stmt>" + "<Stmt><Id>ST-2</Id>" + AccountAndBalance + "</Stmt>" + End;

    /// <summary>The start of a message, up to its first statement.</summary>
    public const string Start =
        """<Document xmlns="urn:iso:std:iso:20022:tech:xsd:camt.053.001.08"><BkToCstmrStmt><GrpHdr><MsgId>MSG-5</MsgId><CreDtTm>2026-11-20T20:00:00</CreDtTm></GrpHdr>""";

    /// <summary>The start of a statement, up to its first entry.</summary>
    public const string Head = "<Stmt><Id>ST-1</Id>" + AccountAndBalance;

    /// <summary>The end of a message.</summary>
    public const string End = "</BkToCstmrStmt></Document>";

    private const string AccountAndBalance =
        """<Acct><Id><IBAN>CH9300762011623852957</IBAN></Id><Ownr><Nm>Ana</Nm></Ownr></Acct><Bal><Tp><CdOrPrtry><Cd>CLBD</Cd></CdOrPrtry></Tp><Amt Ccy="EUR">1.00</Amt><CdtDbtInd>CRDT</CdtDbtInd><Dt><Dt>2026-11-20</Dt></Dt></Bal>""";

    /// <summary>An entry.</summary>
    public static string Entry(string reference) =>
        $"""<Ntry><NtryRef>{reference}</NtryRef><Amt Ccy="EUR">1.50</Amt><CdtDbtInd>CRDT</CdtDbtInd><Sts><Cd>BOOK</Cd></Sts><BkTxCd><Prtry><Cd>NTRF</Cd></Prtry></BkTxCd><NtryDtls><TxDtls><RltdPties><Dbtr><Pty><Nm>Bob {reference}</Nm></Pty></Dbtr></RltdPties></TxDtls></NtryDtls></Ntry>""";

    /// <summary>A statement with entries numbered from 1.</summary>
    public static string Long(int entries) =>
        Start + Head + string.Concat(Enumerable.Range(1, entries).Select(number => Entry($"{number}")))
            + "<AddtlStmtInf>all</AddtlStmtInf></Stmt>" + End;
}

using System.Globalization;
using System.Text;

namespace Estream.Scenarios.Workloads;

/// <summary>The messages of `iso20022-parse`: pacs.008 in XML, as a bank writes it, with line ends and indentation.</summary>
internal static class PaymentMessages
{
    public const string Namespace = "urn:iso:std:iso:20022:tech:xsd:pacs.008.001.12";

    /// <summary>Returns a message with a number of transactions, of 100.00, 100.01, 100.02 and so on.</summary>
    public static byte[] CreditTransfer(int transactions)
    {
        StringBuilder text = new();
        text.Append(CultureInfo.InvariantCulture, $"""
            <?xml version="1.0" encoding="UTF-8"?>
            <Document xmlns="{Namespace}">
              <FIToFICstmrCdtTrf>
                <GrpHdr>
                  <MsgId>MSG-0001</MsgId>
                  <CreDtTm>2026-01-15T10:30:00</CreDtTm>
                  <NbOfTxs>{transactions}</NbOfTxs>
                  <SttlmInf><SttlmMtd>CLRG</SttlmMtd></SttlmInf>
                </GrpHdr>

            """);
        for (int i = 0; i < transactions; i++)
        {
            text.Append(CultureInfo.InvariantCulture, $"""
                    <CdtTrfTxInf>
                      <PmtId>
                        <EndToEndId>E2E-{i:D8}</EndToEndId>
                        <TxId>TX-{i:D8}</TxId>
                        <UETR>78193541-1232-4b82-902e-08fa42be1c46</UETR>
                      </PmtId>
                      <IntrBkSttlmAmt Ccy="EUR">{100 + (i / 100)}.{i % 100:D2}</IntrBkSttlmAmt>
                      <ChrgBr>SHAR</ChrgBr>
                      <Dbtr>
                        <Nm>Debtor &amp; Sons</Nm>
                        <PstlAdr><StrtNm>Bahnhofstrasse</StrtNm><BldgNb>1</BldgNb><PstCd>8001</PstCd><TwnNm>Zurich</TwnNm><Ctry>CH</Ctry></PstlAdr>
                      </Dbtr>
                      <DbtrAcct><Id><IBAN>CH9300762011623852957</IBAN></Id></DbtrAcct>
                      <DbtrAgt><FinInstnId><BICFI>DEUTDEFF</BICFI></FinInstnId></DbtrAgt>
                      <CdtrAgt><FinInstnId><BICFI>COBADEFF</BICFI></FinInstnId></CdtrAgt>
                      <Cdtr>
                        <Nm>Creditor Ltd</Nm>
                      </Cdtr>
                      <CdtrAcct><Id><IBAN>ES9121000418450200051332</IBAN></Id></CdtrAcct>
                      <RmtInf><Ustrd>Invoice {i:D8}</Ustrd></RmtInf>
                    </CdtTrfTxInf>

                """);
        }

        text.Append("  </FIToFICstmrCdtTrf>\n</Document>\n");
        return Encoding.UTF8.GetBytes(text.ToString());
    }
}

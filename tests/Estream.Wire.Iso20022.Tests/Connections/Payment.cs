namespace Estream.Wire.Iso20022.Tests.Connections;

/// <summary>Payments and their reports as XML.</summary>
internal static class Payment
{
    /// <summary>Returns a pacs.008.</summary>
    /// <param name="id">The MsgId.</param>
    /// <param name="endToEndIds">The EndToEndId of each payment; each also has an InstrId and a TxId made of it.</param>
    public static string Transfer(string id, params string[] endToEndIds)
    {
        string[] payments = endToEndIds.Length == 0 ? ["E-1"] : endToEndIds;
        string head = $"""
            <Document xmlns="urn:iso:std:iso:20022:tech:xsd:pacs.008.001.12"><FIToFICstmrCdtTrf><GrpHdr><MsgId>{id}</MsgId><CreDtTm>2026-01-15T10:30:00</CreDtTm><NbOfTxs>{payments.Length}</NbOfTxs><SttlmInf><SttlmMtd>CLRG</SttlmMtd></SttlmInf></GrpHdr>
            """;
        return head + string.Concat(payments.Select(One)) + "</FIToFICstmrCdtTrf></Document>";
    }

    /// <summary>Returns a pacs.002 about a whole message.</summary>
    public static string Report(string messageId, string status, string payments = "") => $"""
        <Document xmlns="urn:iso:std:iso:20022:tech:xsd:pacs.002.001.10"><FIToFIPmtStsRpt><GrpHdr><MsgId>R-{messageId}</MsgId><CreDtTm>2026-01-15T10:31:00</CreDtTm></GrpHdr><OrgnlGrpInfAndSts><OrgnlMsgId>{messageId}</OrgnlMsgId><OrgnlMsgNmId>pacs.008.001.12</OrgnlMsgNmId><GrpSts>{status}</GrpSts>{Reason(status)}</OrgnlGrpInfAndSts>{payments}</FIToFIPmtStsRpt></Document>
        """;

    /// <summary>Returns the part of a pacs.002 about one payment.</summary>
    public static string Status(string endToEndId, string status) =>
        $"<TxInfAndSts><OrgnlInstrId>I-{endToEndId}</OrgnlInstrId><OrgnlEndToEndId>{endToEndId}</OrgnlEndToEndId>"
        + $"<TxSts>{status}</TxSts>{Reason(status)}</TxInfAndSts>";

    /// <summary>Returns a pacs.002 that names no message, only the TxId of a payment.</summary>
    public static string ReportByTransaction(string transactionId, string status) => $"""
        <Document xmlns="urn:iso:std:iso:20022:tech:xsd:pacs.002.001.10"><FIToFIPmtStsRpt><GrpHdr><MsgId>R-1</MsgId><CreDtTm>2026-01-15T10:31:00</CreDtTm></GrpHdr><TxInfAndSts><OrgnlTxId>{transactionId}</OrgnlTxId><TxSts>{status}</TxSts></TxInfAndSts></FIToFIPmtStsRpt></Document>
        """;

    /// <summary>Returns an admi.002.</summary>
    public static string Reject(string reference) => $"""
        <Document xmlns="urn:iso:std:iso:20022:tech:xsd:admi.002.001.01"><admi.002.001.01><RltdRef><Ref>{reference}</Ref></RltdRef><Rsn><RjctgPtyRsn>SYS</RjctgPtyRsn><RsnDesc>duplicate message</RsnDesc></Rsn></admi.002.001.01></Document>
        """;

    /// <summary>Returns the MsgId of a message.</summary>
    public static string IdOf(string message) => message.Split("<MsgId>")[1].Split("</MsgId>")[0];

    private static string One(string id) =>
        $"<CdtTrfTxInf><PmtId><InstrId>I-{id}</InstrId><EndToEndId>{id}</EndToEndId><TxId>T-{id}</TxId></PmtId>"
        + "<IntrBkSttlmAmt Ccy=\"EUR\">1000.00</IntrBkSttlmAmt><ChrgBr>SHAR</ChrgBr><Dbtr><Nm>Ana Perez</Nm></Dbtr><DbtrAgt>"
        + "<FinInstnId><BICFI>DEUTDEFF</BICFI></FinInstnId></DbtrAgt><CdtrAgt><FinInstnId><BICFI>COBADEFF</BICFI></FinInstnId>"
        + "</CdtrAgt><Cdtr><Nm>B</Nm></Cdtr></CdtTrfTxInf>";

    private static string Reason(string status) => status == "RJCT" ? "<StsRsnInf><Rsn><Cd>AC04</Cd></Rsn></StsRsnInf>" : "";
}

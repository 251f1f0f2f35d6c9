using System.Text.Json;

namespace Estream.Host.Tests.Process;

/// <summary>A bank message as a file, and the stored message.</summary>
internal static class PaymentFile
{
    /// <summary>A credit transfer (pacs.008) with this MsgId.</summary>
    public static string Transfer(string id) => $"""
        <Document xmlns="urn:iso:std:iso:20022:tech:xsd:pacs.008.001.12"><FIToFICstmrCdtTrf><GrpHdr><MsgId>{id}</MsgId><CreDtTm>2026-01-15T10:30:00</CreDtTm><NbOfTxs>1</NbOfTxs><SttlmInf><SttlmMtd>CLRG</SttlmMtd></SttlmInf></GrpHdr><CdtTrfTxInf><PmtId><EndToEndId>E-1</EndToEndId></PmtId><IntrBkSttlmAmt Ccy="EUR">1000.00</IntrBkSttlmAmt><ChrgBr>SHAR</ChrgBr><Dbtr><Nm>A</Nm></Dbtr><DbtrAgt><FinInstnId><BICFI>DEUTDEFF</BICFI></FinInstnId></DbtrAgt><CdtrAgt><FinInstnId><BICFI>COBADEFF</BICFI></FinInstnId></CdtrAgt><Cdtr><Nm>B</Nm></Cdtr></CdtTrfTxInf></FIToFICstmrCdtTrf></Document>
        """;

    /// <summary>The MsgId of a stored message, given as JSON.</summary>
    public static string IdOf(string message)
    {
        using JsonDocument document = JsonDocument.Parse(message);
        return document.RootElement.GetProperty("message_id").GetString()!;
    }
}

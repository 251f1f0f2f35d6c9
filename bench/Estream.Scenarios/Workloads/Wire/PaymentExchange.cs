using System.Buffers.Binary;
using System.Buffers.Text;
using System.Text;
using Estream.Scenarios.Harness;

namespace Estream.Scenarios.Workloads;

/// <summary>The messages of `iso20022-client`: payments with numbered ids of one length, and the report of the bank.</summary>
internal static class PaymentExchange
{
    /// <summary>The maximum length of a frame.</summary>
    public const int MaxBytes = 64 * 1024;

    private const int IdLength = 12;
    private const int DigitsAt = 4;

    private static ReadOnlySpan<byte> IdMark => "<MsgId>"u8;

    private static ReadOnlySpan<byte> OriginalIdMark => "<OrgnlMsgId>"u8;

    /// <summary>Returns the messages of a round.</summary>
    public static int Payments(RunSize size) => (int)size.Of(5_000, 50);

    /// <summary>A pacs.008 with one transaction.</summary>
    public static byte[] Transfer() =>
        Encoding.UTF8.GetBytes(Encoding.UTF8.GetString(PaymentMessages.CreditTransfer(1)).Replace(
            "MSG-0001", "MSG-00000000", StringComparison.Ordinal));

    /// <summary>A pacs.002 that settles a message.</summary>
    public static byte[] Report() =>
        """<Document xmlns="urn:iso:std:iso:20022:tech:xsd:pacs.002.001.10"><FIToFIPmtStsRpt><GrpHdr><MsgId>R-00000000</MsgId><CreDtTm>2026-01-15T10:31:00</CreDtTm></GrpHdr><OrgnlGrpInfAndSts><OrgnlMsgId>MSG-00000000</OrgnlMsgId><OrgnlMsgNmId>pacs.008.001.12</OrgnlMsgNmId><GrpSts>ACSC</GrpSts></OrgnlGrpInfAndSts></FIToFIPmtStsRpt></Document>"""u8
            .ToArray();

    /// <summary>Returns a message with its length in four bytes, big-endian.</summary>
    public static byte[] Frame(byte[] message)
    {
        byte[] frame = new byte[sizeof(uint) + message.Length];
        BinaryPrimitives.WriteUInt32BigEndian(frame, (uint)message.Length);
        message.CopyTo(frame, sizeof(uint));
        return frame;
    }

    /// <summary>The id of a message.</summary>
    public static ReadOnlySpan<byte> IdOf(ReadOnlySpan<byte> message) => message.Slice(message.IndexOf(IdMark) + IdMark.Length, IdLength);

    /// <summary>The id of the message that a report is about.</summary>
    public static Span<byte> OriginalIdIn(Span<byte> report) =>
        report.Slice(report.IndexOf(OriginalIdMark) + OriginalIdMark.Length, IdLength);

    /// <summary>Numbers a payment: its MsgId becomes MSG- and eight digits.</summary>
    public static void Number(Span<byte> message, int number)
    {
        Span<byte> digits = message.Slice(message.IndexOf(IdMark) + IdMark.Length + DigitsAt, IdLength - DigitsAt);
        Utf8Formatter.TryFormat(number, digits, out _, new System.Buffers.StandardFormat('D', (byte)(IdLength - DigitsAt)));
    }
}

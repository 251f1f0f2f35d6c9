using System.Globalization;
using System.Text;

namespace Estream.Scenarios.Workloads;

/// <summary>Encodes messages of FIX 4.4 from a counterparty to the acceptor VENUE.</summary>
internal static class FixMessages
{
    /// <summary>Encodes a message with length and checksum.</summary>
    /// <param name="msgType">The MsgType.</param>
    /// <param name="number">The MsgSeqNum.</param>
    /// <param name="fields">The fields after the header, each followed by <c>|</c>.</param>
    /// <param name="sender">The counterparty.</param>
    public static byte[] Encode(string msgType, long number, string fields, string sender = "DESK")
    {
        string time = DateTime.UtcNow.ToString("yyyyMMdd-HH:mm:ss.fff", CultureInfo.InvariantCulture);
        string body = string.Create(CultureInfo.InvariantCulture, $"35={msgType}|34={number}|49={sender}|52={time}|56=VENUE|{fields}");
        byte[] start = Encoding.ASCII.GetBytes(string.Create(CultureInfo.InvariantCulture, $"8=FIX.4.4|9={body.Length}|{body}")
            .Replace('|', '\u0001'));
        int sum = start.Sum(value => value) & 0xFF;
        return [.. start, .. Encoding.ASCII.GetBytes(string.Create(CultureInfo.InvariantCulture, $"10={sum:000}\u0001"))];
    }
}

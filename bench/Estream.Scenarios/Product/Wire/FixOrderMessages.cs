using System.Globalization;
using System.Text;

namespace Estream.Scenarios.Product;

/// <summary>The messages of `fix-parse`: limit orders of FIX 4.4 with 17 fields, with varying ids, instruments, quantities
/// and prices.</summary>
internal static class FixOrderMessages
{
    /// <summary>The number of messages, a power of two.</summary>
    public const int Count = 256;

    /// <summary>Creates the messages.</summary>
    public static byte[][] Create() => [.. Enumerable.Range(0, Count).Select(Message)];

    private static byte[] Message(int number)
    {
        string fields = string.Create(
            CultureInfo.InvariantCulture,
            $"35=D|34={number + 1}|49=DESK|52=20260707-12:30:00.123|56=VENUE"
            + $"|11=order-{number:00000}|21=1|55=SYM{number % 100:00}|54={1 + (number % 2)}"
            + $"|60=20260707-12:30:00.123|38={100 * (number + 1)}|40=2|44={100 + number}.{25 * (number % 4):00}|59=0|");
        byte[] body = Encoding.ASCII.GetBytes(fields.Replace('|', '\u0001'));
        byte[] whole =
            [.. Encoding.ASCII.GetBytes(string.Create(CultureInfo.InvariantCulture, $"8=FIX.4.4\u00019={body.Length}\u0001")), .. body];
        int sum = whole.Sum(value => value) & 0xFF;
        return [.. whole, .. Encoding.ASCII.GetBytes(string.Create(CultureInfo.InvariantCulture, $"10={sum:000}\u0001"))];
    }
}

using System.Globalization;

namespace Estream.Scenarios.Workloads;

/// <summary>The messages of `fix-roundtrip`: a Logon, and the orders of a round one after the other, numbered and with checksums before the
/// round starts.</summary>
internal sealed class FixOrders(int count)
{
    private readonly MemoryStream _bytes = new();

    // The offset at which each order ends.
    private readonly int[] _ends = new int[count];

    /// <summary>The number of orders of a round.</summary>
    public int Count => _ends.Length;

    /// <summary>Returns the first message: without heartbeats, so that the acceptor only sends reports.</summary>
    public static byte[] Logon(long number) => FixMessages.Encode("A", number, "98=0|108=0|");

    public static byte[] Logout(long number) => FixMessages.Encode("5", number, "");

    /// <summary>Encodes a round; <paramref name="first"/> is the MsgSeqNum of the first order.</summary>
    public void Encode(long first)
    {
        _bytes.SetLength(0);
        for (int order = 0; order < _ends.Length; order++)
        {
            string fields = string.Create(
                CultureInfo.InvariantCulture,
                $"11=o{order}|21=1|38={100 + (order % 900)}|40=2|44=1.{order % 100:00}|54=1|55=EURUSD|59=0|60=20260707-12:30:00.000|");
            _bytes.Write(FixMessages.Encode("D", first + order, fields));
            _ends[order] = (int)_bytes.Length;
        }
    }

    /// <summary>Returns the given number of orders of the round.</summary>
    public ReadOnlySpan<byte> Of(int first, int orders)
    {
        int start = first == 0 ? 0 : _ends[first - 1];
        return _bytes.GetBuffer().AsSpan(start, _ends[first + orders - 1] - start);
    }
}

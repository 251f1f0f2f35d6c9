using System.Buffers.Text;

namespace Estream.Wire.Fix.Orders;

/// <summary>The names of orders as keys: the tag, an equals sign, and the id.</summary>
internal static class FixOrderName
{
    /// <summary>The maximum length of a name in bytes.</summary>
    public const int MaxLength = 3 + MaxId;

    public const int ClientOrderId = 11;
    public const int OrderId = 37;

    private const int MaxId = 64;

    /// <summary>Whether an OrderID names an order. Reports of orders that the venue does not know have a placeholder.</summary>
    public static bool IsOrderId(ReadOnlySpan<byte> orderId)
    {
        return !orderId.IsEmpty && !orderId.SequenceEqual("NONE"u8) && !orderId.SequenceEqual("0"u8) && !orderId.SequenceEqual("N/A"u8)
            && !orderId.SequenceEqual("UNKNOWN"u8);
    }

    /// <summary>Writes a name.</summary>
    /// <returns>The number of bytes written; 0 if the id is empty or too long.</returns>
    public static int Write(int tag, ReadOnlySpan<byte> id, Span<byte> destination)
    {
        if (id.IsEmpty || id.Length > MaxId)
        {
            return 0;
        }

        Utf8Formatter.TryFormat(tag, destination, out int written);
        destination[written] = (byte)'=';
        id.CopyTo(destination[(written + 1)..]);
        return written + 1 + id.Length;
    }
}

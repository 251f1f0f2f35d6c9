using System.Buffers.Binary;
using Estream.Wire.Fix.Translation;

namespace Estream.Wire.Fix.Internal;

/// <summary>What a journal keeps of an order that came in: its name in ESF and in FIX, and how much was asked for. Who submitted it is not in it.</summary>
internal readonly record struct FixOrderNote(FixId Id, byte[] ClientOrderId, ulong Quantity)
{
    private const int MaxClientOrderId = 64;
    private const byte Version = 1;
    private const int QuantityPlace = 1 + FixIdText.Length;
    private const int ClientOrderIdPlace = QuantityPlace + sizeof(ulong);

    /// <summary>Reads an order that came in; false for one that its translation refuses as well, or of which nothing can be filled.</summary>
    public static bool TryOf(in FixMessage order, int quantityDecimals, out FixOrderNote note)
    {
        note = default;
        Span<byte> id = stackalloc byte[FixIdText.Length];
        if (!order.Fields.TryGet(FixTags.ClOrdId, out ReadOnlySpan<byte> clientOrderId) || clientOrderId.Length > MaxClientOrderId
            || !FixIdText.TryRead(order.Fields.TryGet(FixTags.SecondaryClOrdId, out ReadOnlySpan<byte> second) ? second : clientOrderId, id)
            || !order.Fields.TryGetFixed(FixTags.OrderQty, quantityDecimals, out long quantity) || quantity <= 0)
        {
            return false;
        }

        note = new FixOrderNote(FixId.Of(id), clientOrderId.ToArray(), (ulong)quantity);
        return true;
    }

    /// <summary>Reads what <see cref="ToBytes"/> has written; false for a note of something else.</summary>
    public static bool TryRead(ReadOnlySpan<byte> bytes, out FixOrderNote note)
    {
        bool isOne = bytes.Length > ClientOrderIdPlace && bytes[0] == Version;
        note = isOne
            ? new FixOrderNote(
                FixId.Of(bytes[1..]), bytes[ClientOrderIdPlace..].ToArray(), BinaryPrimitives.ReadUInt64LittleEndian(bytes[QuantityPlace..]))
            : default;
        return isOne;
    }

    public byte[] ToBytes()
    {
        byte[] bytes = new byte[ClientOrderIdPlace + ClientOrderId.Length];
        bytes[0] = Version;
        Id.Write(bytes.AsSpan(1));
        BinaryPrimitives.WriteUInt64LittleEndian(bytes.AsSpan(QuantityPlace), Quantity);
        ClientOrderId.CopyTo(bytes, ClientOrderIdPlace);
        return bytes;
    }
}

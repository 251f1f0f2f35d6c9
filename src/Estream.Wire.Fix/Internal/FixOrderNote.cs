using System.Buffers.Binary;
using Estream.Trading;
using Estream.Wire.Fix.Translation;

namespace Estream.Wire.Fix.Internal;

/// <summary>What a journal keeps of an order that came in: its name in ESF and in FIX, and how much was asked for. Who submitted it is not in it.</summary>
internal readonly record struct FixOrderNote(FixId Id, byte[] ClientOrderId, ulong Quantity)
{
    private const byte Version = 1;
    private const int QuantityPlace = 1 + FixIdText.Length;
    private const int ClientOrderIdPlace = QuantityPlace + sizeof(ulong);

    public static FixOrderNote Of(EStreamOrder.View order)
    {
        return new FixOrderNote(FixId.Of(order.OrderId), order.ClientOrderId.ToArray(), order.Quantity);
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

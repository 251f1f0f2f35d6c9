using System.Buffers.Binary;
using Estream.Trading;
using Estream.Wire.Fix.Codec;
using Estream.Wire.Fix.Translation;

namespace Estream.Wire.Fix.Internal;

/// <summary>What a journal keeps of an order that came in: its name in ESF and in FIX, and how much was asked for. Who submitted it is not
/// in it.</summary>
/// <param name="Id">Its name in ESF.</param>
/// <param name="ClientOrderId">ClOrdID (11).</param>
/// <param name="Quantity">In base units.</param>
/// <param name="QuantityDecimals">How many of its digits stand behind the point.</param>
internal readonly record struct FixOrderNote(FixId Id, byte[] ClientOrderId, ulong Quantity, int QuantityDecimals)
{
    // It did not say what a base unit is.
    private const byte FirstVersion = 1;

    private const byte Version = 2;
    private const int QuantityPlace = 1 + FixIdText.Length;
    private const int DecimalsPlace = QuantityPlace + sizeof(ulong);
    private const int ClientOrderIdPlace = DecimalsPlace + 1;

    public static FixOrderNote Of(EStreamOrder.View order, int quantityDecimals)
    {
        return new FixOrderNote(FixId.Of(order.OrderId), order.ClientOrderId.ToArray(), order.Quantity, quantityDecimals);
    }

    /// <summary>Reads what <see cref="ToBytes"/> has written; false for a note of something else.</summary>
    /// <param name="bytes">The note.</param>
    /// <param name="quantityDecimals">Those of a note that does not say them.</param>
    /// <param name="note">The order.</param>
    public static bool TryRead(ReadOnlySpan<byte> bytes, int quantityDecimals, out FixOrderNote note)
    {
        note = default;
        bool isFirst = !bytes.IsEmpty && bytes[0] == FirstVersion;
        int place = isFirst ? DecimalsPlace : ClientOrderIdPlace;
        if (bytes.Length <= place || bytes[0] is not (FirstVersion or Version))
        {
            return false;
        }

        int decimals = isFirst ? quantityDecimals : bytes[DecimalsPlace];
        note = new FixOrderNote(FixId.Of(bytes[1..]), bytes[place..].ToArray(),
            BinaryPrimitives.ReadUInt64LittleEndian(bytes[QuantityPlace..]), decimals);
        return decimals <= FixText.MaxDecimals;
    }

    /// <summary>The same order, in other base units; false where they cannot say its quantity.</summary>
    public bool TryScale(int decimals, out FixOrderNote scaled)
    {
        ulong factor = 1;
        for (int places = Math.Abs(decimals - QuantityDecimals); places > 0; places--)
        {
            factor *= 10;
        }

        bool isFiner = decimals >= QuantityDecimals;
        UInt128 quantity = isFiner ? (UInt128)Quantity * factor : Quantity / factor;
        bool isExact = quantity <= ulong.MaxValue && (isFiner || Quantity % factor == 0);
        scaled = isExact ? this with { Quantity = (ulong)quantity, QuantityDecimals = decimals } : default;
        return isExact;
    }

    public byte[] ToBytes()
    {
        byte[] bytes = new byte[ClientOrderIdPlace + ClientOrderId.Length];
        bytes[0] = Version;
        Id.Write(bytes.AsSpan(1));
        BinaryPrimitives.WriteUInt64LittleEndian(bytes.AsSpan(QuantityPlace), Quantity);
        bytes[DecimalsPlace] = (byte)QuantityDecimals;
        ClientOrderId.CopyTo(bytes, ClientOrderIdPlace);
        return bytes;
    }
}

/// <summary>The 32 bytes that name an order or a fill.</summary>
internal readonly record struct FixId(UInt128 Low, UInt128 High)
{
    private const int HalfBytes = FixIdText.Length / 2;

    public static FixId Of(ReadOnlySpan<byte> id)
    {
        return new FixId(BinaryPrimitives.ReadUInt128LittleEndian(id), BinaryPrimitives.ReadUInt128LittleEndian(id[HalfBytes..]));
    }

    public void Write(Span<byte> destination)
    {
        BinaryPrimitives.WriteUInt128LittleEndian(destination, Low);
        BinaryPrimitives.WriteUInt128LittleEndian(destination[HalfBytes..], High);
    }
}

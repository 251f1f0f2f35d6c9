using System.Buffers.Binary;
using Estream.Fix;
using Estream.Trading;
using Estream.Wire.Fix.Codec;
using Estream.Wire.Fix.Translation;

namespace Estream.Wire.Fix.Internal;

/// <summary>The journal note of a received order: its ids in ESF and FIX, and its quantity. The submitter is not included.</summary>
/// <param name="Id">The order id in ESF.</param>
/// <param name="ClientOrderId">ClOrdID (11).</param>
/// <param name="Quantity">The quantity in base units.</param>
/// <param name="QuantityDecimals">The number of decimal places of the quantity.</param>
internal readonly record struct FixOrderNote(FixId Id, byte[] ClientOrderId, ulong Quantity, int QuantityDecimals)
{
    // Notes of this version do not state the decimals of the quantity.
    private const byte FirstVersion = 1;

    private const byte Version = 2;
    private const int QuantityPlace = 1 + FixIdText.Length;
    private const int DecimalsPlace = QuantityPlace + sizeof(ulong);
    private const int ClientOrderIdPlace = DecimalsPlace + 1;

    public static FixOrderNote Of(EStreamOrder.View order, int quantityDecimals)
    {
        return new FixOrderNote(FixId.Of(order.OrderId), order.ClientOrderId.ToArray(), order.Quantity, quantityDecimals);
    }

    /// <summary>Creates the note of an order; false if the order has no quantity, or its id does not fit 32 bytes.</summary>
    public static bool TryOf(FixNewOrderSingle.View order, int quantityDecimals, out FixOrderNote note)
    {
        Span<byte> id = stackalloc byte[FixIdText.Length];
        bool isNoted = order.Quantity is > 0
            && FixIdText.TryRead(order.HasSecondaryClientOrderId ? order.SecondaryClientOrderId : order.ClientOrderId, id);
        note = isNoted ? new FixOrderNote(FixId.Of(id), order.ClientOrderId.ToArray(), order.Quantity!.Value, quantityDecimals) : default;
        return isNoted;
    }

    /// <summary>Reads a note written by <see cref="ToBytes"/>; false for other notes.</summary>
    /// <param name="bytes">The note.</param>
    /// <param name="quantityDecimals">The decimals to assume for a note that does not state them.</param>
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

    /// <summary>Converts the quantity to other decimals; false if the result would not be exact or does not fit.</summary>
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

/// <summary>The 32-byte id of an order or a fill.</summary>
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

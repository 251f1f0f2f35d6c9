using System.Buffers.Binary;
using Estream.Wire.Fix.Translation;

namespace Estream.Wire.Fix.Internal;

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

using System.Buffers.Binary;

namespace Estream.Fpga.Internal;

/// <summary>
/// The fingerprint that a card stores in place of a key or a value of any length: 16 bytes for a key, 8 for a value. Collisions of keys are
/// harmless, because the host's map has the full keys and is authoritative.
/// </summary>
internal readonly record struct KeyPrint(ulong Low, ulong High)
{
    private const ulong First = 0x9E37_79B9_7F4A_7C15;
    private const ulong Second = 0xC2B2_AE3D_27D4_EB4F;

    public static KeyPrint Of(ulong seed, ReadOnlySpan<byte> bytes)
    {
        ulong low = Fold(seed ^ First, (ulong)bytes.Length + Second);
        ulong high = Fold(seed + Second, (ulong)bytes.Length ^ First);
        for (; bytes.Length >= sizeof(ulong); bytes = bytes[sizeof(ulong)..])
        {
            ulong word = BinaryPrimitives.ReadUInt64LittleEndian(bytes);
            low = Fold(low ^ word, First);
            high = Fold(high + word, Second);
        }

        ulong rest = 0;
        for (int i = 0; i < bytes.Length; i++)
        {
            rest |= (ulong)bytes[i] << (8 * i);
        }

        low = Fold(low ^ rest, Second);
        high = Fold(high + rest, First);
        return new KeyPrint(low ^ (high << 1), high ^ Fold(low | 1, Second));
    }

    private static ulong Fold(ulong one, ulong other)
    {
        ulong high = Math.BigMul(one, other, out ulong low);
        return high ^ low ^ one;
    }
}

using System.Buffers.Binary;
using System.Runtime.CompilerServices;

namespace Estream.Crypto.Internal;

/// <summary>Comparing and choosing without a branch: the outcome is a mask, never a condition.</summary>
internal static class ConstantTime
{
    /// <summary>All bits where two blocks of bytes are equal, none where they are not.</summary>
    /// <param name="a">A multiple of eight bytes.</param>
    /// <param name="b">As many.</param>
    [MethodImpl(MethodImplOptions.NoInlining)]
    public static ulong EqualMask(ReadOnlySpan<byte> a, ReadOnlySpan<byte> b)
    {
        ulong difference = 0;
        for (int at = 0; at < a.Length; at += sizeof(ulong))
        {
            difference |= BinaryPrimitives.ReadUInt64LittleEndian(a[at..]) ^ BinaryPrimitives.ReadUInt64LittleEndian(b[at..]);
        }

        // The sign of x | -x is set unless x is zero.
        return ((difference | (0 - difference)) >> 63) - 1;
    }

    /// <summary>The first block where the mask is set, the second where it is not.</summary>
    /// <param name="mask">All bits or none.</param>
    /// <param name="first">At least as long as the destination.</param>
    /// <param name="second">At least as long as the destination.</param>
    /// <param name="destination">A multiple of eight bytes.</param>
    [MethodImpl(MethodImplOptions.NoInlining)]
    public static void Select(ulong mask, ReadOnlySpan<byte> first, ReadOnlySpan<byte> second, Span<byte> destination)
    {
        for (int at = 0; at < destination.Length; at += sizeof(ulong))
        {
            ulong chosen = (BinaryPrimitives.ReadUInt64LittleEndian(first[at..]) & mask)
                | (BinaryPrimitives.ReadUInt64LittleEndian(second[at..]) & ~mask);
            BinaryPrimitives.WriteUInt64LittleEndian(destination[at..], chosen);
        }
    }
}

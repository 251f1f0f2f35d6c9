using System.Buffers.Binary;
using System.Runtime.CompilerServices;

namespace Estream.Crypto.Internal;

/// <summary>Compares and selects without branches: the result of a comparison is a mask, never a condition.</summary>
internal static class ConstantTime
{
    /// <summary>Returns all bits set if two blocks of bytes are equal, otherwise zero.</summary>
    /// <param name="a">The first block; its length is a multiple of eight bytes.</param>
    /// <param name="b">The second block, of the same length.</param>
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

    /// <summary>Copies the first block if the mask is set, the second if the mask is zero.</summary>
    /// <param name="mask">All bits set, or zero.</param>
    /// <param name="first">At least as long as the destination.</param>
    /// <param name="second">At least as long as the destination.</param>
    /// <param name="destination">Receives the selected block; its length is a multiple of eight bytes.</param>
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

using System.Buffers.Binary;
using System.Runtime.CompilerServices;

namespace Estream.Crypto.Internal.MlDsa;

/// <summary>Numbers of a few bits one behind the other, the lowest bit first (FIPS 204, algorithms 16 to 19).</summary>
/// <remarks>Branches depend on places alone, never on the numbers.</remarks>
internal static class BitPacking
{
    private const int WordBits = 32;

    /// <summary>Writes numbers.</summary>
    /// <param name="values">32 or a multiple, none with more bits.</param>
    /// <param name="bits">Bits of each, at most 32.</param>
    /// <param name="packed">Becomes all of them.</param>
    [MethodImpl(MethodImplOptions.AggressiveOptimization | MethodImplOptions.NoInlining)]
    public static void Pack(ReadOnlySpan<int> values, int bits, Span<byte> packed)
    {
        ulong word = 0;
        int used = 0, at = 0;
        foreach (int value in values)
        {
            word |= (ulong)(uint)value << used;
            used += bits;
            if (used >= WordBits)
            {
                BinaryPrimitives.WriteUInt32LittleEndian(packed[at..], (uint)word);
                word >>= WordBits;
                used -= WordBits;
                at += sizeof(uint);
            }
        }
    }

    /// <summary>Reads numbers.</summary>
    /// <param name="packed">All of them.</param>
    /// <param name="bits">Bits of each, at most 32.</param>
    /// <param name="values">32 or a multiple.</param>
    [MethodImpl(MethodImplOptions.AggressiveOptimization | MethodImplOptions.NoInlining)]
    public static void Unpack(ReadOnlySpan<byte> packed, int bits, Span<int> values)
    {
        ulong word = 0, mask = (1UL << bits) - 1;
        int left = 0, at = 0;
        for (int i = 0; i < values.Length; i++)
        {
            if (left < bits)
            {
                word |= (ulong)BinaryPrimitives.ReadUInt32LittleEndian(packed[at..]) << left;
                left += WordBits;
                at += sizeof(uint);
            }

            values[i] = (int)(word & mask);
            word >>= bits;
            left -= bits;
        }
    }

    /// <summary>Writes numbers that are bytes, in four or six bits.</summary>
    /// <param name="values">Eight or a multiple.</param>
    /// <param name="bits">4 or 6.</param>
    /// <param name="packed">Becomes all of them.</param>
    [MethodImpl(MethodImplOptions.AggressiveOptimization | MethodImplOptions.NoInlining)]
    public static void PackBytes(ReadOnlySpan<byte> values, int bits, Span<byte> packed)
    {
        for (int at = 0, to = 0; at < values.Length; at += sizeof(ulong), to += bits)
        {
            // The second of two moves down to the first, and so do the second pair and the second four.
            ulong word = BinaryPrimitives.ReadUInt64LittleEndian(values[at..]);
            word = (word & 0x00FF_00FF_00FF_00FF) | ((word & 0xFF00_FF00_FF00_FF00) >> (8 - bits));
            word = (word & 0x0000_FFFF_0000_FFFF) | ((word & 0xFFFF_0000_FFFF_0000) >> (16 - (2 * bits)));
            word = (word & 0x0000_0000_FFFF_FFFF) | ((word & 0xFFFF_FFFF_0000_0000) >> (32 - (4 * bits)));
            BinaryPrimitives.WriteUInt32LittleEndian(packed[to..], (uint)word);
            if (bits == 6)
            {
                BinaryPrimitives.WriteUInt16LittleEndian(packed[(to + 4)..], (ushort)(word >> 32));
            }
        }
    }
}

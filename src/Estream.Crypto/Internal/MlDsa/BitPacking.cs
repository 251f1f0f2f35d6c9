using System.Buffers.Binary;

namespace Estream.Crypto.Internal.MlDsa;

/// <summary>Packs numbers of a few bits consecutively, lowest bit first (FIPS 204, algorithms 16 to 19).</summary>
/// <remarks>Branches depend only on positions, never on the numbers.</remarks>
internal static class BitPacking
{
    private const int WordBits = 32;

    /// <summary>Packs numbers.</summary>
    /// <param name="values">The numbers; their count is a multiple of 32, and each fits in <paramref name="bits"/> bits.</param>
    /// <param name="bits">The number of bits of each, at most 32.</param>
    /// <param name="packed">Receives the packed numbers.</param>
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

    /// <summary>Unpacks numbers.</summary>
    /// <param name="packed">The packed numbers.</param>
    /// <param name="bits">The number of bits of each, at most 32.</param>
    /// <param name="values">Receives the numbers; their count is a multiple of 32.</param>
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

    /// <summary>Packs numbers that are stored as bytes into four or six bits each.</summary>
    /// <param name="values">The numbers; their count is a multiple of eight.</param>
    /// <param name="bits">4 or 6.</param>
    /// <param name="packed">Receives the packed numbers.</param>
    public static void PackBytes(ReadOnlySpan<byte> values, int bits, Span<byte> packed)
    {
        for (int at = 0, to = 0; at < values.Length; at += sizeof(ulong), to += bits)
        {
            // Shifts the second value of each pair down to the first, then the second pair of each four, then the second four.
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

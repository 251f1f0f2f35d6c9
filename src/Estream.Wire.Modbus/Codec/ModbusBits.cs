using System.Buffers.Binary;

namespace Estream.Wire.Modbus;

/// <summary>Coils as packed bits, first coil in the lowest bit, and registers as big-endian words.</summary>
public static class ModbusBits
{
    /// <summary>The bytes of this many coils.</summary>
    public static int ByteCount(int bits) => (bits + 7) / 8;

    /// <summary>Reads a coil.</summary>
    public static bool Get(ReadOnlySpan<byte> packed, int index) => (packed[index >> 3] & (1 << (index & 7))) != 0;

    /// <summary>Unpacks coils.</summary>
    /// <param name="packed">The packed coils.</param>
    /// <param name="bits">Receives the coils; its length is their number.</param>
    public static void Unpack(ReadOnlySpan<byte> packed, Span<bool> bits)
    {
        for (int index = 0; index < bits.Length; index++)
        {
            bits[index] = Get(packed, index);
        }
    }

    /// <summary>Packs coils. Unused bits are 0.</summary>
    /// <param name="bits">The coils.</param>
    /// <param name="packed">Receives at least <see cref="ByteCount"/> bytes.</param>
    public static void Pack(ReadOnlySpan<bool> bits, Span<byte> packed)
    {
        packed[..ByteCount(bits.Length)].Clear();
        for (int index = 0; index < bits.Length; index++)
        {
            if (bits[index])
            {
                packed[index >> 3] |= (byte)(1 << (index & 7));
            }
        }
    }

    /// <summary>Reads registers.</summary>
    public static void Read(ReadOnlySpan<byte> words, Span<ushort> registers)
    {
        for (int index = 0; index < registers.Length; index++)
        {
            registers[index] = BinaryPrimitives.ReadUInt16BigEndian(words[(2 * index)..]);
        }
    }

    /// <summary>Writes registers.</summary>
    public static void Write(ReadOnlySpan<ushort> registers, Span<byte> words)
    {
        for (int index = 0; index < registers.Length; index++)
        {
            BinaryPrimitives.WriteUInt16BigEndian(words[(2 * index)..], registers[index]);
        }
    }
}

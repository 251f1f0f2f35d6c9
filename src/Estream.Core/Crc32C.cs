using System.Numerics;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Runtime.Intrinsics.X86;

namespace Estream.Core;

/// <summary>
/// CRC-32C (Castagnoli, RFC 3720 appendix B.4), with the instruction of the processor (SSE 4.2, ARMv8 CRC) or a table. About eight bytes in
/// three cycles. Detects damage, not forgery. Thread-safe.
/// </summary>
public static class Crc32C
{
    /// <summary>The checksum of a block: 0 for an empty one, 0xE3069283 for the ASCII digits 1 to 9.</summary>
    public static uint Compute(ReadOnlySpan<byte> data) => Append(0, data);

    /// <summary>Continues a checksum over the eight little-endian bytes of a number.</summary>
    /// <param name="checksum">The checksum so far, 0 at the start.</param>
    /// <param name="word">The number.</param>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static uint Append(uint checksum, long word) => ~BitOperations.Crc32C(~checksum, (ulong)word);

    /// <summary>Continues a checksum: <c>Append(Compute(a), b)</c> is the checksum of a followed by b.</summary>
    /// <param name="checksum">The checksum so far, 0 at the start.</param>
    /// <param name="data">The bytes that follow.</param>
    public static uint Append(uint checksum, ReadOnlySpan<byte> data) =>
        // SAFETY: the span has these bytes; unaligned reads are allowed.
        Append(checksum, ref MemoryMarshal.GetReference(data), (uint)data.Length);

    /// <summary>As <see cref="Append(uint, ReadOnlySpan{byte})"/>; the caller has checked that the bytes are there.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    internal static uint Append(uint checksum, ref byte start, nuint length)
    {
        ulong crc = ~checksum;
        nuint at = 0;

        // SAFETY: every read ends at or before the length by the loops' own conditions; unaligned reads are allowed.
        for (; at + (4 * sizeof(ulong)) <= length; at += 4 * sizeof(ulong))
        {
            crc = AppendWord(crc, ref start, at);
            crc = AppendWord(crc, ref start, at + 8);
            crc = AppendWord(crc, ref start, at + 16);
            crc = AppendWord(crc, ref start, at + 24);
        }

        for (; at + sizeof(ulong) <= length; at += sizeof(ulong))
        {
            crc = AppendWord(crc, ref start, at);
        }

        if (at + sizeof(uint) <= length)
        {
            crc = BitOperations.Crc32C((uint)crc, Unsafe.ReadUnaligned<uint>(ref Unsafe.Add(ref start, at)));
            at += sizeof(uint);
        }

        for (; at < length; at++)
        {
            crc = BitOperations.Crc32C((uint)crc, Unsafe.Add(ref start, at));
        }

        return ~(uint)crc;
    }

    // The 64-bit form of the instruction takes a memory operand and needs no zero extension between two words.
    // SAFETY: the caller has checked that the eight bytes are inside its data.
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static ulong AppendWord(ulong crc, ref byte start, nuint at)
    {
        ulong word = Unsafe.ReadUnaligned<ulong>(ref Unsafe.Add(ref start, at));
        return Sse42.X64.IsSupported ? Sse42.X64.Crc32(crc, word) : BitOperations.Crc32C((uint)crc, word);
    }
}

using System.Numerics;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;

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
    public static uint Append(uint checksum, ReadOnlySpan<byte> data)
    {
        uint crc = ~checksum;
        ref byte start = ref MemoryMarshal.GetReference(data);
        int offset = 0;

        // SAFETY: every read ends at or before data.Length by the loop's own condition; unaligned reads are allowed.
        for (; offset <= data.Length - sizeof(ulong); offset += sizeof(ulong))
        {
            crc = BitOperations.Crc32C(crc, Unsafe.ReadUnaligned<ulong>(ref Unsafe.Add(ref start, offset)));
        }

        if (data.Length - offset >= sizeof(uint))
        {
            crc = BitOperations.Crc32C(crc, Unsafe.ReadUnaligned<uint>(ref Unsafe.Add(ref start, offset)));
            offset += sizeof(uint);
        }

        for (; offset < data.Length; offset++)
        {
            crc = BitOperations.Crc32C(crc, data[offset]);
        }

        return ~crc;
    }
}

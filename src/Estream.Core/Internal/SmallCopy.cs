using System.Numerics;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;

namespace Estream.Core.Internal;

/// <summary>
/// Copies a message that was just written. Its bytes are still in the processor's store buffer, as words; a wider load over several of
/// them has to wait until they are in the cache, and that takes longer than copying them word by word.
/// </summary>
internal static unsafe class SmallCopy
{
    private const int MaxBytes = 256;

    /// <summary>Copies all of <paramref name="source"/>; the caller has checked that it fits.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Copy(byte* destination, ReadOnlySpan<byte> source)
    {
        // SAFETY: reads stay inside the span, writes inside as many bytes behind the destination, which the caller vouches for.
        ref byte from = ref MemoryMarshal.GetReference(source);
        nuint length = (uint)source.Length;
        if (length - 8 > MaxBytes - 8)
        {
            CopyOther(destination, source);
            return;
        }

        nuint at = 0;
        for (; at + 32 <= length; at += 32)
        {
            Word(destination, ref from, at);
            Word(destination, ref from, at + 8);
            Word(destination, ref from, at + 16);
            Word(destination, ref from, at + 24);
        }

        for (; at + 8 <= length; at += 8)
        {
            Word(destination, ref from, at);
        }

        if (at != length)
        {
            Word(destination, ref from, length - 8);
        }
    }

    /// <summary>
    /// Copies all of <paramref name="source"/> without a call, in the widest pieces: for a message that is in the cache, since a fence lies
    /// between its being written and this.
    /// </summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void CopyBehindFence(byte* destination, ReadOnlySpan<byte> source)
    {
        // SAFETY: as in Copy; every piece ends at or before the length.
        ref byte from = ref MemoryMarshal.GetReference(source);
        nuint length = (uint)source.Length;
        if (length >= 32)
        {
            nuint last = length - 32;
            for (nuint at = 0; at < last; at += 32)
            {
                Vector256.LoadUnsafe(ref from, at).Store(destination + at);
            }

            Vector256.LoadUnsafe(ref from, last).Store(destination + last);
        }
        else if (length >= 8)
        {
            for (nuint at = 0; at < length - 8; at += 8)
            {
                Word(destination, ref from, at);
            }

            Word(destination, ref from, length - 8);
        }
        else
        {
            for (nuint at = 0; at < length; at++)
            {
                destination[at] = Unsafe.AddByteOffset(ref from, at);
            }
        }
    }

    /// <summary>The same as <see cref="Copy"/>, and continues a checksum by the bytes.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static uint CopyAndChecksum(byte* destination, ReadOnlySpan<byte> source, uint checksum)
    {
        // SAFETY: as in Copy.
        ref byte from = ref MemoryMarshal.GetReference(source);
        nuint length = (uint)source.Length;
        if (length > MaxBytes)
        {
            CopyOther(destination, source);
            return Crc32C.Append(checksum, source);
        }

        return CopyAndChecksumBehindFence(destination, source, checksum);
    }

    /// <summary>The same without a call.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static uint CopyAndChecksumBehindFence(byte* destination, ReadOnlySpan<byte> source, uint checksum)
    {
        // SAFETY: as in Copy.
        ref byte from = ref MemoryMarshal.GetReference(source);
        nuint length = (uint)source.Length;
        uint crc = ~checksum;
        nuint at = 0;
        for (; at + 8 <= length; at += 8)
        {
            ulong word = Unsafe.ReadUnaligned<ulong>(ref Unsafe.AddByteOffset(ref from, at));
            Unsafe.WriteUnaligned(destination + at, word);
            crc = BitOperations.Crc32C(crc, word);
        }

        for (; at < length; at++)
        {
            byte value = Unsafe.AddByteOffset(ref from, at);
            destination[at] = value;
            crc = BitOperations.Crc32C(crc, value);
        }

        return ~crc;
    }

    // SAFETY: at + 8 is at most the length of both sides; unaligned accesses are allowed.
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void Word(byte* destination, ref byte from, nuint at) =>
        Unsafe.WriteUnaligned(destination + at, Unsafe.ReadUnaligned<ulong>(ref Unsafe.AddByteOffset(ref from, at)));

    [MethodImpl(MethodImplOptions.NoInlining)]
    private static void CopyOther(byte* destination, ReadOnlySpan<byte> source) =>
        source.CopyTo(new Span<byte>(destination, source.Length));
}

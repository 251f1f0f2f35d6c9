using System.Numerics;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;

namespace Estream.Core.Internal;

/// <summary>
/// Copies a message that was just written. Its words are still in the store buffer of the processor. A wider load of several words would
/// wait until they are in the cache, which takes longer than copying them one by one.
/// </summary>
internal static unsafe class SmallCopy
{
    private const int MaxBytes = 256;

    /// <summary>Copies all of <paramref name="source"/>; the caller has checked that it fits.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Copy(byte* destination, ReadOnlySpan<byte> source)
    {
        // SAFETY: reads stay inside the span, and writes inside the same number of bytes at the destination, which the caller has checked.
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
    /// Copies all of <paramref name="source"/> with inlined code and the widest loads, for a message that a fence has moved to the cache.
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

    /// <summary>Copies as <see cref="Copy"/> does, and continues a checksum over the bytes.</summary>
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

    /// <summary>Copies with inlined code only, and continues a checksum over the bytes.</summary>
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

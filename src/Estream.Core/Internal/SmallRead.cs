using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;

namespace Estream.Core.Internal;

/// <summary>
/// Copies and compares short byte strings with inlined code. A call of the platform's method takes several times the instructions, and fewer
/// instructions keep more lookups in the processor's window.
/// </summary>
internal static class SmallRead
{
    private const int MaxBytes = 256;

    /// <summary>Copies all bytes.</summary>
    /// <exception cref="ArgumentException">The destination is shorter than the source.</exception>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Copy(ReadOnlySpan<byte> source, Span<byte> destination)
    {
        if (source.Length is < 32 or > MaxBytes || destination.Length < source.Length)
        {
            CopyOther(source, destination);
            return;
        }

        // SAFETY: each access ends at or before the length of the source, which is at least 32, and the destination is not shorter.
        ref byte from = ref MemoryMarshal.GetReference(source);
        ref byte to = ref MemoryMarshal.GetReference(destination);
        nuint last = (uint)source.Length - 32;
        for (nuint at = 0; at < last; at += 32)
        {
            Vector256.LoadUnsafe(ref from, at).StoreUnsafe(ref to, at);
        }

        Vector256.LoadUnsafe(ref from, last).StoreUnsafe(ref to, last);
    }

    /// <summary>Whether both have the same bytes.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static bool AreEqual(ReadOnlySpan<byte> left, ReadOnlySpan<byte> right)
    {
        if (left.Length != right.Length || left.Length is < 16 or > MaxBytes)
        {
            return AreEqualOther(left, right);
        }

        // SAFETY: each read ends at or before the common length, which is at least 16.
        ref byte first = ref MemoryMarshal.GetReference(left);
        ref byte second = ref MemoryMarshal.GetReference(right);
        nuint last = (uint)left.Length - 16;
        Vector128<byte> difference = Vector128.LoadUnsafe(ref first, last) ^ Vector128.LoadUnsafe(ref second, last);
        for (nuint at = 0; at < last; at += 16)
        {
            difference |= Vector128.LoadUnsafe(ref first, at) ^ Vector128.LoadUnsafe(ref second, at);
        }

        return difference == Vector128<byte>.Zero;
    }

    [MethodImpl(MethodImplOptions.NoInlining)]
    private static void CopyOther(ReadOnlySpan<byte> source, Span<byte> destination) => source.CopyTo(destination);

    [MethodImpl(MethodImplOptions.NoInlining)]
    private static bool AreEqualOther(ReadOnlySpan<byte> left, ReadOnlySpan<byte> right) => left.SequenceEqual(right);
}

using System.Diagnostics.CodeAnalysis;

namespace Estream.Core.Internal;

/// <summary>Throws on behalf of hot methods, so that they stay small enough to be inlined.</summary>
internal static class ThrowHelper
{
    [DoesNotReturn]
    public static void OutOfRegion(long offset, long size, long length) =>
        throw new ArgumentOutOfRangeException(nameof(offset),
            $"Bytes {offset}..{offset + size} are outside the region of {length} bytes (0 bytes if it is disposed, or "
            + "read-only and accessed for writing).");

    [DoesNotReturn]
    public static void IndexOutOfRegion(long index, long count) =>
        throw new ArgumentOutOfRangeException(nameof(index),
            $"Index {index} is outside the array of {count} items (0 items if the region is disposed, or "
            + "read-only and accessed for writing).");

    [DoesNotReturn]
    public static void CountOutOfRegion(long count, int size, long length) =>
        throw new ArgumentOutOfRangeException(nameof(count), $"{count} values of {size} bytes do not fit in a window of {length} bytes.");

    [DoesNotReturn]
    public static void Misaligned(long offset, int alignment) =>
        throw new ArgumentException($"Offset {offset} is not a multiple of {alignment}: an atomic access must be aligned.", nameof(offset));

    [DoesNotReturn]
    public static void NotAtomic(int size) =>
        throw new NotSupportedException($"A value of {size} bytes cannot be read or written in one access: only 1, 2, 4 and 8 bytes can.");
}

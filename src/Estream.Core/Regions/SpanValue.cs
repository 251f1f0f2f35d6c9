using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using Estream.Core.Internal;

namespace Estream.Core;

/// <summary>
/// Numbers at an offset in a span, each with one check of bounds; of a constant offset in a span of constant length the compiler drops it.
/// In the machine's order, which is little-endian everywhere Estream runs. Pure, thread-safe, allocates nothing.
/// </summary>
/// <remarks>
/// What slicing and <see cref="System.Buffers.Binary.BinaryPrimitives"/> do, in a third of the code. That counts where a method is made of
/// many of them: the compiler inlines into one method only so much, and leaves calls where it stops.
/// </remarks>
public static class SpanValue
{
    /// <summary>Reads a value.</summary>
    /// <exception cref="ArgumentOutOfRangeException">The value is not wholly in the span.</exception>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static T Read<T>(ReadOnlySpan<byte> bytes, int offset)
        where T : unmanaged
    {
        // A negative offset becomes a huge one and fails the same check.
        if ((uint)offset + (ulong)Unsafe.SizeOf<T>() > (uint)bytes.Length)
        {
            ThrowHelper.OutOfRegion(offset, Unsafe.SizeOf<T>(), bytes.Length);
        }

        // SAFETY: the bytes were just checked against the span; loads of x64 and arm64 need no alignment.
        return Unsafe.ReadUnaligned<T>(ref Unsafe.Add(ref MemoryMarshal.GetReference(bytes), offset));
    }

    /// <summary>Writes a value.</summary>
    /// <exception cref="ArgumentOutOfRangeException">There is no room for it in the span.</exception>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Write<T>(Span<byte> bytes, int offset, T value)
        where T : unmanaged
    {
        if ((uint)offset + (ulong)Unsafe.SizeOf<T>() > (uint)bytes.Length)
        {
            ThrowHelper.OutOfRegion(offset, Unsafe.SizeOf<T>(), bytes.Length);
        }

        // SAFETY: the bytes were just checked against the span; stores of x64 and arm64 need no alignment.
        Unsafe.WriteUnaligned(ref Unsafe.Add(ref MemoryMarshal.GetReference(bytes), offset), value);
    }

    /// <summary>Sets the first bytes of a span to zero; a few vector stores where their number is a constant.</summary>
    /// <exception cref="ArgumentOutOfRangeException">The span has not so many.</exception>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Clear(Span<byte> bytes, int count)
    {
        if ((uint)count > (uint)bytes.Length)
        {
            ThrowHelper.OutOfRegion(0, count, bytes.Length);
        }

        // SAFETY: just checked that the span has so many bytes.
        Unsafe.InitBlockUnaligned(ref MemoryMarshal.GetReference(bytes), 0, (uint)count);
    }
}

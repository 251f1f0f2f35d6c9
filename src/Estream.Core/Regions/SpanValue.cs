using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using Estream.Core.Internal;

namespace Estream.Core;

/// <summary>
/// Reads and writes numbers at an offset in a span. Each access makes one bounds check, which the compiler removes if the offset and the
/// length of the span are constants. Uses the byte order of the machine, which is little-endian everywhere Estream runs. Pure, thread-safe,
/// allocates nothing.
/// </summary>
/// <remarks>
/// Does the same as slicing and <see cref="System.Buffers.Binary.BinaryPrimitives"/>, in a third of the code. This matters in a method
/// with many accesses: the compiler inlines only a limited amount of code into one method, and leaves calls after that.
/// </remarks>
public static class SpanValue
{
    /// <summary>Reads a value.</summary>
    /// <exception cref="ArgumentOutOfRangeException">The value is not entirely inside the span.</exception>
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
        return Unsafe.ReadUnaligned<T>(ref Unsafe.Add(ref MemoryMarshal.GetReference(bytes), (nuint)(uint)offset));
    }

    /// <summary>Writes a value.</summary>
    /// <exception cref="ArgumentOutOfRangeException">The value does not fit in the span.</exception>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Write<T>(Span<byte> bytes, int offset, T value)
        where T : unmanaged
    {
        if ((uint)offset + (ulong)Unsafe.SizeOf<T>() > (uint)bytes.Length)
        {
            ThrowHelper.OutOfRegion(offset, Unsafe.SizeOf<T>(), bytes.Length);
        }

        // SAFETY: the bytes were just checked against the span; stores of x64 and arm64 need no alignment.
        Unsafe.WriteUnaligned(ref Unsafe.Add(ref MemoryMarshal.GetReference(bytes), (nuint)(uint)offset), value);
    }

    /// <summary>Sets the first bytes of a span to zero, with a few vector stores if their number is a constant.</summary>
    /// <exception cref="ArgumentOutOfRangeException">The span has fewer bytes.</exception>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Clear(Span<byte> bytes, int count)
    {
        if ((uint)count > (uint)bytes.Length)
        {
            ThrowHelper.OutOfRegion(0, count, bytes.Length);
        }

        // SAFETY: the span was just found to have at least `count` bytes.
        Unsafe.InitBlockUnaligned(ref MemoryMarshal.GetReference(bytes), 0, (uint)count);
    }
}

using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics.X86;
using Estream.Core.Internal;

namespace Estream.Core;

/// <summary>
/// A bounds-checked array of values in a <see cref="MemoryRegion"/>, with 64-bit indexes. The default value is empty, so every access
/// throws. It does not keep its region alive.
/// </summary>
/// <typeparam name="T">A type without references, whose bytes are the stored form.</typeparam>
public readonly unsafe struct RegionArray<T>
    where T : unmanaged
{
    private readonly T* _items;
    private readonly long _count;
    private readonly long _writableCount;

    internal RegionArray(T* items, long count, long writableCount)
    {
        _items = items;
        _count = count;
        _writableCount = writableCount;
    }

    /// <summary>The number of values.</summary>
    public long Count => _count;

    /// <summary>Whether writing is refused.</summary>
    public bool IsReadOnly => _writableCount == 0;

    /// <summary>
    /// A value, for reading and writing. Costs one compare and, if the size of <typeparamref name="T"/> is not a power of two, a
    /// multiplication.
    /// </summary>
    /// <exception cref="ArgumentOutOfRangeException">The index is outside the array, or the array is read-only.</exception>
    public ref T this[long index]
    {
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        get
        {
            if ((ulong)index >= (ulong)_writableCount)
            {
                ThrowHelper.IndexOutOfRegion(index, _writableCount);
            }

            // SAFETY: the index was just checked; the region guarantees the memory until it is disposed.
            return ref _items[index];
        }
    }

    /// <summary>A value, for reading.</summary>
    /// <exception cref="ArgumentOutOfRangeException">The index is outside the array.</exception>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public ref readonly T Read(long index)
    {
        if ((ulong)index >= (ulong)_count)
        {
            ThrowHelper.IndexOutOfRegion(index, _count);
        }

        // SAFETY: the index was just checked; the region guarantees the memory until it is disposed.
        return ref _items[index];
    }

    /// <summary>A range of the values as a span, to write, sort or copy them. Valid as long as the region is.</summary>
    /// <param name="first">The index of the first value.</param>
    /// <param name="count">The number of values.</param>
    /// <exception cref="ArgumentOutOfRangeException">The values are not all inside the array, or the array is read-only.</exception>
    public Span<T> Span(long first, int count)
    {
        // A negative count becomes a huge one and fails the same check.
        if (first < 0 || first > _writableCount - (long)(uint)count)
        {
            ThrowHelper.IndexOutOfRegion(first, _writableCount);
        }

        // SAFETY: the range was just checked; the region guarantees the memory until it is disposed.
        return new Span<T>(_items + first, count);
    }

    /// <summary>Prefetches the first cache line of a value. An index outside the array does nothing.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public void Prefetch(long index)
    {
        if (Sse.IsSupported && (ulong)index < (ulong)_count)
        {
            // SAFETY: a prefetch never faults, and the address is inside the array.
            Sse.Prefetch0(_items + index);
        }
    }
}

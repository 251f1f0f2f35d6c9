using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics.X86;
using Estream.Core.Internal;

namespace Estream.Core;

/// <summary>
/// A part of a <see cref="MemoryRegion"/> as an array of blocks of a size that is known at run time, such as slots, buckets or entries. If
/// a block is one value, <see cref="RegionArray{T}"/> is simpler. The default value is empty; its accesses throw. Does not keep the region
/// alive.
/// </summary>
public readonly unsafe struct RegionBlocks
{
    private readonly byte* _address;
    private readonly long _count;
    private readonly int _blockBytes;
    private readonly bool _isReadOnly;

    internal RegionBlocks(byte* address, long count, int blockBytes, bool isReadOnly)
    {
        _address = address;
        _count = count;
        _blockBytes = blockBytes;
        _isReadOnly = isReadOnly;
    }

    /// <summary>The number of blocks.</summary>
    public long Count => _count;

    /// <summary>The size of a block in bytes.</summary>
    public int BlockBytes => _blockBytes;

    /// <summary>A block. Costs one compare and a multiplication; accesses within it are checked against its size.</summary>
    /// <exception cref="ArgumentOutOfRangeException">The index is outside the array.</exception>
    public RegionBlock this[long index]
    {
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        get
        {
            if ((ulong)index >= (ulong)_count)
            {
                ThrowHelper.IndexOutOfRegion(index, _count);
            }

            // SAFETY: the index was just checked; the region guarantees the memory until it is disposed.
            return new RegionBlock(_address + (index * _blockBytes), _blockBytes, _isReadOnly);
        }
    }

    /// <summary>
    /// A block, for callers with a constant block size: accesses at constant offsets then need no check.
    /// </summary>
    /// <param name="index">The index of the block.</param>
    /// <param name="blockBytes">Equal to <see cref="BlockBytes"/>; preferably a constant.</param>
    /// <exception cref="ArgumentOutOfRangeException">The index is outside the array, or the blocks have another size.</exception>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public RegionBlock At(long index, int blockBytes)
    {
        if ((ulong)index >= (ulong)_count || blockBytes != _blockBytes)
        {
            ThrowHelper.IndexOutOfRegion(index, _count);
        }

        // SAFETY: the index was just checked; the region guarantees the memory until it is disposed.
        return new RegionBlock(_address + (index * blockBytes), blockBytes, _isReadOnly);
    }

    /// <summary>Prefetches the first cache line of a block. An index outside the array does nothing.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public void Prefetch(long index)
    {
        if (Sse.IsSupported && (ulong)index < (ulong)_count)
        {
            // SAFETY: a prefetch never faults, and the address is inside the array.
            Sse.Prefetch0(_address + (index * _blockBytes));
        }
    }
}

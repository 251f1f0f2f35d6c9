using System.Runtime.CompilerServices;
using Estream.Core.Internal;

namespace Estream.Core;

/// <summary>
/// One block of a <see cref="RegionBlocks"/>: a checked window for immediate use. Each access costs one predicted compare. The default
/// value is empty; its accesses throw.
/// </summary>
public readonly unsafe ref struct RegionBlock
{
    private readonly byte* _address;
    private readonly int _length;
    private readonly bool _isReadOnly;

    internal RegionBlock(byte* address, int length, bool isReadOnly)
    {
        _address = address;
        _length = length;
        _isReadOnly = isReadOnly;
    }

    /// <summary>The size in bytes.</summary>
    public int Length => _length;

    /// <summary>Reads eight bytes without ordering.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public long ReadInt64(int offset) => *(long*)Readable(offset, sizeof(long));

    /// <summary>Reads eight bytes; no later access of this thread happens before it. The address must be aligned.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public long ReadInt64Acquire(int offset) => Volatile.Read(ref *(long*)Readable(offset, sizeof(long)));

    /// <summary>Writes eight bytes; every earlier access of this thread happens before it. The address must be aligned.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public void WriteInt64Release(int offset, long value) => Volatile.Write(ref *(long*)Writable(offset, sizeof(long)), value);

    /// <summary>Replaces eight bytes if they equal <paramref name="comparand"/>; a full fence. The address must be aligned.</summary>
    /// <returns>The previous value.</returns>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public long CompareExchangeInt64(int offset, long value, long comparand) =>
        Interlocked.CompareExchange(ref *(long*)Writable(offset, sizeof(long)), value, comparand);

    /// <summary>A reference to a value at an offset, for reading and writing.</summary>
    /// <exception cref="ArgumentOutOfRangeException">The value is not inside the block, or the region is read-only.</exception>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public ref T At<T>(int offset)
        where T : unmanaged => ref *(T*)Writable(offset, sizeof(T));

    /// <summary>A reference to a value at an offset, for reading.</summary>
    /// <exception cref="ArgumentOutOfRangeException">The value is not inside the block.</exception>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public ref readonly T ReadOnlyAt<T>(int offset)
        where T : unmanaged => ref *(T*)Readable(offset, sizeof(T));

    /// <summary>
    /// Reads a value of 1, 2, 4 or 8 bytes atomically. The address must be aligned to the size. No memory ordering.
    /// </summary>
    /// <exception cref="NotSupportedException">The type has another size.</exception>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public T ReadAtomic<T>(int offset)
        where T : unmanaged
    {
        byte* address = Readable(offset, sizeof(T));

        // A struct copy may be split into its fields; a primitive of native size or less is read in one go.
        // SAFETY: Readable checked sizeof(T) bytes, and each case reads exactly those; the caller guarantees alignment, the region
        // lifetime.
        switch (sizeof(T))
        {
            case 8: return Unsafe.BitCast<long, T>(*(long*)address);
            case 4: return Unsafe.BitCast<int, T>(*(int*)address);
            case 2: return Unsafe.BitCast<short, T>(*(short*)address);
            case 1: return Unsafe.BitCast<byte, T>(*address);
            default: ThrowHelper.NotAtomic(sizeof(T)); return default;
        }
    }

    /// <summary>
    /// Reads the n-th eight bytes of the block atomically. The block must be aligned to 8. No memory ordering. Cheaper than <see
    /// cref="ReadAtomic{T}"/> if the index is known only at run time.
    /// </summary>
    /// <param name="index">The index of the eight bytes, from 0.</param>
    /// <exception cref="NotSupportedException">The type has another size.</exception>
    /// <exception cref="ArgumentOutOfRangeException">The word is not inside the block.</exception>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public T ReadWord<T>(uint index)
        where T : unmanaged
    {
        if (sizeof(T) != sizeof(long))
        {
            ThrowHelper.NotAtomic(sizeof(T));
        }

        if (index >= (uint)_length / sizeof(long))
        {
            ThrowHelper.OutOfRegion(index * (long)sizeof(long), sizeof(long), _length);
        }

        // SAFETY: the word was just found inside the block, and the type has its size; the region guarantees the memory.
        return Unsafe.BitCast<long, T>(((long*)_address)[index]);
    }

    /// <summary>
    /// Writes the n-th eight bytes of the block atomically; every earlier access of this thread happens before it. The block must be
    /// aligned to 8. Cheaper than <see cref="WriteAtomic{T}"/> if the index is known only at run time.
    /// </summary>
    /// <param name="index">The index of the eight bytes, from 0.</param>
    /// <param name="value">A value of eight bytes.</param>
    /// <exception cref="NotSupportedException">The type has another size.</exception>
    /// <exception cref="ArgumentOutOfRangeException">The word is not inside the block, or the region is read-only.</exception>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public void WriteWord<T>(uint index, T value)
        where T : unmanaged
    {
        if (sizeof(T) != sizeof(long))
        {
            ThrowHelper.NotAtomic(sizeof(T));
        }

        if (_isReadOnly || index >= (uint)_length / sizeof(long))
        {
            ThrowHelper.OutOfRegion(index * (long)sizeof(long), sizeof(long), _isReadOnly ? 0 : _length);
        }

        // SAFETY: the word was just found inside the block, and the type has its size; the region guarantees the memory.
        Volatile.Write(ref ((long*)_address)[index], Unsafe.BitCast<T, long>(value));
    }

    /// <summary>
    /// Writes a value of 1, 2, 4 or 8 bytes atomically; every earlier access of this thread happens before it. The address must be aligned
    /// to the size.
    /// </summary>
    /// <exception cref="NotSupportedException">The type has another size.</exception>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public void WriteAtomic<T>(int offset, T value)
        where T : unmanaged
    {
        byte* address = Writable(offset, sizeof(T));

        // SAFETY: Writable checked sizeof(T) bytes, and each case writes exactly those; the caller guarantees alignment, the region
        // lifetime.
        switch (sizeof(T))
        {
            case 8: Volatile.Write(ref *(long*)address, Unsafe.BitCast<T, long>(value)); break;
            case 4: Volatile.Write(ref *(int*)address, Unsafe.BitCast<T, int>(value)); break;
            case 2: Volatile.Write(ref *(short*)address, Unsafe.BitCast<T, short>(value)); break;
            case 1: Volatile.Write(ref *address, Unsafe.BitCast<T, byte>(value)); break;
            default: ThrowHelper.NotAtomic(sizeof(T)); break;
        }
    }

    // SAFETY of both methods: the result is only ever dereferenced for `size` bytes, which the check found inside the block (a negative
    // offset is a huge unsigned one); the array found the block inside the region, which guarantees the memory until it is disposed.
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private byte* Readable(int offset, int size)
    {
        if ((uint)offset + (ulong)(uint)size > (uint)_length)
        {
            ThrowHelper.OutOfRegion(offset, size, _length);
        }

        return _address + offset;
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private byte* Writable(int offset, int size)
    {
        if (_isReadOnly)
        {
            ThrowHelper.OutOfRegion(offset, size, 0);
        }

        return Readable(offset, size);
    }
}

using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Runtime.Intrinsics.X86;
using Estream.Core.Internal;

namespace Estream.Core;

/// <summary>
/// A bounds-checked window onto a <see cref="MemoryRegion"/>. Unlike <see cref="Span{T}"/> it may be stored in a field and may be larger
/// than 2 GiB. Numbers are little-endian.
/// </summary>
/// <remarks>
/// The default value is empty; its accesses throw. Windows of read-only regions refuse writes. A check costs two predicted compares.
/// Accesses are safe from any thread; each member states its memory ordering. The window does not keep its region alive.
/// </remarks>
public readonly unsafe struct RegionSpan
{
    private readonly byte* _address;
    private readonly long _length;
    private readonly long _writableLength;

    internal RegionSpan(byte* address, long length, long writableLength)
    {
        _address = address;
        _length = length;
        _writableLength = writableLength;
    }

    /// <summary>The size in bytes.</summary>
    public long Length => _length;

    /// <summary>Whether writing is refused.</summary>
    public bool IsReadOnly => _writableLength == 0;

    internal nuint Address => (nuint)_address;

    /// <summary>A window onto a part of this one.</summary>
    /// <exception cref="ArgumentOutOfRangeException">The part is not inside this window.</exception>
    public RegionSpan Slice(long offset, long length)
    {
        if (offset < 0 || length < 0 || offset > _length - length)
        {
            ThrowHelper.OutOfRegion(offset, length, _length);
        }

        return new RegionSpan(_address + offset, length, _writableLength == 0 ? 0 : length);
    }

    /// <summary>The bytes of a part, for writing. They are valid as long as the region is.</summary>
    /// <exception cref="ArgumentOutOfRangeException">The part is not inside this window, or the window is read-only.</exception>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public Span<byte> Span(long offset, int length)
    {
        // A negative length becomes a huge one and fails the same check.
        if (offset < 0 || offset > _writableLength - (long)(uint)length)
        {
            ThrowHelper.OutOfRegion(offset, length, _writableLength);
        }

        // SAFETY: the bytes were just checked against the window; the region guarantees the memory until it is disposed.
        return new Span<byte>(_address + offset, length);
    }

    /// <summary>The bytes of a part, for reading. They are valid as long as the region is.</summary>
    /// <exception cref="ArgumentOutOfRangeException">The part is not inside this window.</exception>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public ReadOnlySpan<byte> ReadOnlySpan(long offset, int length)
    {
        if (offset < 0 || offset > _length - (long)(uint)length)
        {
            ThrowHelper.OutOfRegion(offset, length, _length);
        }

        // SAFETY: the bytes were just checked against the window; the region guarantees the memory until it is disposed.
        return new ReadOnlySpan<byte>(_address + offset, length);
    }

    /// <summary>A part of this window, for immediate use. Accesses at constant offsets in the part need no further check.</summary>
    /// <exception cref="ArgumentOutOfRangeException">The part is not inside this window.</exception>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    internal RegionBlock Block(long offset, int length) => new(Readable(offset, length), length, IsReadOnly);

    /// <summary>
    /// Reads a record of three parts: a prefix, bytes to compare, and bytes to copy. One bounds check covers all of them.
    /// </summary>
    /// <param name="offset">The offset of the prefix.</param>
    /// <param name="prefixBytes">The length of the prefix.</param>
    /// <param name="expected">The bytes that must follow the prefix.</param>
    /// <param name="copiedBytes">The number of bytes to copy. Any value is allowed; the method returns false if it is too large.</param>
    /// <param name="destination">Receives the bytes after the compared ones.</param>
    /// <param name="checksum">The CRC-32C of the whole record, from a second read. A writer may change the record meanwhile.</param>
    /// <returns>Whether the record is inside this window, has the expected bytes, and fits in the destination.</returns>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    internal bool TryMatchAndCopy(
        long offset, int prefixBytes, ReadOnlySpan<byte> expected, ulong copiedBytes, Span<byte> destination, out uint checksum)
    {
        checksum = 0;
        if (copiedBytes > (uint)destination.Length)
        {
            return false;
        }

        // The sum of three lengths below 2^31 does not overflow.
        long recordBytes = prefixBytes + (long)expected.Length + (long)copiedBytes;
        if (offset < 0 || offset > _length - recordBytes)
        {
            return false;
        }

        // SAFETY: the record was just found inside the window, and the destination is long enough; the region guarantees the memory.
        byte* start = _address + offset;
        if (!SmallRead.AreEqual(start + prefixBytes, expected))
        {
            return false;
        }

        SmallRead.Copy(start + prefixBytes + expected.Length, ref MemoryMarshal.GetReference(destination), (int)copiedBytes);
        checksum = Crc32C.Append(0, ref *start, (nuint)recordBytes);
        return true;
    }

    /// <summary>A reference to a value at an offset, for reading and writing.</summary>
    /// <typeparam name="T">A type without references, whose bytes are the stored form.</typeparam>
    /// <exception cref="ArgumentOutOfRangeException">The value is not inside this window, or the window is read-only.</exception>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public ref T At<T>(long offset)
        where T : unmanaged => ref *(T*)Writable(offset, sizeof(T));

    /// <summary>A reference to a value at an offset, for reading.</summary>
    /// <typeparam name="T">A type without references, whose bytes are the stored form.</typeparam>
    /// <exception cref="ArgumentOutOfRangeException">The value is not inside this window.</exception>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public ref readonly T ReadOnlyAt<T>(long offset)
        where T : unmanaged => ref *(T*)Readable(offset, sizeof(T));

    /// <summary>A part of this window as an array of values.</summary>
    /// <param name="offset">The offset of the first value.</param>
    /// <param name="count">The number of values.</param>
    /// <exception cref="ArgumentOutOfRangeException">The array is not inside this window.</exception>
    public RegionArray<T> AsArray<T>(long offset, long count)
        where T : unmanaged
    {
        // Checked before the multiplication, which could overflow.
        if ((ulong)count > (ulong)(_length / sizeof(T)))
        {
            ThrowHelper.CountOutOfRegion(count, sizeof(T), _length);
        }

        RegionSpan part = Slice(offset, count * sizeof(T));
        return new RegionArray<T>((T*)part._address, count, part.IsReadOnly ? 0 : count);
    }

    /// <summary>A part of this window as an array of blocks of one size.</summary>
    /// <param name="offset">The offset of the first block.</param>
    /// <param name="count">The number of blocks.</param>
    /// <param name="blockBytes">The size of a block, at least 1.</param>
    /// <exception cref="ArgumentOutOfRangeException">The array is not inside this window.</exception>
    public RegionBlocks AsBlocks(long offset, long count, int blockBytes)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(blockBytes, 1);
        RegionSpan part = Slice(offset, checked(count * blockBytes));
        return new RegionBlocks(part._address, count, blockBytes, part.IsReadOnly);
    }

    /// <summary>Prefetches the cache line of an offset. An offset outside the window does nothing.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public void Prefetch(long offset)
    {
        if (Sse.IsSupported && (ulong)offset < (ulong)_length)
        {
            // SAFETY: a prefetch never faults, and the address is inside the window.
            Sse.Prefetch0(_address + offset);
        }
    }

    /// <summary>Copies bytes into the window. Fastest for up to 256 bytes.</summary>
    /// <param name="offset">The offset of the first byte.</param>
    /// <param name="source">The bytes; they must not overlap their destination.</param>
    /// <exception cref="ArgumentOutOfRangeException">They do not fit in this window, or the window is read-only.</exception>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public void Write(long offset, ReadOnlySpan<byte> source)
    {
        // SAFETY: the check found all copied bytes inside the window.
        SmallCopy.Copy(Writable(offset, source.Length), source);
    }

    /// <summary>Copies bytes into the window and computes their checksum in the same pass.</summary>
    /// <param name="offset">The offset of the first byte.</param>
    /// <param name="source">The bytes; they must not overlap their destination.</param>
    /// <param name="checksum">The checksum of the bytes before.</param>
    /// <returns>As <see cref="Crc32C.Append(uint, ReadOnlySpan{byte})"/>.</returns>
    /// <exception cref="ArgumentOutOfRangeException">They do not fit in this window, or the window is read-only.</exception>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public uint WriteAndChecksum(long offset, ReadOnlySpan<byte> source, uint checksum)
    {
        // SAFETY: the check found all copied bytes inside the window.
        return SmallCopy.CopyAndChecksum(Writable(offset, source.Length), source, checksum);
    }

    /// <summary>
    /// Copies bytes into the window with inlined code; fastest if they were written before a fence. For up to some hundred bytes; <see
    /// cref="Write"/> is faster for more.
    /// </summary>
    /// <param name="offset">The offset of the first byte.</param>
    /// <param name="source">The bytes; they must not overlap their destination.</param>
    /// <exception cref="ArgumentOutOfRangeException">They do not fit in this window, or the window is read-only.</exception>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public void WriteBehindFence(long offset, ReadOnlySpan<byte> source)
    {
        // SAFETY: the check found all copied bytes inside the window.
        SmallCopy.CopyBehindFence(Writable(offset, source.Length), source);
    }

    /// <summary>As <see cref="WriteBehindFence"/>, and computes the checksum in the same pass.</summary>
    /// <param name="offset">The offset of the first byte.</param>
    /// <param name="source">The bytes; they must not overlap their destination.</param>
    /// <param name="checksum">The checksum of the bytes before.</param>
    /// <returns>As <see cref="Crc32C.Append(uint, ReadOnlySpan{byte})"/>.</returns>
    /// <exception cref="ArgumentOutOfRangeException">They do not fit in this window, or the window is read-only.</exception>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public uint WriteAndChecksumBehindFence(long offset, ReadOnlySpan<byte> source, uint checksum)
    {
        // SAFETY: the check found all copied bytes inside the window.
        return SmallCopy.CopyAndChecksumBehindFence(Writable(offset, source.Length), source, checksum);
    }

    /// <summary>Reads four bytes without ordering.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public int ReadInt32(long offset) => *(int*)Readable(offset, sizeof(int));

    /// <summary>Reads eight bytes without ordering.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public long ReadInt64(long offset) => *(long*)Readable(offset, sizeof(long));

    /// <summary>Reads four bytes; no later access of this thread happens before it. The offset must be aligned.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public int ReadInt32Acquire(long offset) => Volatile.Read(ref *(int*)Readable(offset, sizeof(int)));

    /// <summary>Reads eight bytes; no later access of this thread happens before it. The offset must be aligned.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public long ReadInt64Acquire(long offset) => Volatile.Read(ref *(long*)Readable(offset, sizeof(long)));

    /// <summary>Writes four bytes without ordering.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public void WriteInt32(long offset, int value) => *(int*)Writable(offset, sizeof(int)) = value;

    /// <summary>Writes eight bytes without ordering.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public void WriteInt64(long offset, long value) => *(long*)Writable(offset, sizeof(long)) = value;

    /// <summary>Writes four bytes; every earlier access of this thread happens before it. The offset must be aligned.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public void WriteInt32Release(long offset, int value) => Volatile.Write(ref *(int*)Writable(offset, sizeof(int)), value);

    /// <summary>Writes eight bytes; every earlier access of this thread happens before it. The offset must be aligned.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public void WriteInt64Release(long offset, long value) => Volatile.Write(ref *(long*)Writable(offset, sizeof(long)), value);

    /// <summary>Replaces four bytes if they equal <paramref name="comparand"/>; a full fence. The offset must be aligned.</summary>
    /// <returns>The previous value.</returns>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public int CompareExchangeInt32(long offset, int value, int comparand) =>
        Interlocked.CompareExchange(ref *(int*)Aligned(offset, sizeof(int)), value, comparand);

    /// <summary>Replaces four bytes; a full fence. The offset must be aligned.</summary>
    /// <returns>The previous value.</returns>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public int ExchangeInt32(long offset, int value) => Interlocked.Exchange(ref *(int*)Aligned(offset, sizeof(int)), value);

    /// <summary>Adds to four bytes, wrapping around; a full fence. The offset must be aligned.</summary>
    /// <returns>The sum.</returns>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public int AddInt32(long offset, int value) => Interlocked.Add(ref *(int*)Aligned(offset, sizeof(int)), value);

    /// <summary>Replaces eight bytes if they equal <paramref name="comparand"/>; a full fence. The offset must be aligned.</summary>
    /// <returns>The previous value.</returns>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public long CompareExchangeInt64(long offset, long value, long comparand) =>
        Interlocked.CompareExchange(ref *(long*)Aligned(offset, sizeof(long)), value, comparand);

    /// <summary>Replaces eight bytes; a full fence. The offset must be aligned.</summary>
    /// <returns>The previous value.</returns>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public long ExchangeInt64(long offset, long value) => Interlocked.Exchange(ref *(long*)Aligned(offset, sizeof(long)), value);

    /// <summary>Adds to eight bytes, wrapping around; a full fence. The offset must be aligned.</summary>
    /// <returns>The sum.</returns>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public long AddInt64(long offset, long value) => Interlocked.Add(ref *(long*)Aligned(offset, sizeof(long)), value);

    // SAFETY of the next three methods, and of every method that dereferences what they return: the pointer is only ever dereferenced for
    // `size` bytes, which the check found inside the window; the region guarantees the memory until it is disposed. Plain loads and stores
    // of x64 and arm64 need no alignment; atomic ones do.
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private byte* Readable(long offset, int size)
    {
        if (offset < 0 || offset > _length - size)
        {
            ThrowHelper.OutOfRegion(offset, size, _length);
        }

        return _address + offset;
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private byte* Writable(long offset, int size)
    {
        if (offset < 0 || offset > _writableLength - size)
        {
            ThrowHelper.OutOfRegion(offset, size, _writableLength);
        }

        return _address + offset;
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private byte* Aligned(long offset, int size)
    {
        byte* address = Writable(offset, size);
        if (((nuint)address & (nuint)(size - 1)) != 0)
        {
            ThrowHelper.Misaligned(offset, size);
        }

        return address;
    }
}

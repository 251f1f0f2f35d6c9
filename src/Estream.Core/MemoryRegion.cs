namespace Estream.Core;

/// <summary>
/// The one owner of a block of memory outside the garbage-collected heap: its address, length, lifetime and right to write.
/// Everyone else works through the checked windows it hands out.
/// </summary>
/// <remarks>
/// Thread-safety: the windows may be used from any thread; <see cref="Dispose()"/> must not run while any is in use, since it takes
/// the memory away under them. Types that keep a <see cref="RegionSpan"/> in a field set it to <see langword="default"/> when they
/// are disposed, so that a late call throws and does not touch foreign memory.
/// </remarks>
public abstract unsafe class MemoryRegion : IDisposable
{
    private byte* _address;
    private bool _disposed;

    /// <summary>Another region's memory, for one that stands in for it.</summary>
    private protected MemoryRegion(MemoryRegion memory)
        : this(memory._address, memory.Length, memory.IsReadOnly)
    {
    }

    private protected MemoryRegion(byte* address, long length, bool isReadOnly)
    {
        _address = address;
        Length = length;
        IsReadOnly = isReadOnly;
    }

    /// <summary>The size in bytes.</summary>
    public long Length { get; }

    /// <summary>Whether writing is refused.</summary>
    public bool IsReadOnly { get; }

    /// <summary>The whole region as one checked window. Empty once disposed.</summary>
    // SAFETY: address and length are those the derived class got from the kernel, which keeps them valid until Release.
    public RegionSpan All => _disposed ? default : new RegionSpan(_address, Length, IsReadOnly ? 0 : Length);

    /// <summary>A checked window onto a part of the region.</summary>
    /// <param name="offset">First byte.</param>
    /// <param name="length">Bytes.</param>
    /// <exception cref="ArgumentOutOfRangeException">The part is not inside the region.</exception>
    public RegionSpan Slice(long offset, long length) => All.Slice(offset, length);

    /// <summary>
    /// Asks the operating system for the pages of a part now, writable ones ready to be written, so that the first access does not
    /// fault. It is a hint: where the system does not know it, nothing happens.
    /// </summary>
    /// <param name="offset">First byte.</param>
    /// <param name="length">Bytes.</param>
    public virtual void Prefault(long offset, long length)
    {
    }

    /// <summary>Writes a part of the region to its storage and returns when the device has it. Nothing to do for anonymous memory.</summary>
    /// <param name="offset">First byte.</param>
    /// <param name="length">Bytes.</param>
    /// <exception cref="EstreamStorageException">The device reported an error: what was written may be lost.</exception>
    public virtual void Flush(long offset, long length)
    {
    }

    /// <summary>
    /// Locks the file under this region against other openings of it, without waiting. A lock already held is changed to the new mode.
    /// The kernel frees it when this region is disposed or the process dies in any way.
    /// </summary>
    /// <returns>Whether the lock is held now. Anonymous memory has no other users: always true.</returns>
    public virtual bool TryLock(LockMode mode) => true;

    /// <summary>Gives up the lock of <see cref="TryLock"/>, if it is held.</summary>
    public virtual void Unlock()
    {
    }

    /// <summary>Takes the memory away. Idempotent.</summary>
    public void Dispose()
    {
        if (!_disposed)
        {
            _disposed = true;
            Release(_address, Length);
            _address = null;
        }

        GC.SuppressFinalize(this);
    }

    private protected abstract void Release(byte* address, long length);
}

using Estream.Core.Internal;

namespace Estream.Core;

/// <summary>
/// The owner of a block of memory outside the garbage-collected heap. All access goes through the checked windows that it returns.
/// </summary>
/// <remarks>
/// Thread-safety: windows may be used from any thread. <see cref="Dispose()"/> frees the memory, so it should not run while a window is in
/// use: afterwards an old window or span of mapped or native memory reads zeros, and writes to it are lost. For this, the process keeps the
/// addresses of the last 8,192 disposed regions, at most 8 TiB. Types with a <see cref="RegionSpan"/> in a field set it to
/// <see langword="default"/> when they are disposed; a later call then throws.
/// </remarks>
public abstract unsafe class MemoryRegion : IDisposable
{
    private byte* _address;
    private RegionMemory? _memory;
    private int _disposed;

    /// <summary>Uses the memory of another region, for a wrapper.</summary>
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

    /// <summary>The whole region as one checked window. Empty after disposal.</summary>
    // SAFETY: address and length are those the derived class got from the kernel, which keeps them valid until Release.
    public RegionSpan All => _disposed != 0 ? default : new RegionSpan(_address, Length, IsReadOnly ? 0 : Length);

    /// <summary>A checked window onto a part of the region.</summary>
    /// <param name="offset">First byte.</param>
    /// <param name="length">Bytes.</param>
    /// <exception cref="ArgumentOutOfRangeException">The part is not inside the region.</exception>
    public RegionSpan Slice(long offset, long length) => All.Slice(offset, length);

    /// <summary>
    /// The first 2 GiB of the region as memory that may be kept across an <c>await</c>. Created at the first call. After disposal its span
    /// throws; spans taken before read zeros.
    /// </summary>
    public ReadOnlyMemory<byte> AsReadOnlyMemory() => (_memory ??= new RegionMemory(this)).Memory;

    /// <summary>
    /// Populates the pages of a part, for writing if the region is writable, so that the first access does not fault. A hint: systems may
    /// ignore it.
    /// </summary>
    /// <param name="offset">First byte.</param>
    /// <param name="length">Bytes.</param>
    public virtual void Prefault(long offset, long length)
    {
    }

    /// <summary>
    /// Reads a part of the file into memory and reports errors. Without this call, the first access to a page that the device cannot read,
    /// or that lies after the end of a truncated file, ends the process. Does nothing for anonymous memory.
    /// </summary>
    /// <param name="offset">First byte.</param>
    /// <param name="length">Bytes.</param>
    /// <remarks>
    /// One system call: some 10 µs for a MiB in the page cache, otherwise the time of the device. If the kernel drops clean pages or
    /// another process truncates the file later, an access can still fault.
    /// </remarks>
    /// <exception cref="EstreamCorruptionException">The file ends within the part; the offset of the exception is the end of the
    /// file.</exception>
    /// <exception cref="EstreamStorageException">The device could not read it (<see cref="StorageFailure.Device"/>).</exception>
    public virtual void Load(long offset, long length)
    {
    }

    /// <summary>Makes a part of the region durable. Does nothing for anonymous memory.</summary>
    /// <param name="offset">First byte.</param>
    /// <param name="length">Bytes.</param>
    /// <exception cref="EstreamStorageException">
    /// The device failed (<see cref="StorageFailure.Device"/>): data written since the last successful flush may be lost, also if a later
    /// flush succeeds.
    /// </exception>
    public virtual void Flush(long offset, long length)
    {
    }

    /// <summary>
    /// Starts to write a part to its device without waiting, so that a later <see cref="Flush"/> has less to do. A hint; does nothing for
    /// memory without a device. One system call; waits if the queue of the device is full.
    /// </summary>
    /// <param name="offset">First byte.</param>
    /// <param name="length">Bytes.</param>
    public virtual void WriteBehind(long offset, long length)
    {
    }

    /// <summary>
    /// Waits until the writes that <see cref="WriteBehind"/> started are done, to limit how far a writer is ahead of its device. Not a
    /// flush: it does not make the length of the file or the cache of the device durable.
    /// </summary>
    /// <param name="offset">First byte.</param>
    /// <param name="length">Bytes.</param>
    /// <exception cref="EstreamStorageException">As for <see cref="Flush"/>. A following flush does not report the error again.</exception>
    public virtual void AwaitWritten(long offset, long length)
    {
    }

    /// <summary>
    /// Drops the pages of a part that are on the device from memory, so that a long file does not displace others. Nothing is lost: a later
    /// read loads them again. A hint; does nothing for memory without a device.
    /// </summary>
    /// <param name="offset">First byte.</param>
    /// <param name="length">Bytes.</param>
    public virtual void DropBehind(long offset, long length)
    {
    }

    /// <summary>The kind of huge pages that this region can use. Determined at each call, about 50 µs. <see cref="CountHugePageBytes"/>
    /// returns the actual use.</summary>
    public virtual HugePages HugePages => HugePages.None;

    /// <summary>
    /// The bytes of the region that this process has mapped with huge pages now, without untouched pages. 0 if the kernel does not report
    /// it. Takes up to milliseconds.
    /// </summary>
    public long CountHugePageBytes() => _disposed != 0 ? 0 : HugePageCount.In((nuint)_address, Length);

    /// <summary>
    /// Waits until another thread, of any process with the same memory, changes a word and calls <see cref="WakeInt32"/>. May return early
    /// without a reason, so check the word again. Works with read-only access.
    /// </summary>
    /// <param name="offset">The offset of the word; a multiple of 4.</param>
    /// <param name="expected">The expected value: if the word differs, the call returns at once.</param>
    /// <param name="timeout">The longest wait; <see cref="Timeout.InfiniteTimeSpan"/> for no limit, zero for a check only.</param>
    /// <remarks>Two system calls and a thread switch. If the kernel has no futex, the word is polled each millisecond.</remarks>
    /// <exception cref="ArgumentOutOfRangeException">The word is outside the region, or the timeout is negative.</exception>
    /// <exception cref="ArgumentException">The offset is not aligned.</exception>
    public virtual WaitOutcome WaitInt32(long offset, int expected, TimeSpan timeout) =>
        Futex.Wait(Slice(offset, sizeof(int)), expected, timeout);

    /// <summary>
    /// Wakes threads that wait on a word, in this process or others. Change the word first. Takes about a microsecond also if no thread
    /// waits, so keep a count of waiters and check it first.
    /// </summary>
    /// <param name="offset">The offset of the word; a multiple of 4.</param>
    /// <param name="count">The maximum number of threads to wake.</param>
    /// <returns>The number of woken threads; 0 if waiters poll.</returns>
    /// <exception cref="ArgumentOutOfRangeException">The word is outside the region.</exception>
    /// <exception cref="ArgumentException">The offset is not aligned.</exception>
    public virtual int WakeInt32(long offset, int count = int.MaxValue) => Futex.Wake(Slice(offset, sizeof(int)), count);

    /// <summary>
    /// Creates a region over memory of the caller, with a backing that receives flushes, locks and waits: with it, an
    /// <see cref="IStorage"/> of a test simulates files. Access costs the same as for other regions.
    /// </summary>
    /// <param name="memory">The bytes; they must stay valid until <see cref="RegionBacking.Close"/>.</param>
    /// <param name="access">The allowed access.</param>
    /// <param name="backing">Receives flushes, locks and waits.</param>
    /// <exception cref="ArgumentException">The memory is read-only and the access is not.</exception>
    public static MemoryRegion Over(RegionSpan memory, RegionAccess access, RegionBacking backing) =>
        new BackedRegion(memory, access, backing);

    /// <summary>
    /// Locks the file of this region without waiting. A lock that is held already changes to the new mode. The kernel frees it when the
    /// region is disposed or the process ends.
    /// </summary>
    /// <returns>Whether the lock is held now. Always true for anonymous memory.</returns>
    public virtual bool TryLock(LockMode mode) => true;

    /// <summary>Frees the lock of <see cref="TryLock"/>, if it is held.</summary>
    public virtual void Unlock()
    {
    }

    /// <summary>Frees the memory. Spans taken before read zeros afterwards. Idempotent.</summary>
    public void Dispose()
    {
        // Two threads that dispose at once must not unmap twice: the second time the address could belong to another region.
        if (Interlocked.Exchange(ref _disposed, 1) == 0)
        {
            Release(_address, Length);
            _address = null;
        }

        GC.SuppressFinalize(this);
    }

    private protected abstract void Release(byte* address, long length);
}

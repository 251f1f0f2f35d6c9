using Estream.Core.Internal;

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
    private RegionMemory? _memory;
    private int _disposed;

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
    public RegionSpan All => _disposed != 0 ? default : new RegionSpan(_address, Length, IsReadOnly ? 0 : Length);

    /// <summary>A checked window onto a part of the region.</summary>
    /// <param name="offset">First byte.</param>
    /// <param name="length">Bytes.</param>
    /// <exception cref="ArgumentOutOfRangeException">The part is not inside the region.</exception>
    public RegionSpan Slice(long offset, long length) => All.Slice(offset, length);

    /// <summary>
    /// The first 2 GiB of the region in a form that may be kept across an <c>await</c>. Made when it is asked for first, then the same.
    /// Its span is refused once the region is disposed; one that was taken before must not be used then.
    /// </summary>
    public ReadOnlyMemory<byte> AsReadOnlyMemory() => (_memory ??= new RegionMemory(this)).Memory;

    /// <summary>
    /// Asks the operating system for the pages of a part now, writable ones ready to be written, so that the first access does not
    /// fault. It is a hint: where the system does not know it, nothing happens.
    /// </summary>
    /// <param name="offset">First byte.</param>
    /// <param name="length">Bytes.</param>
    public virtual void Prefault(long offset, long length)
    {
    }

    /// <summary>
    /// Reads a part of the file into memory and reports what cannot be read. Without this call the first access to a page that the device
    /// cannot return, or that lies after the end of a truncated file, ends the process. Nothing to do for anonymous memory.
    /// </summary>
    /// <param name="offset">First byte.</param>
    /// <param name="length">Bytes.</param>
    /// <remarks>
    /// One system call: some 10 µs for a MiB in the page cache, else the time of the device. The kernel may drop clean pages later, and
    /// another process may truncate the file later: neither can be reported.
    /// </remarks>
    /// <exception cref="EstreamCorruptionException">The file ends within the part; the offset is that of its end.</exception>
    /// <exception cref="EstreamStorageException">The device could not read it (<see cref="StorageFailure.Device"/>).</exception>
    public virtual void Load(long offset, long length)
    {
    }

    /// <summary>Writes a part of the region to its storage and returns when the device has it. Nothing to do for anonymous
    /// memory.</summary>
    /// <param name="offset">First byte.</param>
    /// <param name="length">Bytes.</param>
    /// <exception cref="EstreamStorageException">
    /// The device did not take it (<see cref="StorageFailure.Device"/>): what was written since the last successful flush may be lost, and
    /// a later flush that succeeds does not change that.
    /// </exception>
    public virtual void Flush(long offset, long length)
    {
    }

    /// <summary>
    /// Begins to write a part to its device and does not wait, so that a later <see cref="Flush"/> finds little to do. A hint: it
    /// promises nothing, and nothing happens for memory without a device. Costs a system call, more when the device's queue is full.
    /// </summary>
    /// <param name="offset">First byte.</param>
    /// <param name="length">Bytes.</param>
    public virtual void WriteBehind(long offset, long length)
    {
    }

    /// <summary>
    /// Waits until what <see cref="WriteBehind"/> began is written, so that a writer stays only so far ahead of its device. Not a flush:
    /// neither the file's length nor the device's own cache is made durable.
    /// </summary>
    /// <param name="offset">First byte.</param>
    /// <param name="length">Bytes.</param>
    /// <exception cref="EstreamStorageException">As for <see cref="Flush"/>, and reported only once: a flush that follows does not repeat
    /// it.</exception>
    public virtual void AwaitWritten(long offset, long length)
    {
    }

    /// <summary>
    /// Gives the memory of a part back where its contents are on the device, so that a long file does not push others out. Reading the
    /// part again brings it back; nothing is lost. A hint; nothing happens for memory without a device.
    /// </summary>
    /// <param name="offset">First byte.</param>
    /// <param name="length">Bytes.</param>
    public virtual void DropBehind(long offset, long length)
    {
    }

    /// <summary>What kind of huge pages this region can be on. Looked up at each call, about 50 µs; <see cref="CountHugePageBytes"/> says
    /// what it is on.</summary>
    public virtual HugePages HugePages => HugePages.None;

    /// <summary>
    /// How many bytes of the region this process has mapped by huge pages now, as the kernel counts them: pages not yet touched are not
    /// among them. 0 where the kernel does not say. Costs up to milliseconds.
    /// </summary>
    public long CountHugePageBytes() => _disposed != 0 ? 0 : HugePageCount.In((nuint)_address, Length);

    /// <summary>
    /// Waits until another thread, of any process that has the same memory, changes a word and calls <see cref="WakeInt32"/>. May return
    /// early for no reason: look at the word again. Reading access is enough.
    /// </summary>
    /// <param name="offset">Of the word; a multiple of 4.</param>
    /// <param name="expected">What the word is believed to be: if it is not, the call returns at once.</param>
    /// <param name="timeout">The longest wait; <see cref="Timeout.InfiniteTimeSpan"/> for ever, zero to look only.</param>
    /// <remarks>Two system calls and the time the kernel takes to switch threads. Where the kernel has no futex the word is polled, up to a
    /// millisecond late.</remarks>
    /// <exception cref="ArgumentOutOfRangeException">The word is outside the region, or the timeout negative.</exception>
    /// <exception cref="ArgumentException">The offset is not aligned.</exception>
    public virtual WaitOutcome WaitInt32(long offset, int expected, TimeSpan timeout) =>
        Futex.Wait(Slice(offset, sizeof(int)), expected, timeout);

    /// <summary>
    /// Wakes threads that wait on a word, here or in other processes. Change the word first. About a microsecond when nobody waits: keep
    /// a count of waiters beside the word and look at that first.
    /// </summary>
    /// <param name="offset">Of the word; a multiple of 4.</param>
    /// <param name="count">How many to wake at most.</param>
    /// <returns>How many were woken; 0 where waiters poll.</returns>
    /// <exception cref="ArgumentOutOfRangeException">The word is outside the region.</exception>
    /// <exception cref="ArgumentException">The offset is not aligned.</exception>
    public virtual int WakeInt32(long offset, int count = int.MaxValue) => Futex.Wake(Slice(offset, sizeof(int)), count);

    /// <summary>
    /// A region whose memory somebody else supplies and who hears what is asked of it: the seam through which a test's
    /// <see cref="IStorage"/> simulates files. Costs nothing on access: the windows are the same.
    /// </summary>
    /// <param name="memory">The bytes; the supplier keeps them alive until <see cref="RegionBacking.Close"/>.</param>
    /// <param name="access">What the region may be used for.</param>
    /// <param name="backing">Hears of flushes, locks and waits.</param>
    /// <exception cref="ArgumentException">The memory may not be written but the region shall be.</exception>
    public static MemoryRegion Over(RegionSpan memory, RegionAccess access, RegionBacking backing) =>
        new BackedRegion(memory, access, backing);

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

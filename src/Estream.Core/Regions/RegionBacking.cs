namespace Estream.Core;

/// <summary>
/// Receives the operations on a region made by <see cref="MemoryRegion.Over"/>. The members correspond to those of <see
/// cref="MemoryRegion"/> with the same names; offsets and lengths are valid. The defaults do nothing.
/// </summary>
/// <remarks>Called from any thread that uses the region.</remarks>
public abstract class RegionBacking
{
    /// <inheritdoc cref="MemoryRegion.HugePages"/>
    public virtual HugePages HugePages => HugePages.None;

    /// <inheritdoc cref="MemoryRegion.Prefault"/>
    public virtual void Prefault(long offset, long length)
    {
    }

    /// <inheritdoc cref="MemoryRegion.Load"/>
    public virtual void Load(long offset, long length)
    {
    }

    /// <inheritdoc cref="MemoryRegion.Flush"/>
    public virtual void Flush(long offset, long length)
    {
    }

    /// <inheritdoc cref="MemoryRegion.WriteBehind"/>
    public virtual void WriteBehind(long offset, long length)
    {
    }

    /// <inheritdoc cref="MemoryRegion.AwaitWritten"/>
    public virtual void AwaitWritten(long offset, long length)
    {
    }

    /// <inheritdoc cref="MemoryRegion.DropBehind"/>
    public virtual void DropBehind(long offset, long length)
    {
    }

    /// <inheritdoc cref="MemoryRegion.TryLock"/>
    public virtual bool TryLock(LockMode mode) => true;

    /// <inheritdoc cref="MemoryRegion.Unlock"/>
    public virtual void Unlock()
    {
    }

    /// <summary>Waits on a word; see <see cref="MemoryRegion.WaitInt32"/>. The default returns <see langword="null"/>: the caller then
    /// waits in the kernel.</summary>
    /// <param name="offset">The offset of the word.</param>
    /// <param name="expected">The expected value.</param>
    /// <param name="timeout">The longest wait.</param>
    public virtual WaitOutcome? Wait(long offset, int expected, TimeSpan timeout) => null;

    /// <summary>Called when waiters on a word are woken; the kernel wakes its waiters too.</summary>
    /// <param name="offset">The offset of the word.</param>
    /// <param name="count">The maximum number of waiters.</param>
    public virtual void Wake(long offset, int count)
    {
    }

    /// <summary>The region was disposed, and its lock freed.</summary>
    public virtual void Close()
    {
    }
}

/// <summary>The kind of huge pages that a region can use. Without them there are more TLB misses.</summary>
public enum HugePages
{
    /// <summary>None: the file system has none, they are disabled, or the region is too small.</summary>
    None,

    /// <summary>
    /// Used if the kernel has one free: in anonymous memory, and on tmpfs mounted with <c>huge=always</c>, <c>within_size</c> or
    /// <c>advise</c>.
    /// </summary>
    Transparent,

    /// <summary>Reserved in advance: files on hugetlbfs. If none are left, creating a file fails as on a full disk.</summary>
    Reserved,
}

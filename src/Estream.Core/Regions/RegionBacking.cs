namespace Estream.Core;

/// <summary>
/// Who supplies the memory of a region made by <see cref="MemoryRegion.Over"/>, and hears what is asked of it. The members mean what
/// those of <see cref="MemoryRegion"/> with the same names do; offsets and lengths have been checked. What is not overridden does nothing.
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

    /// <summary>Waits on a word, see <see cref="MemoryRegion.WaitInt32"/>; <see langword="null"/>, the default, lets the kernel do
    /// it.</summary>
    /// <param name="offset">Of the word.</param>
    /// <param name="expected">What the word is believed to be.</param>
    /// <param name="timeout">The longest wait.</param>
    public virtual WaitOutcome? Wait(long offset, int expected, TimeSpan timeout) => null;

    /// <summary>Hears that waiters on a word are woken; the kernel is asked as well.</summary>
    /// <param name="offset">Of the word.</param>
    /// <param name="count">How many at most.</param>
    public virtual void Wake(long offset, int count)
    {
    }

    /// <summary>The region was disposed, and with it its lock. Windows onto it may still be held by mistake; none may be used.</summary>
    public virtual void Close()
    {
    }
}

/// <summary>The kind of huge pages a region can be on. Without them everything works the same, with more misses of the address
/// cache.</summary>
public enum HugePages
{
    /// <summary>None: the file system does not give them, they are switched off, or the region is smaller than one.</summary>
    None,

    /// <summary>
    /// Given where the kernel has one free, else small pages: anonymous memory, and tmpfs mounted with <c>huge=always</c>,
    /// <c>within_size</c> or <c>advise</c>.
    /// </summary>
    Transparent,

    /// <summary>Set aside in advance: files on hugetlbfs. Making a file fails as on a full disk when none are left.</summary>
    Reserved,
}

namespace Estream.Core;

/// <summary>
/// The storage of queues and maps. Tests replace it by simulated storage that tears, reorders and loses writes.
/// </summary>
/// <remarks>
/// Thread-safe. Every member throws <see cref="EstreamStorageException"/> if the storage refuses the call, with the path and what to do.
/// </remarks>
public interface IStorage
{
    /// <summary>Creates a directory with its parents, durably. Does nothing if it exists.</summary>
    void CreateDirectory(string path);

    /// <summary>Whether a directory exists.</summary>
    bool DirectoryExists(string path);

    /// <summary>Whether a file exists.</summary>
    bool FileExists(string path);

    /// <summary>The names (without directory) of a directory's files that end in <paramref name="suffix"/>, in ordinal order. Empty if the
    /// directory does not exist.</summary>
    IReadOnlyList<string> ListFiles(string directory, string suffix);

    /// <summary>
    /// Creates a file of zeros with reserved space and opens it for reading and writing. A full disk is reported here, and never later as
    /// a fault in mapped memory. Removes the file if it fails.
    /// </summary>
    /// <param name="path">A file that does not exist yet.</param>
    /// <param name="length">Bytes, at least 1. On hugetlbfs, file and region are rounded up to whole huge pages.</param>
    MemoryRegion CreateRegion(string path, long length);

    /// <summary>Opens an existing file whole. Its first 64 KiB are loaded (<see cref="MemoryRegion.Load"/>); the caller loads the
    /// rest.</summary>
    MemoryRegion OpenRegion(string path, RegionAccess access);

    /// <summary>Renames a file atomically, replacing a file with the new name. Open regions remain valid.</summary>
    void Rename(string path, string newPath);

    /// <summary>Deletes a file, if it exists. Open regions keep the content until they are disposed.</summary>
    void Delete(string path);

    /// <summary>
    /// Makes the entries of a directory durable: files created, renamed and deleted there before this call. The content of files is made
    /// durable by <see cref="MemoryRegion.Flush"/>. Takes the time of a write to the device.
    /// </summary>
    /// <exception cref="EstreamStorageException">The directory does not exist, or the device failed
    /// (<see cref="StorageFailure.Device"/>).</exception>
    void SyncDirectory(string path);

    /// <summary>
    /// Identifies the present run of the machine. If the id has changed, everything in memory and in the page cache was lost. All
    /// zeros if the system does not report it.
    /// </summary>
    Guid BootId { get; }

    /// <summary>The process that uses this storage, as written into leases.</summary>
    ProcessIdentity CurrentProcess { get; }

    /// <summary>
    /// Whether a process of this machine still runs. A hint only: containers number processes differently. Decisions that must be right use
    /// a lock, which the kernel frees.
    /// </summary>
    bool IsAlive(ProcessIdentity process);

    /// <summary>Fills bytes with unpredictable values, for ids of files and seeds of hashes.</summary>
    void FillRandom(Span<byte> destination);

    /// <summary>Locks a file without waiting. Creates the file if it does not exist and the mode is exclusive.</summary>
    /// <returns>The lock, freed by disposing it or by the end of the process; <see langword="null"/> if another process holds it.</returns>
    IDisposable? TryLock(string path, LockMode mode);

    /// <summary>
    /// The processes that hold locks on files now, also by <see cref="MemoryRegion.TryLock"/>, as reported by the system. Does not affect
    /// the holders.
    /// </summary>
    /// <param name="paths">The files. Missing ones are ignored.</param>
    /// <returns><see cref="LockHolders.Unknown"/> if the storage does not report them.</returns>
    /// <remarks>Takes some 20 µs per file, and reads up to 100,000 locks of the machine.</remarks>
    LockHolders FindLockHolders(IReadOnlyList<string> paths) => LockHolders.Unknown;
}

/// <summary>A process that holds a lock on a file.</summary>
/// <param name="Path">The file, as given by the caller.</param>
/// <param name="ProcessId">The process id in the namespace of this process.</param>
/// <param name="ProcessName">The name of the process, at most 15 characters; empty if unknown.</param>
public sealed record LockHolder(string Path, int ProcessId, string ProcessName);

/// <summary>The processes that hold locks on files, as far as known.</summary>
/// <param name="Holders">Each process once for each file.</param>
/// <param name="IsComplete">Whether all locks that this process may see were read. The process may not see the locks of other
/// containers.</param>
public sealed record LockHolders(IReadOnlyList<LockHolder> Holders, bool IsComplete)
{
    /// <summary>Nothing is known.</summary>
    public static LockHolders Unknown { get; } = new([], IsComplete: false);
}

/// <summary>How a file is locked.</summary>
public enum LockMode
{
    /// <summary>Any number of holders, but no exclusive one. Needs no write permission.</summary>
    Shared,

    /// <summary>One holder and no shared ones.</summary>
    Exclusive,
}

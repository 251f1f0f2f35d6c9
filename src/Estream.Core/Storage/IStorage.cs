namespace Estream.Core;

/// <summary>
/// Where logs and maps keep their files: the seam through which tests put simulated storage that tears, reorders and loses writes.
/// </summary>
/// <remarks>
/// Thread-safe. Every member throws <see cref="EstreamStorageException"/> when the storage refuses, with the path and the way out.
/// </remarks>
public interface IStorage
{
    /// <summary>Makes a directory with its parents, so that they outlast a power cut; one that exists is left alone.</summary>
    void CreateDirectory(string path);

    /// <summary>Whether a directory is there.</summary>
    bool DirectoryExists(string path);

    /// <summary>Whether a file is there.</summary>
    bool FileExists(string path);

    /// <summary>The names (without directory) of a directory's files that end in <paramref name="suffix"/>, in ordinal order. Empty when
    /// the directory is missing.</summary>
    IReadOnlyList<string> ListFiles(string directory, string suffix);

    /// <summary>
    /// Makes a file of zeros with its space reserved, so that a full disk shows here as an exception and never later as a fault in
    /// mapped memory, and opens it for reading and writing. A half-made file is removed.
    /// </summary>
    /// <param name="path">A file that does not exist yet.</param>
    /// <param name="length">Bytes, at least 1. On a file system of reserved huge pages (hugetlbfs) the file gets whole ones, and the region
    /// is as long.</param>
    MemoryRegion CreateRegion(string path, long length);

    /// <summary>Opens an existing file whole. Its first 64 KiB are loaded (<see cref="MemoryRegion.Load"/>); the caller loads the
    /// rest.</summary>
    MemoryRegion OpenRegion(string path, RegionAccess access);

    /// <summary>Renames a file in one step, replacing what has the new name. Open regions stay with the file.</summary>
    void Rename(string path, string newPath);

    /// <summary>Removes a file, if it is there. Open regions keep its contents until they are disposed.</summary>
    void Delete(string path);

    /// <summary>
    /// Makes the names in a directory durable: files made, renamed and deleted there before this call stay so across a power cut. Their
    /// contents are the business of <see cref="MemoryRegion.Flush"/>. Costs what the device takes for a write.
    /// </summary>
    /// <exception cref="EstreamStorageException">The directory is missing, or the device did not take it
    /// (<see cref="StorageFailure.Device"/>).</exception>
    void SyncDirectory(string path);

    /// <summary>
    /// What tells one run of the machine from the next: everything in memory, the page cache included, was lost between two different
    /// ids. All zeros where the system does not say.
    /// </summary>
    Guid BootId { get; }

    /// <summary>The process that uses this storage, as it signs what it holds.</summary>
    ProcessIdentity CurrentProcess { get; }

    /// <summary>
    /// Whether a process of this machine still runs. Only a hint across containers, where process ids mean different things: what must
    /// not go wrong is decided by a lock, which the kernel frees.
    /// </summary>
    bool IsAlive(ProcessIdentity process);

    /// <summary>Fills bytes with what nobody can guess: identities of files, seeds of hashes.</summary>
    void FillRandom(Span<byte> destination);

    /// <summary>Locks a file without waiting, making it when it is missing and the mode is exclusive.</summary>
    /// <returns>The lock, freed by disposing it or by the death of the process, or <see langword="null"/> when another holds it.</returns>
    IDisposable? TryLock(string path, LockMode mode);

    /// <summary>
    /// Which processes hold a lock on files now, also by <see cref="MemoryRegion.TryLock"/>, as the system tells: nobody has to have
    /// written anything for it, and nobody who locks them notices.
    /// </summary>
    /// <param name="paths">The files. One that is missing is passed over.</param>
    /// <returns>A storage that does not say answers <see cref="LockHolders.Unknown"/>.</returns>
    /// <remarks>Costs some 20 µs for each file, and a look at all the locks of the machine, of which at most 100,000 are looked
    /// at.</remarks>
    LockHolders FindLockHolders(IReadOnlyList<string> paths) => LockHolders.Unknown;
}

/// <summary>A process that holds a lock on a file.</summary>
/// <param name="Path">The file, as it was asked for.</param>
/// <param name="ProcessId">The process, as this one sees it.</param>
/// <param name="ProcessName">What the process calls itself, at most 15 characters; empty where the system does not say.</param>
public sealed record LockHolder(string Path, int ProcessId, string ProcessName);

/// <summary>Who holds locks on files, as far as can be told.</summary>
/// <param name="Holders">Each process once for each file, however often it has locked that.</param>
/// <param name="IsComplete">Whether all that this process may see was looked at; never so of processes in containers that it cannot
/// see.</param>
public sealed record LockHolders(IReadOnlyList<LockHolder> Holders, bool IsComplete)
{
    /// <summary>Where the system does not tell.</summary>
    public static LockHolders Unknown { get; } = new([], IsComplete: false);
}

/// <summary>How a file is locked against other openings of the same file.</summary>
public enum LockMode
{
    /// <summary>Any number of holders, but no exclusive one. Needs no right to write.</summary>
    Shared,

    /// <summary>One holder and no shared ones.</summary>
    Exclusive,
}

using Estream.Core;

namespace Estream.Queue.Tests.Support;

/// <summary>The file system of the machine. Its flushes can be counted, blocked and made to fail, and its boot id can be changed as by a
/// restart of the machine.</summary>
internal sealed class FlushStorage : IStorage
{
    private const int SegmentNumberOffset = 24;

    private int _flushes;
    private int _directorySyncs;

    /// <summary>The number of requested file flushes.</summary>
    public int Flushes => Volatile.Read(ref _flushes);

    /// <summary>The number of requested directory flushes.</summary>
    public int DirectorySyncs => Volatile.Read(ref _directorySyncs);

    /// <summary>Whether flushes fail.</summary>
    public bool Fails { get; set; }

    /// <summary>Whether flushes of directories fail.</summary>
    public bool FailsDirectories { get; set; }

    /// <summary>Whether waiting for started write-back fails.</summary>
    public bool FailsWrites { get; set; }

    /// <summary>Whether directories cannot be listed.</summary>
    public bool FailsLists { get; set; }

    /// <summary>Called before each flush with its path.</summary>
    public Action<string>? OnFlush { get; set; }

    /// <summary>Called after each completed flush with path, offset and length.</summary>
    public Action<string, long, long>? OnFlushed { get; set; }

    /// <summary>Called for pages released to the kernel, with segment index, offset and length.</summary>
    public Action<long, long, long>? OnDrop { get; set; }

    /// <summary>Called for each requested lock with the path of its file.</summary>
    public Action<string>? OnLock { get; set; }

    /// <summary>How many more times an exclusive lock is refused, as if another process were inspecting it.</summary>
    public int RefusedLocks { get; set; }

    public Guid BootId { get; set; } = FileStorage.Instance.BootId;

    public ProcessIdentity CurrentProcess => FileStorage.Instance.CurrentProcess;

    public bool IsAlive(ProcessIdentity process) => FileStorage.Instance.IsAlive(process);

    public void FillRandom(Span<byte> destination) => FileStorage.Instance.FillRandom(destination);

    public bool DirectoryExists(string path) => FileStorage.Instance.DirectoryExists(path);

    public bool FileExists(string path) => FileStorage.Instance.FileExists(path);

    public void CreateDirectory(string path) => FileStorage.Instance.CreateDirectory(path);

    public IReadOnlyList<string> ListFiles(string directory, string suffix)
    {
        ThrowIf(FailsLists, directory);
        return FileStorage.Instance.ListFiles(directory, suffix);
    }

    public MemoryRegion CreateRegion(string path, long length) => new Region(FileStorage.Instance.CreateRegion(path, length), path, this);

    public MemoryRegion OpenRegion(string path, RegionAccess access) =>
        new Region(FileStorage.Instance.OpenRegion(path, access), path, this);

    public void Rename(string path, string newPath) => FileStorage.Instance.Rename(path, newPath);

    public void Delete(string path) => FileStorage.Instance.Delete(path);

    public void SyncDirectory(string path)
    {
        Interlocked.Increment(ref _directorySyncs);
        ThrowIf(Fails || FailsDirectories, path);
        FileStorage.Instance.SyncDirectory(path);
    }

    public IDisposable? TryLock(string path, LockMode mode)
    {
        OnLock?.Invoke(path);
        return IsRefused(mode) ? null : FileStorage.Instance.TryLock(path, mode);
    }

    private bool IsRefused(LockMode mode) => mode == LockMode.Exclusive && RefusedLocks > 0 && RefusedLocks-- > 0;

    private static void ThrowIf(bool fails, string path)
    {
        if (fails)
        {
            throw new EstreamStorageException($"The device failed: '{path}'.", path, StorageFailure.Device);
        }
    }

    private sealed class Region(MemoryRegion inner, string path, FlushStorage storage) : DelegatingRegion(inner)
    {
        public override bool TryLock(LockMode mode) => !storage.IsRefused(mode) && base.TryLock(mode);

        public override void Flush(long offset, long length)
        {
            Interlocked.Increment(ref storage._flushes);
            storage.OnFlush?.Invoke(path);
            ThrowIf(storage.Fails, path);
            base.Flush(offset, length);
            storage.OnFlushed?.Invoke(path, offset, length);
        }

        public override void AwaitWritten(long offset, long length)
        {
            ThrowIf(storage.FailsWrites, path);
            base.AwaitWritten(offset, length);
        }

        public override void DropBehind(long offset, long length)
        {
            // The file had another name when it was created.
            storage.OnDrop?.Invoke(All.ReadInt64(SegmentNumberOffset), offset, length);
            base.DropBehind(offset, length);
        }
    }
}

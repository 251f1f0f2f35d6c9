using System.Collections.Concurrent;
using Estream.Core;

namespace Estream.Map.Tests;

/// <summary>Forwards to the file system; derived classes refuse selected operations.</summary>
internal class PassThroughStorage : IStorage
{
    private readonly FileStorage _inner = FileStorage.Instance;

    public virtual void CreateDirectory(string path) => _inner.CreateDirectory(path);

    public bool DirectoryExists(string path) => _inner.DirectoryExists(path);

    public bool FileExists(string path) => _inner.FileExists(path);

    public IReadOnlyList<string> ListFiles(string directory, string suffix) => _inner.ListFiles(directory, suffix);

    public virtual MemoryRegion CreateRegion(string path, long length) => _inner.CreateRegion(path, length);

    public virtual MemoryRegion OpenRegion(string path, RegionAccess access) => _inner.OpenRegion(path, access);

    public virtual void Rename(string path, string newPath) => _inner.Rename(path, newPath);

    public virtual void Delete(string path) => _inner.Delete(path);

    public virtual void SyncDirectory(string path) => _inner.SyncDirectory(path);

    public Guid BootId => _inner.BootId;

    public ProcessIdentity CurrentProcess => _inner.CurrentProcess;

    public bool IsAlive(ProcessIdentity process) => _inner.IsAlive(process);

    public virtual void FillRandom(Span<byte> destination) => _inner.FillRandom(destination);

    public virtual IDisposable? TryLock(string path, LockMode mode) => _inner.TryLock(path, mode);
}

/// <summary>Always the same hash seed: each key of a map is in the same bucket in every run.</summary>
internal sealed class SameSeedStorage : PassThroughStorage
{
    public override void FillRandom(Span<byte> destination) => destination.Fill(1);
}

/// <summary>A read-only file system. (File permissions do not stop a test that runs as root.)</summary>
internal sealed class ReadOnlyStorage : PassThroughStorage
{
    public override void CreateDirectory(string path)
    {
        if (!DirectoryExists(path))
        {
            throw Refused(path);
        }
    }

    public override MemoryRegion CreateRegion(string path, long length) => throw Refused(path);

    public override MemoryRegion OpenRegion(string path, RegionAccess access) =>
        access == RegionAccess.ReadOnly ? base.OpenRegion(path, access) : throw Refused(path);

    public override void Rename(string path, string newPath) => throw Refused(path);

    public override void Delete(string path) => throw Refused(path);

    public override IDisposable? TryLock(string path, LockMode mode) =>
        mode == LockMode.Shared ? base.TryLock(path, mode) : throw Refused(path);

    private static EstreamStorageException Refused(string path) =>
        new($"'{path}' is on a read-only file system.", path, StorageFailure.AccessDenied);
}

/// <summary>
/// A disk that is full for new files while <see cref="IsFull"/>, and on which no file can be deleted while <see cref="IsStuck"/>.
/// </summary>
internal sealed class FullStorage : PassThroughStorage
{
    public bool IsFull { get; set; }

    public bool IsStuck { get; set; }

    public override MemoryRegion CreateRegion(string path, long length) =>
        IsFull ? throw new EstreamStorageException($"No space for '{path}'.", path, StorageFailure.DiskFull) : base.CreateRegion(path,
            length);

    public override void Delete(string path)
    {
        if (IsStuck)
        {
            throw new EstreamStorageException($"'{path}' cannot be deleted.", path, StorageFailure.AccessDenied);
        }

        base.Delete(path);
    }
}

/// <summary>A disk with limited space. Deleting a file frees its space.</summary>
internal sealed class SmallStorage : PassThroughStorage
{
    /// <summary>The bytes of files that can still be created.</summary>
    public long FreeBytes { get; set; } = long.MaxValue / 2;

    public override MemoryRegion CreateRegion(string path, long length)
    {
        FreeBytes -= FreeBytes < length
            ? throw new EstreamStorageException($"No space for '{path}'.", path, StorageFailure.DiskFull)
            : length;
        return base.CreateRegion(path, length);
    }

    public override void Delete(string path)
    {
        FreeBytes += FileExists(path) ? new FileInfo(path).Length : 0;
        base.Delete(path);
    }
}

/// <summary>A slow device: the file of a chosen name is created or deleted when the test allows it.</summary>
internal sealed class SlowStorage : PassThroughStorage, IDisposable
{
    // So that an error ends the test instead of blocking it forever.
    private static readonly TimeSpan s_limit = TimeSpan.FromMinutes(1);

    private readonly ManualResetEventSlim _mayGoOn = new();
    private volatile string? _slowFile;

    public string? SlowFile
    {
        get => _slowFile;
        set => _slowFile = value;
    }

    public void GoOn() => _mayGoOn.Set();

    public override MemoryRegion CreateRegion(string path, long length)
    {
        AwaitTurnOf(path);
        return base.CreateRegion(path, length);
    }

    public override void Delete(string path)
    {
        AwaitTurnOf(path);
        base.Delete(path);
    }

    public void Dispose() => _mayGoOn.Dispose();

    private void AwaitTurnOf(string path)
    {
        if (Path.GetFileName(path) == _slowFile && !_mayGoOn.Wait(s_limit))
        {
            throw new EstreamStorageException($"'{path}' was waited for in vain.", path, StorageFailure.DiskFull);
        }
    }
}

/// <summary>Records the created files, whichever thread created them.</summary>
internal sealed class CreationStorage : PassThroughStorage
{
    public ConcurrentQueue<string> Created { get; } = [];

    public override MemoryRegion CreateRegion(string path, long length)
    {
        Created.Enqueue(path);
        return base.CreateRegion(path, length);
    }
}

/// <summary>The file system as seen by a process that is killed between two calls: its locks are then free and its files are as they were.
/// The steps of closing the map are not done.</summary>
internal sealed class KillableStorage : PassThroughStorage
{
    private readonly ConcurrentBag<IDisposable> _locks = [];

    public override IDisposable? TryLock(string path, LockMode mode)
    {
        IDisposable? held = base.TryLock(path, mode);
        if (held is not null)
        {
            _locks.Add(held);
        }

        return held;
    }

    public void Kill()
    {
        while (_locks.TryTake(out IDisposable? held))
        {
            held.Dispose();
        }
    }
}

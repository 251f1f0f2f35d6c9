using Estream.Core;

namespace Estream.Wire.Mqtt.Tests.Rig;

/// <summary>A disk that a test fills and frees: while it is full, no file can be created.</summary>
internal sealed class FullStorage : IStorage
{
    private volatile bool _isFull;
    private int _refusals;

    public bool IsFull
    {
        get => _isFull;
        set => _isFull = value;
    }

    /// <summary>Called before a file is created.</summary>
    public Action? Creating { get; set; }

    public void CreateDirectory(string path)
    {
        FileStorage.Instance.CreateDirectory(path);
    }

    public bool DirectoryExists(string path)
    {
        return FileStorage.Instance.DirectoryExists(path);
    }

    public bool FileExists(string path)
    {
        return FileStorage.Instance.FileExists(path);
    }

    public IReadOnlyList<string> ListFiles(string directory, string suffix)
    {
        return FileStorage.Instance.ListFiles(directory, suffix);
    }

    /// <summary>The number of refused attempts to create a segment.</summary>
    public int Refusals => Volatile.Read(ref _refusals);

    public MemoryRegion CreateRegion(string path, long length)
    {
        Creating?.Invoke();
        Interlocked.Add(ref _refusals, _isFull ? 1 : 0);
        return _isFull
            ? throw new EstreamStorageException($"No space is left for '{path}'.", path, StorageFailure.DiskFull)
            : FileStorage.Instance.CreateRegion(path, length);
    }

    public MemoryRegion OpenRegion(string path, RegionAccess access)
    {
        return FileStorage.Instance.OpenRegion(path, access);
    }

    public void Rename(string path, string newPath)
    {
        FileStorage.Instance.Rename(path, newPath);
    }

    public void Delete(string path)
    {
        FileStorage.Instance.Delete(path);
    }

    public void SyncDirectory(string path)
    {
        FileStorage.Instance.SyncDirectory(path);
    }

    public Guid BootId => FileStorage.Instance.BootId;

    public ProcessIdentity CurrentProcess => FileStorage.Instance.CurrentProcess;

    public bool IsAlive(ProcessIdentity process)
    {
        return FileStorage.Instance.IsAlive(process);
    }

    public void FillRandom(Span<byte> destination)
    {
        FileStorage.Instance.FillRandom(destination);
    }

    public IDisposable? TryLock(string path, LockMode mode)
    {
        return FileStorage.Instance.TryLock(path, mode);
    }
}

using Estream.Core;

namespace Estream.Wire.Compliance.Internal;

/// <summary>A disk that a check can fill and empty. While it is full, no file can be created.</summary>
internal sealed class FillableStorage : IStorage
{
    private volatile bool _isFull;

    public bool IsFull
    {
        get => _isFull;
        set => _isFull = value;
    }

    public Guid BootId => FileStorage.Instance.BootId;

    public ProcessIdentity CurrentProcess => FileStorage.Instance.CurrentProcess;

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

    public MemoryRegion CreateRegion(string path, long length)
    {
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

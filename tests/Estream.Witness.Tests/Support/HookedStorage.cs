using Estream.Core;

namespace Estream.Witness.Tests.Support;

/// <summary>The file system, with a hook before a directory is synced and before a file is created.</summary>
internal sealed class HookedStorage : IStorage
{
    private readonly FileStorage _inner = FileStorage.Instance;

    public Action<string>? OnSyncDirectory { get; set; }

    public Action<string>? OnCreateRegion { get; set; }

    public Guid BootId => _inner.BootId;

    public ProcessIdentity CurrentProcess => _inner.CurrentProcess;

    public void SyncDirectory(string path)
    {
        OnSyncDirectory?.Invoke(path);
        _inner.SyncDirectory(path);
    }

    public void CreateDirectory(string path) => _inner.CreateDirectory(path);

    public bool DirectoryExists(string path) => _inner.DirectoryExists(path);

    public bool FileExists(string path) => _inner.FileExists(path);

    public IReadOnlyList<string> ListFiles(string directory, string suffix) => _inner.ListFiles(directory, suffix);

    public MemoryRegion CreateRegion(string path, long length)
    {
        OnCreateRegion?.Invoke(path);
        return _inner.CreateRegion(path, length);
    }

    public MemoryRegion OpenRegion(string path, RegionAccess access) => _inner.OpenRegion(path, access);

    public void Rename(string path, string newPath) => _inner.Rename(path, newPath);

    public void Delete(string path) => _inner.Delete(path);

    public bool IsAlive(ProcessIdentity process) => _inner.IsAlive(process);

    public void FillRandom(Span<byte> destination) => _inner.FillRandom(destination);

    public IDisposable? TryLock(string path, LockMode mode) => _inner.TryLock(path, mode);
}

using Estream.Core;

namespace Estream.Testing;

/// <summary>The files of this machine, with flushes that fail while <see cref="Fails"/> is set. Thread-safe.</summary>
public sealed class FailingFlushStorage : IStorage
{
    private volatile bool _fails;

    /// <summary>Whether flushes fail.</summary>
    public bool Fails
    {
        get => _fails;
        set => _fails = value;
    }

    /// <summary>Called before each flush, for tests that block one.</summary>
    public Action? Flushing { get; set; }

    public Guid BootId => FileStorage.Instance.BootId;

    public ProcessIdentity CurrentProcess => FileStorage.Instance.CurrentProcess;

    public bool IsAlive(ProcessIdentity process) => FileStorage.Instance.IsAlive(process);

    public void FillRandom(Span<byte> destination) => FileStorage.Instance.FillRandom(destination);

    public void CreateDirectory(string path) => FileStorage.Instance.CreateDirectory(path);

    public bool DirectoryExists(string path) => FileStorage.Instance.DirectoryExists(path);

    public bool FileExists(string path) => FileStorage.Instance.FileExists(path);

    public IReadOnlyList<string> ListFiles(string directory, string suffix) => FileStorage.Instance.ListFiles(directory, suffix);

    public MemoryRegion CreateRegion(string path, long length) => new Region(FileStorage.Instance.CreateRegion(path, length), path, this);

    public MemoryRegion OpenRegion(string path, RegionAccess access) =>
        new Region(FileStorage.Instance.OpenRegion(path, access), path, this);

    public void Rename(string path, string newPath) => FileStorage.Instance.Rename(path, newPath);

    public void Delete(string path) => FileStorage.Instance.Delete(path);

    public void SyncDirectory(string path) => FileStorage.Instance.SyncDirectory(path);

    public IDisposable? TryLock(string path, LockMode mode) => FileStorage.Instance.TryLock(path, mode);

    private sealed class Region(MemoryRegion inner, string path, FailingFlushStorage storage) : DelegatingRegion(inner)
    {
        public override void Flush(long offset, long length)
        {
            storage.Flushing?.Invoke();
            if (storage.Fails)
            {
                throw new EstreamStorageException($"The device failed: '{path}'.", path, StorageFailure.Device);
            }

            base.Flush(offset, length);
        }
    }
}

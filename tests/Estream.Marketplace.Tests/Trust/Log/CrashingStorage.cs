using Estream.Core;

namespace Estream.Marketplace.Tests.Trust.Log;

/// <summary>The file system of the machine for a process that crashes at a chosen call: that call and all later ones do nothing.</summary>
internal sealed class CrashingStorage(int dieAt) : IStorage
{
    private int _calls;

    /// <summary>Whether the process did not crash.</summary>
    public bool Survived => _calls < dieAt;

    public Guid BootId => FileStorage.Instance.BootId;

    public ProcessIdentity CurrentProcess => FileStorage.Instance.CurrentProcess;

    public void CreateDirectory(string path) => Do(() => FileStorage.Instance.CreateDirectory(path));

    public bool DirectoryExists(string path) => FileStorage.Instance.DirectoryExists(path);

    public bool FileExists(string path) => FileStorage.Instance.FileExists(path);

    public IReadOnlyList<string> ListFiles(string directory, string suffix) => FileStorage.Instance.ListFiles(directory, suffix);

    public MemoryRegion CreateRegion(string path, long length)
    {
        MemoryRegion? region = null;
        Do(() => region = FileStorage.Instance.CreateRegion(path, length));
        return region!;
    }

    public MemoryRegion OpenRegion(string path, RegionAccess access) => FileStorage.Instance.OpenRegion(path, access);

    public void Rename(string path, string newPath) => Do(() => FileStorage.Instance.Rename(path, newPath));

    public void Delete(string path) => Do(() => FileStorage.Instance.Delete(path));

    public void SyncDirectory(string path) => Do(() => FileStorage.Instance.SyncDirectory(path));

    public bool IsAlive(ProcessIdentity process) => FileStorage.Instance.IsAlive(process);

    public void FillRandom(Span<byte> destination) => FileStorage.Instance.FillRandom(destination);

    public IDisposable? TryLock(string path, LockMode mode) => FileStorage.Instance.TryLock(path, mode);

    private void Do(Action call)
    {
        if (++_calls >= dieAt)
        {
            throw new EstreamStorageException("Killed here.", null, StorageFailure.Other);
        }

        call();
    }
}

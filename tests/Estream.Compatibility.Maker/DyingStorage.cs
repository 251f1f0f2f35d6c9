using System.Diagnostics;
using Estream.Core;

namespace Estream.Compatibility;

/// <summary>The file system, on which this process kills itself (SIGKILL) before or after an operation on a chosen file.</summary>
internal sealed class DyingStorage : IStorage
{
    private readonly FileStorage _inner = FileStorage.Instance;

    /// <summary>Dies instead of renaming to a file of this name.</summary>
    public string? DiesBeforeRenameTo { get; init; }

    /// <summary>Dies instead of renaming the file of this name.</summary>
    public string? DiesBeforeRenameOf { get; init; }

    /// <summary>Dies instead of deleting the file of this name.</summary>
    public string? DiesBeforeDelete { get; init; }

    /// <summary>Dies after creating the file of this name.</summary>
    public string? DiesAfterCreate { get; init; }

    public void CreateDirectory(string path) => _inner.CreateDirectory(path);

    public bool DirectoryExists(string path) => _inner.DirectoryExists(path);

    public bool FileExists(string path) => _inner.FileExists(path);

    public IReadOnlyList<string> ListFiles(string directory, string suffix) => _inner.ListFiles(directory, suffix);

    public MemoryRegion OpenRegion(string path, RegionAccess access) => _inner.OpenRegion(path, access);

    public void SyncDirectory(string path) => _inner.SyncDirectory(path);

    public Guid BootId => _inner.BootId;

    public ProcessIdentity CurrentProcess => _inner.CurrentProcess;

    public bool IsAlive(ProcessIdentity process) => _inner.IsAlive(process);

    public void FillRandom(Span<byte> destination) => _inner.FillRandom(destination);

    public IDisposable? TryLock(string path, LockMode mode) => _inner.TryLock(path, mode);

    public MemoryRegion CreateRegion(string path, long length)
    {
        MemoryRegion made = _inner.CreateRegion(path, length);
        DieAt(path, DiesAfterCreate);
        return made;
    }

    public void Rename(string path, string newPath)
    {
        DieAt(newPath, DiesBeforeRenameTo);
        DieAt(path, DiesBeforeRenameOf);
        _inner.Rename(path, newPath);
    }

    public void Delete(string path)
    {
        DieAt(path, DiesBeforeDelete);
        _inner.Delete(path);
    }

    private static void DieAt(string path, string? name)
    {
        if (Path.GetFileName(path) == name)
        {
            Process.GetCurrentProcess().Kill();
            new ManualResetEvent(initialState: false).WaitOne();
        }
    }
}

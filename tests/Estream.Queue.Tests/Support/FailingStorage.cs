using Estream.Core;

namespace Estream.Queue.Tests.Support;

/// <summary>The effect on the operation that fails.</summary>
public enum Failure
{
    /// <summary>The operation is refused; the next one succeeds.</summary>
    Once,

    /// <summary>The operation is done and reported as failed; the next one succeeds.</summary>
    OnceAfterItIsDone,

    /// <summary>The operation and all later ones are refused, as if the process ended here.</summary>
    ForGood,

    /// <summary>The operation is done but not reported, and all later ones are refused.</summary>
    ForGoodAfterItIsDone,
}

/// <summary>The file system of the machine, failing at a chosen operation. Thread-safe, as the interface requires.</summary>
internal sealed class FailingStorage(Failure failure, int failAt) : IStorage
{
    private int _operations;
    private volatile bool _healed;

    /// <summary>Whether the failing operation was reached.</summary>
    public bool HasFailed => Volatile.Read(ref _operations) >= failAt;

    /// <summary>Whether every rename is refused while other operations succeed.</summary>
    public bool RefusesRenames { get; set; }

    /// <summary>The number of directory listings that lack their second name, as if names were added during the listing.</summary>
    public int TornLists { get; set; }

    /// <summary>Stops all failures.</summary>
    public void Heal() => _healed = true;

    public bool DirectoryExists(string path) => FileStorage.Instance.DirectoryExists(path);

    public bool FileExists(string path) => FileStorage.Instance.FileExists(path);

    public void CreateDirectory(string path) => Do(path, () => FileStorage.Instance.CreateDirectory(path));

    public IReadOnlyList<string> ListFiles(string directory, string suffix) => Do(directory, () =>
    {
        IReadOnlyList<string> names = [.. FileStorage.Instance.ListFiles(directory, suffix).Order(StringComparer.Ordinal)];
        return names.Count > 2 && TornLists-- > 0 ? [names[0], .. names.Skip(2)] : names;
    });

    public MemoryRegion CreateRegion(string path, long length) => Do(path, () => FileStorage.Instance.CreateRegion(path, length));

    public MemoryRegion OpenRegion(string path, RegionAccess access) => Do(path, () => FileStorage.Instance.OpenRegion(path, access));

    public void Rename(string path, string newPath) => Do(path, () =>
    {
        if (RefusesRenames)
        {
            throw new EstreamStorageException($"Made to fail: rename of '{path}'.", path, StorageFailure.Other);
        }

        FileStorage.Instance.Rename(path, newPath);
    });

    public void Delete(string path) => Do(path, () => FileStorage.Instance.Delete(path));

    public void SyncDirectory(string path) => Do(path, () => FileStorage.Instance.SyncDirectory(path));

    public Guid BootId => FileStorage.Instance.BootId;

    public ProcessIdentity CurrentProcess => FileStorage.Instance.CurrentProcess;

    public bool IsAlive(ProcessIdentity process) => FileStorage.Instance.IsAlive(process);

    public void FillRandom(Span<byte> destination) => FileStorage.Instance.FillRandom(destination);

    public IDisposable? TryLock(string path, LockMode mode) => Do(path, () => FileStorage.Instance.TryLock(path, mode));

    private void Do(string path, Action action) => Do<IDisposable?>(path, () =>
    {
        action();
        return null;
    });

    private TResult Do<TResult>(string path, Func<TResult> action)
    {
        int operation = Interlocked.Increment(ref _operations);
        bool fails = !_healed
            && (operation == failAt || (operation > failAt && failure is Failure.ForGood or Failure.ForGoodAfterItIsDone));
        if (!fails)
        {
            return action();
        }

        if (operation == failAt && failure is Failure.OnceAfterItIsDone or Failure.ForGoodAfterItIsDone)
        {
            (action() as IDisposable)?.Dispose();
        }

        throw new EstreamStorageException($"Made to fail: operation {operation}, '{path}'.", path, StorageFailure.Other);
    }
}

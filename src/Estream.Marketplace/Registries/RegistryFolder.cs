using Estream.Core;

namespace Estream.Marketplace.Registries;

/// <summary>The directory of a writable registry: its path, its name in messages, and its writer lock.</summary>
internal sealed class RegistryFolder
{
    private const string LockName = "lock";

    /// <param name="scheme">The prefix of the location, such as <c>directory:</c>.</param>
    /// <param name="directory">The directory; need not exist.</param>
    /// <param name="storage">The storage of the directory; null for the file system of this machine.</param>
    public RegistryFolder(string scheme, string directory, IStorage? storage)
    {
        ArgumentException.ThrowIfNullOrEmpty(directory);
        Directory = Path.GetFullPath(directory);
        Storage = storage ?? FileStorage.Public;
        Location = scheme + Directory;
    }

    public string Directory { get; }

    public IStorage Storage { get; }

    /// <summary>The name of the registry in messages.</summary>
    public string Location { get; }

    /// <summary>Takes the writer's lock, and creates the directory first. Dispose the result to release the lock.</summary>
    /// <exception cref="EstreamLeaseException">Another process holds the lock.</exception>
    public IDisposable Lock()
    {
        Storage.CreateDirectory(Directory);
        return Storage.TryLock(Path.Combine(Directory, LockName), LockMode.Exclusive)
            ?? throw new EstreamLeaseException($"Another process is publishing to the registry {Location}. Try again when it has ended.",
                Directory);
    }
}

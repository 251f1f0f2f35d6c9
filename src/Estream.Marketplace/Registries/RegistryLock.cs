using Estream.Core;

namespace Estream.Marketplace.Registries;

/// <summary>The lock of a registry in a directory: one process at a time writes.</summary>
internal static class RegistryLock
{
    private const string FileName = "lock";

    /// <summary>Takes the lock, and creates the directory first. Dispose the result to release the lock.</summary>
    /// <param name="storage">Where the directory lies.</param>
    /// <param name="directory">The registry's directory.</param>
    /// <param name="location">The registry in messages.</param>
    /// <exception cref="EstreamLeaseException">Another process holds the lock.</exception>
    public static IDisposable Take(IStorage storage, string directory, string location)
    {
        storage.CreateDirectory(directory);
        return storage.TryLock(Path.Combine(directory, FileName), LockMode.Exclusive)
            ?? throw new EstreamLeaseException($"Another process publishes to the registry {location}. Try again when it has ended.", directory);
    }
}

namespace Estream.Core;

/// <summary>A lock on a file for short operations, such as the creation of another file. Waits for the present holder.</summary>
public static class TimedLock
{
    private const int Attempts = 10_000;

    /// <summary>Takes the lock. Waits for some ten seconds at most. Thread-safe.</summary>
    /// <param name="storage">The storage of the file.</param>
    /// <param name="path">The file; created if it does not exist.</param>
    /// <returns>The lock, freed by disposing it or by the end of the process.</returns>
    /// <exception cref="EstreamLeaseException">Another process has held it for this time.</exception>
    /// <exception cref="EstreamStorageException">The storage refused the call.</exception>
    public static IDisposable Take(IStorage storage, string path)
    {
        ArgumentNullException.ThrowIfNull(storage);
        IdleStrategy idle = IdleStrategy.Backoff();
        for (int attempt = 0; attempt < Attempts; attempt++)
        {
            if (storage.TryLock(path, LockMode.Exclusive) is { } held)
            {
                return held;
            }

            idle.Idle(0);
        }

        throw new EstreamLeaseException(
            $"Another process has held the lock on '{path}' for several seconds. Find that process, end it, and try again.",
            path);
    }
}

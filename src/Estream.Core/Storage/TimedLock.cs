namespace Estream.Core;

/// <summary>A file's lock for what takes a moment and no more: a file that comes into being, an opening. Waits for whoever has
/// it.</summary>
public static class TimedLock
{
    private const int Attempts = 10_000;

    /// <summary>Takes the lock, waiting up to some ten seconds for whoever holds it. Thread-safe.</summary>
    /// <param name="storage">Where the file is.</param>
    /// <param name="path">The file; made when it is missing.</param>
    /// <returns>The lock, freed by disposing it or by the death of the process.</returns>
    /// <exception cref="EstreamLeaseException">Another process has held it for seconds, which nothing it is meant for takes.</exception>
    /// <exception cref="EstreamStorageException">The storage refused.</exception>
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

        throw new EstreamLeaseException($"Another process has held '{path}' for seconds. Find out which it is, end it, and try again.",
            path);
    }
}

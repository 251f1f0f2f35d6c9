namespace Estream.Host.Runtime;

/// <summary>
/// Keeps memory mapped during reads. Reads are short (one bounded response); closing waits for active reads and rejects later ones. Without
/// the gate, a request that outlives the shutdown of the web server would read unmapped pages. Thread-safe.
/// </summary>
internal sealed class ReadGate : IDisposable
{
    // Recursive reads are allowed: the sampler uses the same views as requests.
    private readonly ReaderWriterLockSlim _lock = new(LockRecursionPolicy.SupportsRecursion);
    private bool _closed;

    /// <summary>Runs <paramref name="read"/> inside the gate.</summary>
    /// <exception cref="ObjectDisposedException">The gate is closed because the host is stopping.</exception>
    public T Read<T>(Func<T> read)
    {
        _lock.EnterReadLock();
        try
        {
            ObjectDisposedException.ThrowIf(_closed, this);
            return read();
        }
        finally
        {
            _lock.ExitReadLock();
        }
    }

    /// <summary>Waits for active reads and rejects later ones. Idempotent.</summary>
    public void Close()
    {
        _lock.EnterWriteLock();
        _closed = true;
        _lock.ExitWriteLock();
    }

    /// <summary>Closes the gate. The lock is not disposed, so a late reader finds a closed gate instead of a disposed lock.</summary>
    public void Dispose() => Close();
}

namespace Estream.Host.Runtime;

/// <summary>
/// Keeps memory mapped during reads. Reads are short (one bounded response); closing waits for active reads and rejects later ones. Without
/// the gate, a request that outlives the shutdown of the web server would read unmapped pages. Thread-safe.
/// </summary>
/// <param name="host">The gate of the host, for the gate of a part that may close earlier; null for the gate of the host.</param>
internal sealed class ReadGate(ReadGate? host = null) : IDisposable
{
    // Recursive reads are allowed: the sampler uses the same views as requests.
    private readonly ReaderWriterLockSlim _lock = new(LockRecursionPolicy.SupportsRecursion);
    private bool _closed;

    /// <summary>Runs <paramref name="read"/> inside the gate.</summary>
    /// <exception cref="ObjectDisposedException">The gate is closed, because the host is stopping or the part was removed.</exception>
    public T Read<T>(Func<T> read)
    {
        ObjectDisposedException.ThrowIf(!TryEnter(), this);
        try
        {
            return host is null ? read() : host.Read(read);
        }
        finally
        {
            Exit();
        }
    }

    /// <summary>Enters this gate, and not the gate of the host. Returns false if this gate is closed. Call <see cref="Exit"/> on the same
    /// thread.</summary>
    public bool TryEnter()
    {
        _lock.EnterReadLock();
        if (!_closed)
        {
            return true;
        }

        _lock.ExitReadLock();
        return false;
    }

    /// <summary>Leaves the gate after <see cref="TryEnter"/>.</summary>
    public void Exit() => _lock.ExitReadLock();

    /// <summary>Waits for active reads, and admits later ones.</summary>
    public void Drain()
    {
        _lock.EnterWriteLock();
        _lock.ExitWriteLock();
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

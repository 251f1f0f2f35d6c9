namespace Estream.Host.Runtime;

/// <summary>
/// Keeps memory mapped while somebody reads it. Readers are short (one bounded answer); closing waits for those
/// inside and turns all later ones away. Without it a request that outlives the shutdown of the web server would
/// read unmapped pages. Thread-safe.
/// </summary>
internal sealed class ReadGate : IDisposable
{
    // A reader inside may read more: the sampler goes through the same views as a request.
    private readonly ReaderWriterLockSlim _lock = new(LockRecursionPolicy.SupportsRecursion);
    private bool _closed;

    /// <summary>Runs <paramref name="read"/> inside the gate.</summary>
    /// <exception cref="ObjectDisposedException">The gate is closed: the host stops.</exception>
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

    /// <summary>Returns when nobody is inside and nobody can enter. Idempotent.</summary>
    public void Close()
    {
        _lock.EnterWriteLock();
        _closed = true;
        _lock.ExitWriteLock();
    }

    /// <summary>Closes the gate. The lock itself stays usable, so that a late reader meets a closed gate and not a disposed lock.</summary>
    public void Dispose() => Close();
}

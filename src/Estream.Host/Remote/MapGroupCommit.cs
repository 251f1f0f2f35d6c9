using Estream.Core;
using Estream.Map;

namespace Estream.Host.Remote;

/// <summary>Flushes a map for the clients that wait for their changes. A flush covers all changes made before it starts, so clients that
/// wait at the same time share one. Thread-safe.</summary>
/// <param name="map">The map.</param>
/// <param name="writing">The lock of the writers of the map.</param>
internal sealed class MapGroupCommit(VersionedByteMap map, Lock writing)
{
    private readonly Lock _gate = new();
    private Task _running = Task.CompletedTask;
    private Task? _next;
    private long _changes;
    private long _flushed;
    private volatile bool _hasFailed;

    /// <summary>The number of changes so far, also of those that changed nothing.</summary>
    public long Changes => Volatile.Read(ref _changes);

    /// <summary>Whether a flush has failed: changes may be lost although later flushes succeed.</summary>
    public bool HasFailed => _hasFailed;

    /// <summary>Counts a change. The caller holds the lock of the writers.</summary>
    public void Note() => Volatile.Write(ref _changes, _changes + 1);

    /// <summary>Completes when the changes up to a number are flushed.</summary>
    /// <exception cref="EstreamStorageException">The flush failed.</exception>
    public Task WaitAsync(long changes)
    {
        lock (_gate)
        {
            if (Volatile.Read(ref _flushed) >= changes)
            {
                return Task.CompletedTask;
            }

            // A running flush may have started before the last of the changes.
            return _next ??= FlushAfterAsync(_running);
        }
    }

    private async Task FlushAfterAsync(Task earlier)
    {
        await earlier.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing | ConfigureAwaitOptions.ForceYielding);
        lock (_gate)
        {
            (_running, _next) = (_next!, null);
        }

        lock (writing)
        {
            long covered = _changes;
            try
            {
                map.Flush();
            }
            catch (EstreamStorageException)
            {
                _hasFailed = true;
                throw;
            }

            Volatile.Write(ref _flushed, covered);
        }
    }
}

using Estream.Core;
using Estream.Map;

namespace Estream.Host.Remote;

/// <summary>Flushes a map for the clients that wait for their changes. A flush covers all changes made before the flush starts, so clients
/// that wait at the same time share a flush. Changes that arrive during a flush are made after the flush, on the thread of the flush.
/// Thread-safe.</summary>
/// <param name="map">The map.</param>
/// <param name="writing">The lock of the writers of the map. A flush holds it.</param>
internal sealed class MapGroupCommit(VersionedByteMap map, Lock writing)
{
    private readonly Lock _gate = new();
    private readonly bool _hadCrashed = map.HostCrashed;
    private List<(Action Change, TaskCompletionSource Done)> _deferred = [];
    private Task _running = Task.CompletedTask;
    private Task? _next;
    private bool _isFlushing;
    private bool _isClosed;
    private long _changes;
    private long _flushed;
    private volatile EstreamStorageException? _failure;

    /// <summary>The number of changes so far, also of those that changed nothing.</summary>
    public long Changes => Volatile.Read(ref _changes);

    /// <summary>Whether the device has refused a flush. Permanent until the map is opened again: the kernel does not write refused pages
    /// again, so later flushes prove nothing.</summary>
    public bool HasFailed => _failure is not null;

    /// <summary>Counts a change. The caller holds the lock of the writers.</summary>
    public void Note() => Volatile.Write(ref _changes, _changes + 1);

    /// <summary>Takes the lock of the writers, unless a flush holds it. Waits for other changes only.</summary>
    public bool TryEnter()
    {
        lock (_gate)
        {
            if (_isFlushing)
            {
                return false;
            }

            writing.Enter();
            return true;
        }
    }

    /// <summary>Makes a change on the thread of the running flush, after the flush and before the next one. Returns null if no flush is
    /// running.</summary>
    public Task? TryDefer(Action change)
    {
        lock (_gate)
        {
            if (!_isFlushing)
            {
                return null;
            }

            TaskCompletionSource done = new(TaskCreationOptions.RunContinuationsAsynchronously);
            _deferred.Add((change, done));
            return done.Task;
        }
    }

    /// <summary>Completes when the changes up to a number are flushed.</summary>
    /// <exception cref="EstreamStorageException">This flush or an earlier one failed.</exception>
    public Task WaitAsync(long changes)
    {
        lock (_gate)
        {
            if (Volatile.Read(ref _flushed) >= changes)
            {
                return Task.CompletedTask;
            }

            if (_failure is { } failure)
            {
                return Task.FromException(Refusal(failure));
            }

            if (_isClosed)
            {
                return Task.FromException(new ObjectDisposedException(nameof(MapGroupCommit)));
            }

            // A running flush may have started before the last of the changes.
            return _next ??= FlushAfterAsync(_running);
        }
    }

    /// <summary>Prevents further flushes, and waits for running ones: no flush may use the map after its disposal.</summary>
    public void Close()
    {
        Task last;
        lock (_gate)
        {
            _isClosed = true;
            last = _next ?? _running;
        }

        last.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing).GetAwaiter().GetResult();
    }

    private async Task FlushAfterAsync(Task earlier)
    {
        await earlier.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing | ConfigureAwaitOptions.ForceYielding);
        lock (_gate)
        {
            (_running, _next, _isFlushing) = (_next!, null, true);
        }

        try
        {
            Flush();
        }
        finally
        {
            MakeDeferred();
        }
    }

    private void Flush()
    {
        lock (writing)
        {
            long covered = _changes;
            _failure ??= FlushMap();
            if (_failure is { } failure)
            {
                throw Refusal(failure);
            }

            Volatile.Write(ref _flushed, covered);
        }
    }

    private EstreamStorageException? FlushMap()
    {
        try
        {
            map.Flush();

            // The map flushes by itself too, when it grows and when it compacts.
            return _hadCrashed || !map.HostCrashed
                ? null
                : new EstreamStorageException("The device refused an earlier flush.", map.Directory, StorageFailure.Device);
        }
        catch (EstreamStorageException failure)
        {
            return failure;
        }
    }

    private void MakeDeferred()
    {
        List<(Action Change, TaskCompletionSource Done)> deferred;
        lock (_gate)
        {
            _isFlushing = false;
            (deferred, _deferred) = (_deferred, []);
        }

        foreach ((Action change, TaskCompletionSource done) in deferred)
        {
            try
            {
                change();
                done.SetResult();
            }
            catch (Exception failure)
            {
                done.SetException(failure);
            }
        }
    }

    private EstreamStorageException Refusal(EstreamStorageException cause) => new(
        $"A flush of the map '{map.Directory}' failed, so changes may not be durable. No change is acknowledged until the map is opened "
        + $"again. Check the disk, and restart the host. {cause.Message}", cause.Path, StorageFailure.Device, cause);
}

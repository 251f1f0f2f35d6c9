using Estream.Circuits.Operations.Replication;
using Estream.Core;
using Estream.Map;
using Estream.Queue;
using Estream.Replication.Internal;

namespace Estream.Replication;

/// <summary>
/// Follows a replicated map: keeps a replica on this machine, with the versions and expiries of its source. Other code reads the replica
/// with <see cref="VersionedByteMap.OpenReadOnly"/>; only the follower writes it. Runs until it is disposed or an error needs an operator.
/// Thread-safe.
/// </summary>
/// <remarks>An entry of a replica never goes back to an earlier version. A batch of the owner may be visible in part. See <see
/// cref="MapReplicaStatus.AsOf"/> for how old the replica is. Format and rules: docs/formats/replication.md.</remarks>
public sealed class MapFollower : IAsyncDisposable
{
    private const int MessagesPerStep = 1024;

    private static readonly TimeSpan s_pause = TimeSpan.FromMilliseconds(10);
    private static readonly TimeSpan s_retry = TimeSpan.FromSeconds(1);

    private readonly MapStreams _streams;
    private readonly MapFiles _files;
    private readonly IClock _clock;
    private readonly VersionedByteMap _map;
    private readonly MapFolder _folder;
    private readonly QueueFollower _index;
    private readonly CancellationTokenSource _stop = new();
    private readonly Task _run;
    private EstreamQueue? _indexCopy;
    private QueueTailer? _pointers;
    private MapPointer _pointer;
    private volatile QueueFollower? _feed;
    private volatile string? _failure;
    private volatile bool _hasEnded;
    private volatile string? _owner;
    private long _idlePasses;

    internal MapFollower(string directory, MapStreams streams, MapFiles files, MapReplicationOptions options)
    {
        (_streams, _files, _clock) = (streams, files, options.Clock);
        _map = VersionedByteMap.Open(directory, new ByteMapOptions { Clock = _clock, GivesUpChanges = true });
        try
        {
            if (_map.UserWord(MapWords.Role) == MapWords.Owner)
            {
                files.PutAside();
            }
            else if (_map.UserWord(MapWords.Role) != MapWords.Replica || _map.HostCrashed)
            {
                RequireEmptyOrReplica(directory);
                MapWords.Reset(_map);
            }

            _folder = new MapFolder(_map);
            _index = streams.FollowIndex(files.Index, new QueueOptions { Clock = _clock });
        }
        catch
        {
            _map.Dispose();
            throw;
        }

        _run = Task.Factory.StartNew(Run, CancellationToken.None, TaskCreationOptions.LongRunning, TaskScheduler.Default);
    }

    /// <summary>The name of the map in the cluster.</summary>
    public string Name => _streams.Map;

    /// <summary>The state now.</summary>
    public MapReplicaStatus GetStatus()
    {
        ReplicationStatus index = _index.GetStatus();
        ReplicationStatus? feed = _feed?.GetStatus();
        ReplicationState state = _hasEnded ? ReplicationState.Failed
            : index.State is ReplicationState.Failed or ReplicationState.Disconnected ? index.State
            : feed?.State ?? ReplicationState.CatchingUp;
        return new MapReplicaStatus(Name, state)
        {
            Owner = _owner,
            AsOf = _map.UserWord(MapWords.AsOf),
            IsComplete = _map.UserWord(MapWords.IsComplete) != 0,
            Staleness = StalenessOf(_map.UserWord(MapWords.AsOf)),
            Epoch = feed?.Epoch ?? 0,
            Failure = _failure ?? index.Failure ?? feed?.Failure,
        };
    }

    /// <summary>
    /// Takes over the map for this machine: applies every confirmed change, and fences the earlier owner. Then dispose the follower, and
    /// publish the map.
    /// </summary>
    /// <param name="cancellation">Cancels the wait, not the takeover.</param>
    /// <returns>False if no process has published the map in this cluster.</returns>
    /// <exception cref="EstreamException">Following has failed; see <see cref="GetStatus"/>.</exception>
    /// <exception cref="OperationCanceledException">The wait was cancelled, or the follower was disposed.</exception>
    /// <remarks>While no broker is reachable, the wait continues.</remarks>
    public async Task<bool> TakeOverAsync(CancellationToken cancellation = default)
    {
        if (!await _index.TakeOverAsync(cancellation).ConfigureAwait(false))
        {
            return false;
        }

        // The index is complete now, so its newest message names the feed with all confirmed changes.
        await WaitUntilIdleAsync(cancellation).ConfigureAwait(false);
        if (_feed is { } feed)
        {
            _ = await feed.TakeOverAsync(cancellation).ConfigureAwait(false);
            await WaitUntilIdleAsync(cancellation).ConfigureAwait(false);
        }

        return true;
    }

    /// <summary>Stops. The replica stays, and following continues there after the next start.</summary>
    public async ValueTask DisposeAsync()
    {
        await _stop.CancelAsync().ConfigureAwait(false);
        await _run.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        _folder.Dispose();
        _pointers?.Dispose();
        _indexCopy?.Dispose();
        if (_feed is { } feed)
        {
            await feed.DisposeAsync().ConfigureAwait(false);
        }

        await _index.DisposeAsync().ConfigureAwait(false);
        _map.Dispose();
        _stop.Dispose();
    }

    // Entries that no feed has would be removed.
    private void RequireEmptyOrReplica(string directory)
    {
        if (_map.UserWord(MapWords.Role) != MapWords.Replica && _map.Count > 0)
        {
            throw new EstreamReplicationException(
                $"The map '{directory}' has entries and is not a replica. Move it away, or follow the map into another directory.",
                directory, ReplicationFault.NotAReplica);
        }
    }

    private TimeSpan? StalenessOf(long asOf) =>
        asOf == 0 ? null : TimeSpan.FromTicks(Math.Max(0, _clock.UtcNanos - asOf) / TimeSpan.NanosecondsPerTick);

    private async Task WaitUntilIdleAsync(CancellationToken cancellation)
    {
        // A pass that began before the call may have missed the newest message.
        long last = Interlocked.Read(ref _idlePasses) + 2;
        while (Interlocked.Read(ref _idlePasses) < last)
        {
            if (_hasEnded && _failure is { } failure)
            {
                throw new EstreamStorageException(failure, _files.Root, StorageFailure.Other);
            }

            await Task.Delay(s_pause, cancellation).WaitAsync(_stop.Token).ConfigureAwait(false);
        }
    }

    private void Run()
    {
        try
        {
            while (!_stop.IsCancellationRequested)
            {
                Pass();
            }
        }
        catch (OperationCanceledException)
        {
            // The follower is disposed.
        }
        catch (EstreamException failure)
        {
            (_failure, _hasEnded) = (failure.Message, true);
        }
        catch (Exception failure)
        {
            (_failure, _hasEnded) =
                ($"An unexpected error ended the replica of map '{Name}': {failure.Message} Start it again.", true);
        }
    }

    // A full disk, and a copy whose files are just being created, need a retry.
    private void Pass()
    {
        try
        {
            bool hasMoved = Step();
            _failure = null;
            if (!hasMoved)
            {
                _ = Interlocked.Increment(ref _idlePasses);
                Pause();
            }
        }
        catch (EstreamStorageException failure)
        {
            _failure = failure.Message;
            _ = _stop.Token.WaitHandle.WaitOne(failure.Reason == StorageFailure.NotFound ? s_pause : s_retry);
        }
    }

    private void Pause()
    {
        if (_folder.IsOpen)
        {
            _folder.Wait(s_pause, _stop.Token);
        }
        else
        {
            _ = _stop.Token.WaitHandle.WaitOne(s_pause);
        }
    }

    private bool Step()
    {
        bool hasMoved = ReadPointers();
        if (!_folder.IsOpen && _pointer.Feed != 0 && MapFiles.HasQueue(_files.Feed(_pointer.Feed)))
        {
            _folder.Open(_pointer, _files.Feed(_pointer.Feed));
            hasMoved = true;
        }

        return _folder.Fold(MessagesPerStep) > 0 || hasMoved;
    }

    private bool ReadPointers()
    {
        if (_pointers is null)
        {
            if (!MapFiles.HasQueue(_files.Index))
            {
                return false;
            }

            _indexCopy = EstreamQueue.OpenReadOnly(_files.Index);
            _pointers = _indexCopy.CreateTailer();
        }

        MapPointer newest = default;
        while (_pointers.TryRead(out QueueMessage message))
        {
            if (MapPointer.TryRead(message.Payload, out MapPointer pointer))
            {
                newest = pointer;
            }
        }

        if (newest.Feed == 0)
        {
            return false;
        }

        Follow(newest);
        return true;
    }

    private void Follow(in MapPointer pointer)
    {
        if (_map.UserWord(MapWords.Role) == MapWords.Owner)
        {
            // The changes of this machine that were never confirmed are in no other map.
            MapWords.Reset(_map);
            _files.DeleteFormer();
        }

        _owner = pointer.Owner;
        if (pointer.Feed == _pointer.Feed)
        {
            return;
        }

        _folder.Close();
        _feed?.DisposeAsync().AsTask().GetAwaiter().GetResult();
        _files.DeleteFeedsExcept(pointer.Feed);
        _pointer = pointer;
        _feed = _streams.FollowFeed(pointer.Feed, _files.Feed(pointer.Feed), new QueueOptions { Clock = _clock });
    }
}

/// <summary>The state of a replica of a map.</summary>
/// <param name="Map">The name of the map in the cluster.</param>
/// <param name="State">The state.</param>
public sealed record MapReplicaStatus(string Map, ReplicationState State)
{
    /// <summary>The name of the owner, to which clients send changes; null if it is not known yet.</summary>
    public string? Owner { get; init; }

    /// <summary>The time up to which the replica has all changes, by the clock of the owner, in nanoseconds since 1970 UTC; 0 if the
    /// replica is not complete yet. Single entries may be newer.</summary>
    public long AsOf { get; init; }

    /// <summary>How long ago <see cref="AsOf"/> was, by the clock of this machine; null if the replica is not complete yet. At most about
    /// <see cref="MapReplicationOptions.Heartbeat"/> while everything works.</summary>
    public TimeSpan? Staleness { get; init; }

    /// <summary>Whether a whole snapshot was applied. Until then, entries are missing.</summary>
    public bool IsComplete { get; init; }

    /// <summary>The epoch of the feed.</summary>
    public long Epoch { get; init; }

    /// <summary>Why the replica does not advance now; null if it does.</summary>
    public string? Failure { get; init; }
}

using Estream.Core;
using Estream.Map;
using Estream.Replication.Internal;

namespace Estream.Replication;

/// <summary>
/// Owns a replicated map: changes to <see cref="Map"/> are replicated to all followers of the map. Runs until it is disposed, another
/// process takes over the map, or an error needs an operator. Thread-safe, except the map; see <see cref="Writing"/>.
/// </summary>
/// <remarks>A change is visible in the map at once. <see cref="WaitConfirmedAsync"/> completes when a majority of the brokers has it.
/// Format and rules: docs/formats/replication.md.</remarks>
public sealed class MapPublisher : IAsyncDisposable
{
    private readonly MapFeedWriter _feed;
    private readonly TimeSpan _heartbeat;
    private readonly CancellationTokenSource _stop = new();
    private readonly Task _beating;
    private Task _replacing = Task.CompletedTask;
    private string? _failure;

    internal MapPublisher(string directory, MapStreams streams, MapFiles files, MapReplicationOptions options)
    {
        Name = streams.Map;
        _heartbeat = options.Heartbeat;
        _feed = new MapFeedWriter(streams, files, options, beginsAgain: false);
        try
        {
            CatchUp(directory, files, options);
            Map = VersionedByteMap.Open(directory, new ByteMapOptions { Clock = options.Clock, Changes = _feed });
            Map.SetUserWord(MapWords.Role, MapWords.Owner);
            _feed.Begin(Map);
        }
        catch
        {
            Map?.Dispose();
            _feed.DisposeAsync().AsTask().GetAwaiter().GetResult();
            throw;
        }

        _beating = Task.Run(BeatAsync);
    }

    /// <summary>The name of the map in the cluster.</summary>
    public string Name { get; }

    /// <summary>The map. Hold <see cref="Writing"/> during each change; reads need no lock.</summary>
    public VersionedByteMap Map { get; }

    /// <summary>The lock of the writer. The publisher takes it for a moment when it replaces the feed by a snapshot.</summary>
    public Lock Writing { get; } = new();

    /// <summary>The progress now.</summary>
    public ReplicationStatus GetStatus()
    {
        ReplicationStatus status = _feed.Status;
        return status with { Queue = Name, Failure = status.Failure ?? _failure };
    }

    /// <summary>Completes when a majority of the brokers has every change that was made before the call.</summary>
    /// <param name="cancellation">Cancels the wait. The changes stay, and are replicated.</param>
    /// <exception cref="EstreamException">Another process has taken over the map, or replication has failed. It is unknown whether the
    /// changes survive.</exception>
    /// <exception cref="OperationCanceledException">The wait was cancelled.</exception>
    public ValueTask WaitConfirmedAsync(CancellationToken cancellation = default) => _feed.WaitConfirmedAsync(cancellation);

    /// <summary>Closes the map and stops. Changes that are not confirmed are replicated after the next start.</summary>
    public async ValueTask DisposeAsync()
    {
        await _stop.CancelAsync().ConfigureAwait(false);
        await _beating.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        await _replacing.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        try
        {
            Map.Dispose();
        }
        finally
        {
            await _feed.DisposeAsync().ConfigureAwait(false);
            _stop.Dispose();
        }
    }

    // A copy of this machine, or a map that lost changes in a power cut, continues from the local feed.
    private void CatchUp(string directory, MapFiles files, MapReplicationOptions options)
    {
        if (_feed.IsNew)
        {
            return;
        }

        (long role, bool hasCrashed) = RoleOf(directory);
        if (role == MapWords.Owner && !hasCrashed)
        {
            // The map itself compares its last change with the feed.
            return;
        }

        using VersionedByteMap map = VersionedByteMap.Open(
            directory, new ByteMapOptions { Clock = options.Clock, GivesUpChanges = true });
        if (role != MapWords.Replica || hasCrashed)
        {
            MapWords.Reset(map);
        }

        using MapFolder folder = new(map);
        folder.Open(_feed.Known, files.Feed(_feed.Known.Feed));
        while (folder.Fold(int.MaxValue) > 0)
        {
        }
    }

    private static (long Role, bool HasCrashed) RoleOf(string directory)
    {
        try
        {
            using VersionedByteMap map = VersionedByteMap.OpenReadOnly(directory);
            return (map.UserWord(MapWords.Role), map.HostCrashed);
        }
        catch (EstreamStorageException missing) when (missing.Reason == StorageFailure.NotFound)
        {
            return (0, false);
        }
    }

    private async Task BeatAsync()
    {
        using PeriodicTimer timer = new(_heartbeat);
        while (await timer.WaitForNextTickAsync(_stop.Token).ConfigureAwait(false))
        {
            try
            {
                _feed.Pulse(_heartbeat);
                if (_replacing.IsCompleted && _feed.IsDue)
                {
                    _replacing = Task.Run(Replace);
                }
            }
            catch (EstreamException failure)
            {
                _failure = failure.Message;
            }
        }
    }

    private void Replace()
    {
        try
        {
            _ = _feed.Replace(Map, Writing);
            _failure = null;
        }
        catch (EstreamException failure)
        {
            _failure = $"The feed could not be replaced by a snapshot, and grows: {failure.Message}";
        }
    }
}

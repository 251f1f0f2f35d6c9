using Estream.Circuits.Operations.Replication;
using Estream.Core;
using Estream.Map;
using Estream.Queue;

namespace Estream.Replication.Internal;

/// <summary>The operation <c>map.sync</c> on a cluster: copies the change feed of a map into the feed that is replicated.</summary>
internal sealed class RabbitMapReplica : IReplica
{
    private readonly MapFeedWriter _feed;
    private readonly VersionedByteMap _map;
    private readonly QueueTailer _changes;
    private readonly TimeSpan _longestStep;
    private readonly EstreamQueue _source;

    public RabbitMapReplica(MapStreams streams, MapFiles files, VersionedByteMap map, EstreamQueue changes, TimeSpan longestStep)
    {
        (_map, _longestStep, _source) = (map, longestStep, changes);
        _feed = new MapFeedWriter(streams, files, new MapReplicationOptions(), beginsAgain: true);
        try
        {
            // The caller is the writer of the map, so nothing changes between the end of the feed and the snapshot. The named reader
            // retains the changes that are not copied.
            _changes = changes.CreateTailer("replica-" + streams.Map);
            _changes.SeekToEnd();
            _feed.Begin(map);
        }
        catch
        {
            _changes?.Dispose();
            _feed.DisposeAsync().AsTask().GetAwaiter().GetResult();
            throw;
        }
    }

    public ReplicationProgress Advance(long most)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(most);
        if (_feed.IsDue)
        {
            _ = _feed.Replace(_map, new Lock());
        }

        (long messages, long bytes) = (0, 0);
        while (messages < most && _changes.TryRead(out QueueMessage message))
        {
            if (MapChange.TryRead(message.Payload, out MapChange change))
            {
                _feed.Append(in change);
                (messages, bytes) = (messages + 1, bytes + change.Key.Length + change.Value.Length);
            }
        }

        _feed.Pulse(TimeSpan.FromSeconds(1));
        WaitConfirmed();
        _changes.Commit();
        TailerInfo place = _source.GetInfo().Tailers.First(known => known.Name == "replica-" + _feed.Map);
        return new ReplicationProgress(messages, bytes, _changes.Position, place.LagMessages ?? 0, place.LagBytes);
    }

    public void Dispose()
    {
        _changes.Dispose();
        _feed.DisposeAsync().AsTask().GetAwaiter().GetResult();
    }

    // Without brokers the changes stay in the local feed; the next call waits again.
    private void WaitConfirmed()
    {
        using CancellationTokenSource limit = new(_longestStep);
        try
        {
            _feed.WaitConfirmedAsync(limit.Token).AsTask().GetAwaiter().GetResult();
        }
        catch (OperationCanceledException)
        {
            // Reported as the state of the publisher.
        }
        catch (EstreamStorageException failure) when (failure.InnerException is EstreamReplicationException fault)
        {
            throw fault;
        }
    }
}

using Estream.Circuits.Operations;
using Estream.Circuits.Operations.Replication;
using Estream.Core;
using Estream.Queue;
using Estream.Replication.Internal;

namespace Estream.Replication;

/// <summary>Runs the operations <c>queue.replicate.v1</c> and <c>map.sync.v1</c> on a cluster: the name of the replica is the name of the
/// queue or map in the cluster. Thread-safe.</summary>
public sealed class RabbitReplicationEngine : IReplicationEngine
{
    private readonly RabbitReplication _replication;
    private readonly TimeSpan _longestStep;

    /// <summary>Creates the engine. Connects to no broker yet.</summary>
    /// <param name="replication">The cluster.</param>
    /// <param name="longestStep">How long <see cref="IReplica.Advance"/> waits for confirms; one second when omitted.</param>
    public RabbitReplicationEngine(RabbitReplication replication, TimeSpan? longestStep = null)
    {
        ArgumentNullException.ThrowIfNull(replication);
        _replication = replication;
        _longestStep = longestStep ?? TimeSpan.FromSeconds(1);
    }

    /// <inheritdoc/>
    public string Name => "rabbitmq";

    /// <inheritdoc/>
    /// <remarks>The publisher runs in the background until the replica is disposed. <see cref="IReplica.Advance"/> waits until the messages
    /// that the queue has at that moment are confirmed, the limit is reached, or the longest step is over; it may report more messages than
    /// the limit, because the publisher does not wait for it. The position is 0 until the stream is known.</remarks>
    public IReplica OpenQueue(string replica, EstreamQueue source) =>
        new Replica(_replication.Publish(replica, source), source, _longestStep);

    /// <inheritdoc/>
    /// <remarks>The name of the replica is the name of the map in the cluster; <see cref="RabbitReplication.FollowMap"/> keeps a replica.
    /// Each call begins a new feed with a snapshot. The directory of the change feed is <c>DIRECTORY~feeds</c> beside the map.</remarks>
    /// <exception cref="NotSupportedException">The map has no versions or no directory.</exception>
    public IReplica OpenMap(string replica, OperationMap source, EstreamQueue feed)
    {
        ArgumentNullException.ThrowIfNull(source);
        ArgumentNullException.ThrowIfNull(feed);
        if (source.Versioned is not { Directory: { } directory } map)
        {
            throw new NotSupportedException(
                $"The engine '{Name}' replicates maps with versions that are stored in files. Open '{source.Directory ?? "the map"}' with "
                + "VersionedByteMap.Open.");
        }

        return new RabbitMapReplica(_replication.StreamsOf(replica), new MapFiles(directory + "~feeds"), map, feed, _longestStep);
    }

    private sealed class Replica : IReplica
    {
        private readonly QueuePublisher _publisher;
        private readonly EstreamQueue _source;
        private readonly TimeSpan _longestStep;
        private long _sequence;
        private long _position;

        public Replica(QueuePublisher publisher, EstreamQueue source, TimeSpan longestStep)
        {
            (_publisher, _source, _longestStep) = (publisher, source, longestStep);
            ReplicationStatus status = publisher.GetStatus();
            (_sequence, _position) = (SequenceOf(status), status.Position);
        }

        public ReplicationProgress Advance(long most)
        {
            ArgumentOutOfRangeException.ThrowIfNegative(most);
            long end = _source.EndPosition();
            IdleStrategy idle = IdleStrategy.Backoff();
            long limit = _source.Clock.MonotonicNanos + (_longestStep.Ticks * 100);
            ReplicationStatus status = Require();
            while (status.Position < end && SequenceOf(status) - _sequence < most && _source.Clock.MonotonicNanos < limit)
            {
                idle.Idle(0);
                status = Require();
            }

            long messages = Math.Max(0, SequenceOf(status) - _sequence);
            long bytes = _position == 0 ? 0 : Math.Max(0, _source.BytesBetween(_position, status.Position));
            (_sequence, _position) = (_sequence + messages, status.Position);
            return new ReplicationProgress(messages, bytes, status.Position, status.LagMessages ?? 0, status.LagBytes);
        }

        public void Dispose() => _publisher.DisposeAsync().AsTask().GetAwaiter().GetResult();

        private long SequenceOf(ReplicationStatus status) => _source.GetInfo().NextSequence - (status.LagMessages ?? 0);

        private ReplicationStatus Require()
        {
            ReplicationStatus status = _publisher.GetStatus();
            return status.State switch
            {
                ReplicationState.Fenced => throw Ended(status, ReplicationFault.Fenced),
                ReplicationState.Failed => throw Ended(status, ReplicationFault.Refused),
                _ => status,
            };
        }

        private EstreamReplicationException Ended(ReplicationStatus status, ReplicationFault fault) =>
            new(status.Failure!, _source.Directory, fault);
    }
}

using System.Net;
using Estream.Queue;
using Estream.Replication;
using Estream.Scenarios.Harness;
using Estream.Scenarios.Peers.Brokers;
using Estream.Scenarios.Workloads;

namespace Estream.Scenarios.Product;

/// <summary>A queue that is published to brokers.</summary>
internal sealed class ReplicatedQueue : IDisposable
{
    private const string Name = "queue";
    private const long SegmentBytes = 64L << 20;

    private readonly RabbitCluster _brokers;
    private readonly RabbitReplication _replication;
    private readonly EstreamQueue _queue;
    private readonly QueuePublisher _publisher;
    private readonly byte[] _payload;

    public ReplicatedQueue(ContenderContext context, ReplicateWorkload work, int entryBytes = ReplicateWorkload.EntryBytes)
    {
        _brokers = RabbitCluster.Open(context, work.Brokers);
        _replication = new RabbitReplication(ClusterOf(_brokers, Path.GetFileName(context.Directory)) with { MaxBatchBytes = entryBytes });
        QueueOptions options = new() { SegmentBytes = SegmentBytes, RetainedBytes = 4 * SegmentBytes };
        _queue = EstreamQueue.Open(Path.Combine(context.Directory, "source"), options);
        Appender = _queue.CreateAppender(AppenderMode.Exclusive);
        _publisher = _replication.Publish(Name, _queue);
        _payload = new byte[work.PayloadBytes];
    }

    public QueueAppender Appender { get; }

    /// <summary>Returns how to reach all brokers, which store each stream.</summary>
    /// <param name="brokers">The brokers.</param>
    /// <param name="name">The name of the cluster, which no other contender uses.</param>
    public static ReplicationCluster ClusterOf(RabbitCluster brokers, string name) => new()
    {
        Name = name,
        Brokers = [.. brokers.Ports.Select(port => new DnsEndPoint("127.0.0.1", port))],
        Factor = brokers.Ports.Count,
        MaxBatchBytes = ReplicateWorkload.EntryBytes,
        MaxInFlightBytes = ReplicateWorkload.InFlightBytes,
    };

    /// <summary>Appends messages, and returns when the brokers have confirmed all of them.</summary>
    public void Append(long messages)
    {
        long position = 0;
        for (long i = 0; i < messages; i++)
        {
            position = Appender.Append(_payload);
        }

        _queue.WaitQuorumAsync(position).AsTask().GetAwaiter().GetResult();
    }

    /// <summary>Appends a message, and returns when the brokers have confirmed it.</summary>
    public void AppendOne() => _ = Appender.AppendAsync(_payload, Durability.Quorum).AsTask().GetAwaiter().GetResult();

    /// <summary>Copies the queue into an empty directory, and returns when the copy has a number of messages.</summary>
    public async Task CopyAsync(string directory, long messages)
    {
        await using QueueFollower follower = _replication.Follow(Name, directory);
        while (follower.GetStatus() is { } status && status.Messages < messages)
        {
            if (follower.Completion.IsCompleted)
            {
                throw new ScenarioException($"the copy ended: {status.Failure}");
            }

            await Task.Delay(1).ConfigureAwait(false);
        }
    }

    public void Dispose()
    {
        _publisher.DisposeAsync().AsTask().GetAwaiter().GetResult();
        Appender.Dispose();
        _queue.Dispose();
        _brokers.Dispose();
    }
}

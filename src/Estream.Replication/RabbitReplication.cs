using Estream.Queue;
using Estream.Replication.Internal;

namespace Estream.Replication;

/// <summary>Replicates queues through the RabbitMQ streams of a cluster. Each queue has one stream, named <c>estream.CLUSTER.QUEUE</c>.
/// Thread-safe.</summary>
public sealed class RabbitReplication
{
    private const int MaxNameLength = 64;

    private readonly ReplicationCluster _cluster;

    /// <summary>Creates the object. Connects to no broker yet.</summary>
    /// <param name="cluster">The cluster.</param>
    /// <exception cref="ArgumentException">A value of the cluster is out of range.</exception>
    public RabbitReplication(ReplicationCluster cluster)
    {
        ArgumentNullException.ThrowIfNull(cluster);
        cluster.Validate();
        _cluster = cluster;
    }

    /// <summary>Starts to replicate a queue of this process, which becomes the only source of the stream. Any earlier source of that name
    /// is fenced: it can confirm nothing any more.</summary>
    /// <param name="name">The name of the queue in the cluster: 1 to 64 ASCII letters, digits, '-', '_' or '.'.</param>
    /// <param name="queue">The queue, open for writing. Dispose the publisher before the queue.</param>
    /// <exception cref="ArgumentException">The name is invalid, or the queue is encrypted.</exception>
    /// <exception cref="InvalidOperationException">The queue is open read-only, or has a replicator.</exception>
    /// <exception cref="Core.EstreamException">The state of the replication cannot be stored in the directory of the queue.</exception>
    public QueuePublisher Publish(string name, EstreamQueue queue)
    {
        ArgumentNullException.ThrowIfNull(queue);
        return new QueuePublisher(name, queue, _cluster, LogOf(name, isReader: false));
    }

    /// <summary>Starts to follow a queue into a directory.</summary>
    /// <param name="name">The name of the queue in the cluster.</param>
    /// <param name="directory">The directory of the copy: empty, or an earlier copy of the same queue.</param>
    /// <param name="options">Retention and storage of the copy; null for the defaults. The segment size is that of the source.</param>
    /// <exception cref="ArgumentException">The name or an option is invalid.</exception>
    /// <exception cref="Core.EstreamException">The directory has appenders, contains another queue, or cannot be written.</exception>
    public QueueFollower Follow(string name, string directory, QueueOptions? options = null)
    {
        ArgumentException.ThrowIfNullOrEmpty(directory);
        return new QueueFollower(name, directory, options ?? new QueueOptions(), _cluster, LogOf(name, isReader: true));
    }

    /// <summary>Starts to compete for a lease that at most one process holds.</summary>
    /// <param name="name">The name of the lease in the cluster: 1 to 64 ASCII letters, digits, '-', '_' or '.'.</param>
    /// <exception cref="ArgumentException">The name is invalid.</exception>
    public ReplicationLease OpenLease(string name)
    {
        RequireName(name);
        return new ReplicationLease(_cluster, $"estream.{_cluster.Name}.lease/{name}");
    }

    private RabbitLog LogOf(string name, bool isReader)
    {
        RequireName(name);
        return new RabbitLog(_cluster, $"estream.{_cluster.Name}.{name}", isReader);
    }

    private static void RequireName(string name)
    {
        ArgumentNullException.ThrowIfNull(name);
        if (!ReplicationCluster.IsName(name))
        {
            throw new ArgumentException(
                $"'{name}' is not a valid name: use 1 to {MaxNameLength} ASCII letters, digits, '-', '_' or '.'.", nameof(name));
        }
    }
}

using Estream.Queue;
using Estream.Replication.Internal;

namespace Estream.Replication;

/// <summary>Replicates queues and maps through the RabbitMQ streams of a cluster. The stream of a queue is named
/// <c>estream.CLUSTER.QUEUE</c>. Thread-safe.</summary>
public sealed class RabbitReplication
{
    private const int MaxNameLength = 64;
    private const int MaxParts = 4;

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
    /// <param name="name">The name of the queue in the cluster: 1 to 64 ASCII letters, digits, '-', '_' or '.'; or up to four such names
    /// separated by '/', of which the first is not <c>map</c> or <c>lease</c>.</param>
    /// <param name="queue">The queue, open for writing. Dispose the publisher before the queue.</param>
    /// <exception cref="ArgumentException">The name is invalid, the queue is encrypted, or the queue is marked for a region that does not
    /// contain <see cref="ReplicationCluster.Region"/>.</exception>
    /// <exception cref="InvalidOperationException">The queue is open read-only, or has a replicator.</exception>
    /// <exception cref="Core.EstreamException">The state of the replication cannot be stored in the directory of the queue.</exception>
    public QueuePublisher Publish(string name, EstreamQueue queue)
    {
        ArgumentNullException.ThrowIfNull(queue);
        return new QueuePublisher(name, queue, _cluster, LogOf(name, isReader: false, StreamLimits.Of(queue)));
    }

    /// <summary>Starts to follow a queue into a directory.</summary>
    /// <param name="name">The name of the queue in the cluster.</param>
    /// <param name="directory">The directory of the copy: empty, or an earlier copy of the same queue.</param>
    /// <param name="options">Retention and storage of the copy; null for the defaults. The segment size is that of the source, and
    /// the region, unless given, that of the cluster.</param>
    /// <exception cref="ArgumentException">The name or an option is invalid.</exception>
    /// <exception cref="Core.EstreamException">The directory has appenders, contains another queue, or cannot be written.</exception>
    public QueueFollower Follow(string name, string directory, QueueOptions? options = null)
    {
        ArgumentException.ThrowIfNullOrEmpty(directory);
        options ??= new QueueOptions();

        // What was received inside a region does not leave the region through the copy either.
        options = options.Region is null ? options with { Region = _cluster.Region } : options;
        return new QueueFollower(name, directory, options, _cluster, LogOf(name, isReader: true));
    }

    /// <summary>Opens a map as its owner, and starts to replicate its changes. Any earlier owner is fenced: it can confirm no change any
    /// more.</summary>
    /// <param name="name">The name of the map in the cluster: 1 to 64 ASCII letters, digits, '-', '_' or '.'.</param>
    /// <param name="directory">The directory of the map. An existing map is replicated with its entries.</param>
    /// <param name="feeds">The directory of the change feed, used for nothing else.</param>
    /// <param name="options">The options; null for the defaults.</param>
    /// <exception cref="ArgumentException">The name or an option is invalid.</exception>
    /// <exception cref="Core.EstreamException">The map or its feed is in use, damaged, or cannot be written.</exception>
    public MapPublisher PublishMap(string name, string directory, string feeds, MapReplicationOptions? options = null)
    {
        ArgumentException.ThrowIfNullOrEmpty(directory);
        return new MapPublisher(directory, StreamsOf(name), FilesOf(feeds), Checked(options));
    }

    /// <summary>Starts to follow a map into a directory.</summary>
    /// <param name="name">The name of the map in the cluster.</param>
    /// <param name="directory">The directory of the replica: empty, or an earlier replica or owner of the same map.</param>
    /// <param name="feeds">The directory of the change feed, used for nothing else.</param>
    /// <param name="options">The options; null for the defaults. Only the clock is used.</param>
    /// <exception cref="ArgumentException">The name or an option is invalid.</exception>
    /// <exception cref="Core.EstreamException">The map is in use, is not a replica, or cannot be written.</exception>
    public MapFollower FollowMap(string name, string directory, string feeds, MapReplicationOptions? options = null)
    {
        ArgumentException.ThrowIfNullOrEmpty(directory);
        return new MapFollower(directory, StreamsOf(name), FilesOf(feeds), Checked(options));
    }

    /// <summary>Starts to compete for a lease that at most one process holds.</summary>
    /// <param name="name">The name of the lease in the cluster: 1 to 64 ASCII letters, digits, '-', '_' or '.'.</param>
    /// <exception cref="ArgumentException">The name is invalid.</exception>
    public ReplicationLease OpenLease(string name)
    {
        RequireName(name);
        return new ReplicationLease(_cluster, $"estream.{_cluster.Name}.lease/{name}");
    }

    internal MapStreams StreamsOf(string map)
    {
        RequireName(map);
        return new MapStreams(_cluster, map, new RabbitMapLogs(_cluster));
    }

    private static MapFiles FilesOf(string feeds)
    {
        ArgumentException.ThrowIfNullOrEmpty(feeds);
        return new MapFiles(feeds);
    }

    private static MapReplicationOptions Checked(MapReplicationOptions? options)
    {
        options ??= new MapReplicationOptions();
        options.Validate();
        return options;
    }

    private RabbitLog LogOf(string name, bool isReader, StreamLimits limits = default)
    {
        RequirePath(name);
        return new RabbitLog(_cluster, $"estream.{_cluster.Name}.{name}", isReader, limits: limits);
    }

    // Streams of maps and leases have names that begin with 'map/' and 'lease/'.
    private static void RequirePath(string name)
    {
        ArgumentNullException.ThrowIfNull(name);
        string[] parts = name.Split('/');
        if (parts.Length > MaxParts || (parts.Length > 1 && parts[0] is "map" or "lease"))
        {
            throw new ArgumentException(
                $"'{name}' is not a valid name: a name has at most {MaxParts} parts, and does not begin with map/ or lease/.",
                nameof(name));
        }

        Array.ForEach(parts, RequireName);
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

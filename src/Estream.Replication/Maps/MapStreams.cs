using Estream.Queue;

namespace Estream.Replication.Internal;

/// <summary>The streams of a replicated map: its index, and its feeds.</summary>
/// <param name="cluster">The cluster.</param>
/// <param name="map">The name of the map.</param>
/// <param name="logs">Opens and deletes streams by name.</param>
internal sealed class MapStreams(ReplicationCluster cluster, string map, IMapLogs logs)
{
    // No queue can have these names, because a name has no slash.
    private string IndexName => $"map/{map}";

    public string Map => map;

    public QueuePublisher PublishIndex(EstreamQueue queue) => new(IndexName, queue, cluster, logs.OpenIndex(IndexName, isReader: false));

    public QueuePublisher PublishFeed(long feed, EstreamQueue queue) =>
        new(NameOf(feed), queue, cluster, logs.OpenFeed(NameOf(feed), isReader: false));

    public QueueFollower FollowIndex(string directory, QueueOptions options) =>
        new(IndexName, directory, options, cluster, logs.OpenIndex(IndexName, isReader: true));

    public QueueFollower FollowFeed(long feed, string directory, QueueOptions options) =>
        new(NameOf(feed), directory, options, cluster, logs.OpenFeed(NameOf(feed), isReader: true));

    /// <summary>Deletes the stream of a feed that a confirmed pointer has replaced.</summary>
    /// <exception cref="Core.EstreamException">No broker can be reached, or it refuses the request.</exception>
    public Task DeleteFeedAsync(long feed) => logs.DeleteAsync(NameOf(feed));

    private string NameOf(long feed) => $"{IndexName}/{MapFiles.NameOf(feed)}";
}

/// <summary>Opens and deletes the streams of maps.</summary>
internal interface IMapLogs
{
    IBatchLog OpenIndex(string name, bool isReader);

    IBatchLog OpenFeed(string name, bool isReader);

    Task DeleteAsync(string name);
}

/// <summary>The streams of a RabbitMQ cluster.</summary>
internal sealed class RabbitMapLogs(ReplicationCluster cluster) : IMapLogs
{
    public IBatchLog OpenIndex(string name, bool isReader) => new RabbitLog(cluster, FullName(name), isReader);

    // An owner that was suspended for long must not create a feed again that its successor has deleted.
    public IBatchLog OpenFeed(string name, bool isReader) => new RabbitLog(cluster, FullName(name), isReader, isTemporary: true);

    public Task DeleteAsync(string name) => RabbitLog.DeleteAsync(cluster, FullName(name));

    private string FullName(string name) => $"estream.{cluster.Name}.{name}";
}

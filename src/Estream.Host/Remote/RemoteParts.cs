using Estream.Circuits;
using Estream.Client;
using Estream.Core;
using Estream.Esf;
using Estream.Host.Http;
using Estream.Host.Runtime;
using Estream.Map;
using Estream.Queue;
using Estream.Replication;
using Estream.Wire;

namespace Estream.Host.Remote;

/// <summary>What the requests of clients need of an open host. Closed after all connections.</summary>
internal sealed class RemoteParts : IDisposable
{
    private readonly PartTable<IRemoteMap> _maps = new();
    private readonly HostConfiguration _plan;
    private readonly PartitionedQueues _partitioned;
    private readonly List<KeyValueMap> _owned = [];
    private readonly List<ReplicationRuntime> _replicated = [];
    private volatile string? _closedBecause;

    private RemoteParts(HostConfiguration plan, IngressSinks sinks, MessageJson json, IReadOnlyDictionary<string, QueueRuntime> queues,
        PartitionedQueues partitioned, ProducerTable producers, IClock clock, ILoggerFactory loggers)
    {
        GroupFailures = new GroupFailures(loggers.CreateLogger("Estream.Host.Groups"));
        Groups = new GroupOutputs(GroupFailures);
        _partitioned = partitioned;
        Clock = clock;
        Cursors = new CursorOwners(plan.MaxCursorAge);
        _plan = plan;
        Json = json;
        Privacy = new MessagePrivacy(json);
        Sinks = sinks;
        Queues = queues;
        Producers = producers;
    }

    public IClock Clock { get; }

    public EsfSchemaSet Schemas => _plan.Schemas;

    public MessageJson Json { get; }

    public MessagePrivacy Privacy { get; }

    /// <summary>The addresses of queues, circuits and their streams.</summary>
    public LexDirectory Streams => _plan.Streams;

    public QueueAccess Access => _plan.Access;

    public IngressSinks Sinks { get; }

    public IReadOnlyDictionary<string, QueueRuntime> Queues { get; }

    public ProducerTable Producers { get; }

    public CursorOwners Cursors { get; }

    public GroupOutputs Groups { get; }

    public GroupFailures GroupFailures { get; }

    /// <summary>All maps: those that fold a queue, those that clients write, and those that pipelines and circuits write.</summary>
    public IReadOnlyDictionary<string, IRemoteMap> Maps => _maps;

    /// <summary>The maps that are replicated.</summary>
    public IReadOnlyList<ReplicationRuntime> Replicated => _replicated;

    /// <summary>The maps that may have lost changes in a power cut.</summary>
    public IEnumerable<MapHealth> CrashedMaps =>
        _maps.Where(map => map.Value is KeyValueMap { HasCrashed: true }).Select(map => new MapHealth(map.Key, KeyValueMap.CrashDetail));

    /// <summary>Opens the table of producers and the maps that clients write. Nothing may be appended before.</summary>
    /// <exception cref="EstreamException">The table cannot be opened.</exception>
    public static RemoteParts Open(HostConfiguration plan, IngressSinks sinks, MessageJson json,
        IReadOnlyDictionary<string, QueueRuntime> queues, PartitionedQueues partitioned, IReadOnlyDictionary<string, MapRuntime> folds,
        Quarantine quarantine, IClock clock, ILoggerFactory loggers)
    {
        ILogger replicationLog = loggers.CreateLogger("Estream.Replication");
        RemoteParts parts = new(
            plan, sinks, json, queues, partitioned, ProducerTable.Open(plan.Data.Producers, sinks, clock), clock, loggers);
        parts.Cursors.SetMissingAges(queues.Values);
        foreach ((string name, MapRuntime fold) in folds)
        {
            parts.AddFold(name, fold);
        }

        foreach (string name in plan.ClientMaps.Keys)
        {
            quarantine.TryOpen("map", name, () =>
            {
                KeyValueMap map = parts.OpenMap(plan, name, clock, replicationLog);
                parts._owned.Add(map);
                parts._maps.Add(name, map);
            });
        }

        foreach (string name in plan.Replication?.FollowMaps ?? [])
        {
            quarantine.TryOpen("map", name, () =>
            {
                KeyValueMap map = parts.OpenReplica(plan, name, clock, replicationLog);
                parts._owned.Add(map);
                parts._maps.Add(name, map);
            });
        }

        return parts;
    }

    /// <summary>Prepares for queues that clients will see later. Nothing may be appended to them before.</summary>
    /// <exception cref="EstreamException">A queue, or the table of producers, cannot be read.</exception>
    public void Add(IReadOnlyList<QueueRuntime> queues, IReadOnlyList<IngressSink> sinks)
    {
        Producers.Add(sinks);
        Cursors.SetMissingAges(queues);
    }

    /// <summary>Adds a map that a pipeline or circuit writes. Clients may read the map.</summary>
    /// <param name="name">The name of the map.</param>
    /// <param name="map">The map.</param>
    /// <param name="source">The queue that the pipeline reads.</param>
    public void AddOutput(string name, StateMap<Utf8Key64, LatestEntry> map, EstreamQueue source) => _maps.Add(name, new FoldedMap(
        map, source, "A pipeline or circuit writes the map. Append to the queue that it reads to change the map.", Privacy));

    /// <summary>Adds a map that folds a queue.</summary>
    public void AddFold(string name, MapRuntime fold) => _maps.Add(name, new FoldedMap(fold.Map, fold.Queue,
        "The map contains the newest messages of a queue. Append to the queue to change it.", Privacy, fold.Gate));

    /// <summary>Removes a map that folds a queue.</summary>
    public void RemoveFold(string name) => _maps.Remove(name);

    /// <summary>Refuses all requests from now on, because another host may be active. Thread-safe.</summary>
    public void Close(string reason) => _closedBecause = reason;

    /// <exception cref="RemoteRefusalException"><see cref="Close"/> was called.</exception>
    public void RequireOpen()
    {
        if (_closedBecause is { } reason)
        {
            throw new RemoteRefusalException(ClientStatus.Unavailable, reason);
        }
    }

    /// <summary>Finds a partitioned queue; null if there is none. Its partitions are also in <see cref="Queues"/>.</summary>
    public PartitionedQueue? Partitioned(string name) => _partitioned.Find(name);

    /// <summary>Returns the number of partitions of a queue; 0 if it has none.</summary>
    public int PartitionsOf(string name) => Partitioned(name)?.PartitionCount ?? 0;

    public void Dispose()
    {
        foreach (KeyValueMap map in _owned)
        {
            map.Dispose();
        }

        Producers.Dispose();
        Cursors.Dispose();
        GroupFailures.Dispose();
    }

    private KeyValueMap OpenMap(HostConfiguration plan, string name, IClock clock, ILogger log)
    {
        (long maxEntries, QueueKeyRing? keys, bool isFlushed) = plan.ClientMaps[name];
        if (plan.Replication is not { } replication || !replication.PublishMaps.Contains(name))
        {
            return KeyValueMap.Open(
                plan.Data.Map(name), maxEntries, isFlushed, new ByteMapOptions { Clock = clock, Keys = keys });
        }

        MapPublisher publisher = new RabbitReplication(replication.Cluster).PublishMap(name, plan.Data.Map(name), plan.Data.MapFeeds(name),
            new MapReplicationOptions { Clock = clock, Owner = replication.Owner });
        _replicated.Add(ReplicationRuntime.Show(publisher, log));
        return new KeyValueMap(publisher, maxEntries, isFlushed);
    }

    private KeyValueMap OpenReplica(HostConfiguration plan, string name, IClock clock, ILogger log)
    {
        MapFollower follower = new RabbitReplication(plan.Replication!.Cluster).FollowMap(name, plan.Data.Map(name),
            plan.Data.MapFeeds(name), new MapReplicationOptions { Clock = clock });
        try
        {
            KeyValueMap map = new(follower, plan.Data.Map(name), clock);
            _replicated.Add(ReplicationRuntime.Show(follower, log));
            return map;
        }
        catch
        {
            follower.DisposeAsync().AsTask().GetAwaiter().GetResult();
            throw;
        }
    }
}

/// <summary>Decides which messages clients may append and read. Thread-safe.</summary>
internal sealed class MessagePrivacy(MessageJson json)
{
    /// <summary>Whether the schema of a message has private fields.</summary>
    public bool IsProtected(ReadOnlySpan<byte> message) =>
        json.HasProtected && EsfMessageHeader.TryReadSchemaId(message, out _) && json.Schemas.TryGet(message, out EsfSchema? schema)
        && schema.IsProtected;

    /// <summary>Whether a message may contain private values in plaintext, so that only administrators may read it.</summary>
    public bool IsForAdministrators(ReadOnlySpan<byte> message) => !json.MayShowBytes(message);
}

/// <summary>A refused request.</summary>
internal sealed class RemoteRefusalException(ClientStatus status, string message) : Exception(message)
{
    public ClientStatus Status { get; } = status;
}

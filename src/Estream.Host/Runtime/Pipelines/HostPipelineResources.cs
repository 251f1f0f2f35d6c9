using System.Collections.Concurrent;
using Estream.Core;
using Estream.Esf;
using Estream.Map;
using Estream.Queue;
using Estream.Streams;
using Estream.Streams.Pipelines;

namespace Estream.Host.Runtime;

/// <summary>The resources of declared pipelines: the queues and maps of the host, and the maps that pipelines create.</summary>
internal sealed partial class HostPipelineResources(HostConfiguration plan, IReadOnlyDictionary<string, QueueRuntime> queues,
    IReadOnlyDictionary<string, MapRuntime> maps, IEsfTokenVault? vault, Quarantine quarantine, ILogger logger)
    : IPipelineResources, IDisposable
{
    private readonly Dictionary<string, StateMap<Utf8Key64, LatestEntry>> _made = new(StringComparer.Ordinal);
    private readonly Dictionary<string, ByteMap> _chunks = new(StringComparer.Ordinal);
    private readonly ConcurrentDictionary<(string Kind, string Name), bool> _used = new();

    /// <summary>The open maps that pipelines and circuits write.</summary>
    public IReadOnlyDictionary<string, StateMap<Utf8Key64, LatestEntry>> Outputs => _made;

    /// <summary>Whether a pipeline or circuit has asked for a queue or map. Thread-safe.</summary>
    public bool Uses(string kind, string name) => _used.ContainsKey((kind, name));

    public EstreamQueue Queue(string name)
    {
        _used[(ReloadChange.Queue, name)] = true;
        return queues.TryGetValue(name, out QueueRuntime? queue)
            ? queue.Queue
            : throw quarantine.ReasonOf("queue", name)
                ?? (EstreamException)new EstreamStorageException(
                    $"A pipeline names the queue {name}, which does not exist. Add it with AddQueue.", plan.Data.Queue(name),
                    StorageFailure.NotFound);
    }

    public StateMap<Utf8Key64, LatestEntry> Map(string name)
    {
        _used[(ReloadChange.Map, name)] = true;
        if (maps.TryGetValue(name, out MapRuntime? map))
        {
            return map.Map;
        }

        if (quarantine.ReasonOf("map", name) is { } reason)
        {
            throw reason;
        }

        if (!_made.TryGetValue(name, out StateMap<Utf8Key64, LatestEntry>? made))
        {
            _made.Add(name, made = StateMap.Open<Utf8Key64, LatestEntry>(plan.Data.Map(name)));
        }

        return made;
    }

    public string StateDirectory(string pipeline) => plan.Data.Pipeline(pipeline);

    public EsfSealer Sealer(EsfSchema schema) => new(schema, plan.AudienceKeys, vault: vault);

    public ByteMap Chunks(string queue)
    {
        if (!_chunks.TryGetValue(queue, out ByteMap? store))
        {
            QueueOptions options = plan.Queues[queue];
            _chunks.Add(queue, store = OpenStore(
                queue, plan.Data.Media(queue), new ByteMapOptions { Keys = options.Keys, Storage = options.Storage }));
        }

        return store;
    }

    public MpcIdentity Identity(string transcript) => plan.Identities.TryGetValue(transcript, out MpcIdentity? identity)
        ? identity
        : throw new EstreamKeyException(
            $"A circuit takes part in the sessions of {transcript}, but the host is not a party of them. Call UseIdentity.",
            plan.Data.Queue(transcript));

    public void Dispose()
    {
        foreach (ByteMap store in _chunks.Values)
        {
            store.Dispose();
        }

        foreach (StateMap<Utf8Key64, LatestEntry> map in _made.Values)
        {
            map.Dispose();
        }
    }

    private ByteMap OpenStore(string queue, string directory, ByteMapOptions options)
    {
        try
        {
            return ByteMap.Open(directory, options);
        }
        catch (EstreamKeyException) when (options.Keys is not null && IsPlaintext(directory, options.Storage))
        {
            // The queue got its keys after the store was created. A queue accepts that, a store does not.
            ByteMap store = ByteMap.Open(directory, options with { Keys = null });
            LogPlaintext(logger, queue, directory);
            return store;
        }
    }

    private static bool IsPlaintext(string directory, IStorage storage)
    {
        try
        {
            ByteMap.OpenReadOnly(directory, new ByteMapOptions { Storage = storage }).Dispose();
            return true;
        }
        catch (EstreamException)
        {
            return false;
        }
    }

    [LoggerMessage(EventId = 67, Level = LogLevel.Warning,
        Message = "The objects of queue {Queue} in {Directory} are not encrypted, although the queue has keys: the store is older than the "
            + "keys. To encrypt new objects, write them to a new queue.")]
    private static partial void LogPlaintext(ILogger logger, string queue, string directory);
}

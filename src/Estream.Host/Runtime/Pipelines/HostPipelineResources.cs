using Estream.Core;
using Estream.Esf;
using Estream.Map;
using Estream.Queue;
using Estream.Streams.Pipelines;

namespace Estream.Host.Runtime;

/// <summary>The resources of declared pipelines: the queues and maps of the host, and the maps that pipelines create.</summary>
internal sealed class HostPipelineResources(HostConfiguration plan, IReadOnlyDictionary<string, QueueRuntime> queues,
    IReadOnlyDictionary<string, MapRuntime> maps, IEsfTokenVault? vault, Quarantine quarantine) : IPipelineResources, IDisposable
{
    private readonly Dictionary<string, StateMap<Utf8Key64, LatestEntry>> _made = new(StringComparer.Ordinal);

    public EstreamQueue Queue(string name) => queues.TryGetValue(name, out QueueRuntime? queue)
        ? queue.Queue
        : throw quarantine.ReasonOf("queue", name)
            ?? (EstreamException)new EstreamStorageException(
                $"A pipeline names the queue {name}, which does not exist. Add it with AddQueue.", plan.Data.Queue(name),
                StorageFailure.NotFound);

    public StateMap<Utf8Key64, LatestEntry> Map(string name)
    {
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

    public void Dispose()
    {
        foreach (StateMap<Utf8Key64, LatestEntry> map in _made.Values)
        {
            map.Dispose();
        }
    }
}

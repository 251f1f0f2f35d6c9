using Estream.Esf;
using Estream.Map;
using Estream.Queue;
using Estream.Streams.Pipelines;

/// <summary>The queues and maps of the gateway, in one directory.</summary>
internal sealed class Resources(string root) : IPipelineResources, IDisposable
{
    private readonly Lock _gate = new();
    private readonly Dictionary<string, EstreamQueue> _queues = [];
    private readonly Dictionary<string, StateMap<Utf8Key64, LatestEntry>> _maps = [];

    public EstreamQueue Queue(string name)
    {
        lock (_gate)
        {
            if (!_queues.TryGetValue(name, out EstreamQueue? queue))
            {
                _queues.Add(name, queue = EstreamQueue.Open(Path.Combine(root, "queues", name)));
            }

            return queue;
        }
    }

    public StateMap<Utf8Key64, LatestEntry> Map(string name)
    {
        lock (_gate)
        {
            if (!_maps.TryGetValue(name, out StateMap<Utf8Key64, LatestEntry>? map))
            {
                _maps.Add(name, map = StateMap.Open<Utf8Key64, LatestEntry>(Path.Combine(root, "maps", name)));
            }

            return map;
        }
    }

    public string StateDirectory(string pipeline)
    {
        return Path.Combine(root, "pipelines", pipeline);
    }

    public EsfSealer Sealer(EsfSchema schema)
    {
        throw new EsfKeyException($"The circuit cannot seal, but {schema.Name} has private fields.", null, "default");
    }

    public void Dispose()
    {
        foreach (StateMap<Utf8Key64, LatestEntry> map in _maps.Values)
        {
            map.Dispose();
        }

        foreach (EstreamQueue queue in _queues.Values)
        {
            queue.Dispose();
        }
    }
}

using Estream.Esf;
using Estream.Map;
using Estream.Queue;
using Estream.Streams.Pipelines;

namespace Estream.Streams.Tests.Declared;

/// <summary>Provides the resources of declared pipelines from a directory.</summary>
internal sealed class Resources(string root, EsfAudienceKeys? keys = null) : IPipelineResources, IDisposable
{
    private readonly Dictionary<string, EstreamQueue> _queues = [];
    private readonly Dictionary<string, StateMap<Utf8Key64, LatestEntry>> _maps = [];
    private readonly Dictionary<string, ByteMap> _chunks = [];

    /// <summary>The identity of the test in the sessions of all transcripts.</summary>
    public MpcIdentity? Party { get; set; }

    public MpcIdentity Identity(string transcript) => Party!;

    public ByteMap Chunks(string queue)
    {
        if (!_chunks.TryGetValue(queue, out ByteMap? store))
        {
            _chunks.Add(queue, store = ByteMap.Open(Path.Combine(root, "media", queue)));
        }

        return store;
    }

    public EstreamQueue Queue(string name)
    {
        if (!_queues.TryGetValue(name, out EstreamQueue? queue))
        {
            _queues.Add(name, queue = EstreamQueue.Open(Path.Combine(root, "queues", name), new QueueOptions { SegmentBytes = 1 << 20 }));
        }

        return queue;
    }

    public StateMap<Utf8Key64, LatestEntry> Map(string name)
    {
        if (!_maps.TryGetValue(name, out StateMap<Utf8Key64, LatestEntry>? map))
        {
            _maps.Add(name, map = StateMap.Open<Utf8Key64, LatestEntry>(Path.Combine(root, "maps", name)));
        }

        return map;
    }

    public string StateDirectory(string pipeline) => Path.Combine(root, "pipelines", pipeline);

    public EsfSealer Sealer(EsfSchema schema) => new(schema, keys ?? EsfAudienceKeys.None);

    public void Dispose()
    {
        foreach (StateMap<Utf8Key64, LatestEntry> map in _maps.Values)
        {
            map.Dispose();
        }

        foreach (ByteMap store in _chunks.Values)
        {
            store.Dispose();
        }

        foreach (EstreamQueue queue in _queues.Values)
        {
            queue.Dispose();
        }
    }
}

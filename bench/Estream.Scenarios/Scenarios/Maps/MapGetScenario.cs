using Estream.Scenarios.Harness;
using Estream.Scenarios.Workloads;

namespace Estream.Scenarios.Scenarios;

/// <summary>
/// Random gets of present 8-byte keys with 8-byte values. The next key does not depend on the value found, so the
/// processor may overlap misses: throughput, not the latency of one isolated get.
/// </summary>
internal sealed class MapGetScenario : IScenario
{
    public string Name => "map-get";

    public string Summary => "get a random present 8-byte key with an 8-byte value";

    public Unit Unit => Unit.NanosPerOperation;

    public IReadOnlyList<ScenarioCase> Cases { get; } =
    [
        Case("1K", Target.AtMost(1.8, aim: 1.3)),
        Case("1M", Target.AtMost(1.25, aim: 1.0)),
        Case("16M", Target.AtMost(0.6, aim: 0.45)),
    ];

    private static ScenarioCase Case(string name, Target target) => new(
        name,
        Reference: "absl",
        [
            MapRows.Native("absl", "absl-get", name),
            .. MapRows.Product(name, target, (map, workload) => new MapGet<Product.ProductMap>(map, workload)),
            .. MapRows.AbslHuge(name, "get"),
            MapRows.Peer("table-cpp", "bucket-get", name),
            MapRows.Peer("tbb", "tbb-get", name),
            MapRows.Dictionary(name, (map, workload) => new MapGet<Peers.DictionaryStore>(map, workload)),
            MapRows.ConcurrentDictionary(name, (map, workload) => new MapGet<Peers.ConcurrentDictionaryStore>(map, workload)),
            MapRows.Faster(name, (map, workload) => new MapGet<Peers.Stores.FasterStore>(map, workload)),
            MapRows.Tsavorite(name, (map, workload) => new MapGet<Peers.Stores.TsavoriteStore>(map, workload)),
            .. MapRows.Databases(name, "get"),
            .. MapRows.DatabaseBindings(
                name,
                (map, workload) => new MapGet<Peers.Stores.LightningStore>(map, workload),
                (map, workload) => new MapGet<Peers.Stores.RocksStore>(map, workload)),
        ]);
}

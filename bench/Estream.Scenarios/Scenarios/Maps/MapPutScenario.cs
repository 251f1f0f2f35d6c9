using Estream.Scenarios.Harness;
using Estream.Scenarios.Workloads;

namespace Estream.Scenarios.Scenarios;

/// <summary>Random overwrites of present 8-byte keys with 8-byte values, one writer, readers allowed.</summary>
internal sealed class MapPutScenario : IScenario
{
    public string Name => "map-put";

    public string Summary => "overwrite the 8-byte value of a random present 8-byte key";

    public Unit Unit => Unit.NanosPerOperation;

    public IReadOnlyList<ScenarioCase> Cases { get; } = [Case("1K", null), Case("1M", null), Case("16M", Target.AtMost(0.9, aim: 0.6))];

    private static ScenarioCase Case(string name, Target? target) => new(
        name,
        Reference: "absl",
        [
            MapRows.Native("absl", "absl-put", name),
            .. MapRows.Product(name, target, (map, workload) => new MapPut<Product.ProductMap>(map, workload)),
            .. MapRows.AbslHuge(name, "put"),
            MapRows.Peer("tbb", "tbb-put", name),
            MapRows.Dictionary(name, (map, workload) => new MapPut<Peers.DictionaryStore>(map, workload)),
            MapRows.ConcurrentDictionary(name, (map, workload) => new MapPut<Peers.ConcurrentDictionaryStore>(map, workload)),
            MapRows.Faster(name, (map, workload) => new MapPut<Peers.Stores.FasterStore>(map, workload)),
            MapRows.Tsavorite(name, (map, workload) => new MapPut<Peers.Stores.TsavoriteStore>(map, workload)),
            .. MapRows.Databases(name, "put"),
            .. MapRows.DatabaseBindings(
                name,
                (map, workload) => new MapPut<Peers.Stores.LightningStore>(map, workload),
                (map, workload) => new MapPut<Peers.Stores.RocksStore>(map, workload)),
        ]);
}

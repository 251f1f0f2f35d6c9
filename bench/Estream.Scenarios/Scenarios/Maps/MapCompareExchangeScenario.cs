using Estream.Scenarios.Harness;
using Estream.Scenarios.Workloads;

namespace Estream.Scenarios.Scenarios;

/// <summary>
/// Replaces a known value: absl finds the entry and swaps its value by an atomic instruction; the product also keeps its
/// concurrent readers consistent. Every swap succeeds, on both sides.
/// </summary>
internal sealed class MapCompareExchangeScenario : IScenario
{
    public string Name => "map-cas";

    public string Summary => "replace the 8-byte value of a present key if it is the expected one";

    public Unit Unit => Unit.NanosPerOperation;

    public IReadOnlyList<ScenarioCase> Cases { get; } = [Case("1K", null), Case("1M", null), Case("16M", Target.AtMost(0.9, aim: 0.6))];

    private static ScenarioCase Case(string name, Target? target) => new(
        name,
        Reference: "absl",
        [
            MapRows.Native("absl", "absl-cas", name),
            .. MapRows.Product(name, target, (map, workload) => new MapCompareExchange<Product.ProductMap>(map, workload)),
            .. MapRows.AbslHuge(name, "cas"),
            MapRows.Peer("tbb", "tbb-cas", name),
            MapRows.Dictionary(name, (map, workload) => new MapCompareExchange<Peers.DictionaryStore>(map, workload)),
            MapRows.ConcurrentDictionary(name, (map, workload) => new MapCompareExchange<Peers.ConcurrentDictionaryStore>(map, workload)),
            MapRows.Faster(name, (map, workload) => new MapCompareExchange<Peers.Stores.FasterStore>(map, workload)),
            MapRows.Tsavorite(name, (map, workload) => new MapCompareExchange<Peers.Stores.TsavoriteStore>(map, workload)),
        ]);
}

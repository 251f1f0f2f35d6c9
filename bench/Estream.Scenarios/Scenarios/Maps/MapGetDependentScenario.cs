using Estream.Scenarios.Harness;
using Estream.Scenarios.Product;
using Estream.Scenarios.Workloads;

namespace Estream.Scenarios.Scenarios;

/// <summary>
/// Gets that depend on each other, because the next key is computed from the value found: the latency of an isolated get. The product's row
/// is in files of huge pages, as the target requires; `absl` is on default pages, `absl-huge` on huge ones.
/// </summary>
internal sealed class MapGetDependentScenario : IScenario
{
    private const int OneIn = 4;

    public string Name => "map-get-dependent";

    public string Summary => "get a present key that depends on the previous value; the product's files are on huge pages";

    public Unit Unit => Unit.NanosPerOperation;

    public IReadOnlyList<ScenarioCase> Cases { get; } = [Case("1K", null), Case("1M", null), Case("16M", Target.AtMost(0.6, aim: 0.45))];

    private static ScenarioCase Case(string name, Target? target) => new(
        name,
        Reference: "absl",
        [
            MapRows.Native("absl", "absl-get-dependent", name, OneIn),
            Product("estream", name) with { Target = target, Storage = Storage.HugePages },
            .. MapRows.AbslHuge(name, "get-dependent", OneIn),
            .. MapRows.HasHugePages(name) ? [Product("estream-small-pages", name) with { IsPeer = true }] : Array.Empty<Contender>(),
        ]);

    private static Contender Product(string implementation, string caseName) =>
        MapRows.Product(implementation, caseName, (map, workload) => new MapGetDependent<ProductMap>(map, workload), OneIn);
}

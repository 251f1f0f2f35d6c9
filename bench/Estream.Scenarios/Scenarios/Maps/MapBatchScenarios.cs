using Estream.Scenarios.Harness;
using Estream.Scenarios.Product;
using Estream.Scenarios.Workloads;

namespace Estream.Scenarios.Scenarios;

/// <summary>Gets of sixteen keys per call, compared with single gets of absl, with absl whose caller prefetches sixteen at a time, and with
/// a C++ table with the same layout (<c>table-cpp</c>).</summary>
internal sealed class MapGetBatchScenario : IScenario
{
    public string Name => "map-get-batch";

    public string Summary => "get random present keys, sixteen per call; the cost of one key";

    public Unit Unit => Unit.NanosPerOperation;

    public IReadOnlyList<ScenarioCase> Cases { get; } = [Case("1K", null), Case("1M", null), Case("16M", Target.AtMost(0.4, aim: 0.3))];

    private static ScenarioCase Case(string name, Target? target) => new(
        name,
        Reference: "absl",
        [
            MapRows.Native("absl", "absl-get", name),
            .. MapRows.Product(name, target, (map, workload) => new MapGetManyContender(map, workload)),
            MapRows.Peer("absl-prefetch", "absl-get-batch", name),
            MapRows.Peer("table-cpp", "bucket-get-batch", name),
        ]);
}

/// <summary>Overwrites of sixteen keys per call, compared with single overwrites of absl; and by two threads at once. <c>table-cpp</c> is a
/// C++ table with the same layout; <c>table-cpp-2-writers</c> also takes the same locks.</summary>
internal sealed class MapPutBatchScenario : IScenario
{
    public string Name => "map-put-batch";

    public string Summary => "overwrite the values of random present keys, sixteen per call; the cost of one value";

    public Unit Unit => Unit.NanosPerOperation;

    /// <summary>Two writers have no requirement; the aim is fifty million puts a second on a map that is far larger than the
    /// caches.</summary>
    public IReadOnlyList<ScenarioCase> Cases { get; } =
        [.. MapWorkload.Cases.Select(name => Case(name, name == "16M" ? new Target([], [Goal.Below(20)]) : null))];

    private static ScenarioCase Case(string name, Target? ofTwoWriters) => new(
        name,
        Reference: "absl",
        [
            MapRows.Native("absl", "absl-put", name),
            .. MapRows.Product(name, target: null, (map, workload) => new MapPutManyContender(map, workload)),
            Contender.Managed("estream-2-writers", context => new MapPutTogetherContender(context, MapWorkload.Of(name, context.Size))) with
            {
                IsPeer = ofTwoWriters is null,
                Target = ofTwoWriters,
            },
            MapRows.Peer("table-cpp", "bucket-put-batch", name),
            MapRows.Peer("table-cpp-2-writers", "bucket-put-together", name),
        ]);
}

/// <summary>Sixteen replacements of known values per call, compared with single ones of absl.</summary>
internal sealed class MapCompareExchangeBatchScenario : IScenario
{
    public string Name => "map-cas-batch";

    public string Summary => "replace expected 8-byte values of present keys, sixteen per call; the cost of one value";

    public Unit Unit => Unit.NanosPerOperation;

    public IReadOnlyList<ScenarioCase> Cases { get; } = [.. MapWorkload.Cases.Select(Case)];

    private static ScenarioCase Case(string name) => new(
        name,
        Reference: "absl",
        [
            MapRows.Native("absl", "absl-cas", name),
            .. MapRows.Product(name, target: null, (map, workload) => new MapCompareExchangeManyContender(map, workload)),
        ]);
}

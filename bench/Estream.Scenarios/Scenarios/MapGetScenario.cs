using Estream.Scenarios.Harness;
using Estream.Scenarios.Peers;
using Estream.Scenarios.Product;
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

    public IReadOnlyList<ScenarioCase> Cases { get; } = [.. MapWorkload.Cases.Select(Case)];

    private static ScenarioCase Case(string name)
    {
        return new ScenarioCase(
            name,
            [
                Contender.Native("absl", "absl-get", size => MapWorkload.Of(name, size).NativeArguments),
                Contender.Managed("estream", c => new MapGetContender(c, MapWorkload.Of(name, c.Size))),
                Contender.Managed("dictionary", c => new DictionaryGet(MapWorkload.Of(name, c.Size)), isPeer: true),
                Contender.Managed("concurrent-dictionary", c => new ConcurrentDictionaryGet(MapWorkload.Of(name, c.Size)), isPeer: true),
            ],
            Reference: "absl",
            name == "1M" ? Target.AtMost(1.5) : null);
    }
}

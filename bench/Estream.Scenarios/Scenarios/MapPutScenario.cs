using Estream.Scenarios.Harness;
using Estream.Scenarios.Peers;
using Estream.Scenarios.Product;
using Estream.Scenarios.Workloads;

namespace Estream.Scenarios.Scenarios;

/// <summary>Random overwrites of present 8-byte keys with 8-byte values, one writer, readers allowed.</summary>
internal sealed class MapPutScenario : IScenario
{
    public string Name => "map-put";

    public string Summary => "overwrite the 8-byte value of a random present 8-byte key";

    public Unit Unit => Unit.NanosPerOperation;

    public IReadOnlyList<ScenarioCase> Cases { get; } = [.. MapWorkload.Cases.Select(Case)];

    private static ScenarioCase Case(string name)
    {
        return new ScenarioCase(
            name,
            [
                Contender.Native("absl", "absl-put", size => MapWorkload.Of(name, size).NativeArguments),
                Contender.Managed("estream", c => new MapPutContender(c, MapWorkload.Of(name, c.Size))),
                Contender.Managed("dictionary", c => new DictionaryPut(MapWorkload.Of(name, c.Size)), isPeer: true),
                Contender.Managed("concurrent-dictionary", c => new ConcurrentDictionaryPut(MapWorkload.Of(name, c.Size)), isPeer: true),
            ],
            Reference: "absl",
            Target: null);
    }
}

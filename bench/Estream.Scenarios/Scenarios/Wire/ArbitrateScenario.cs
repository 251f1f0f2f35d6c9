using Estream.Scenarios.Harness;
using Estream.Scenarios.Peers.Packets;
using Estream.Scenarios.Product;
using Estream.Scenarios.Workloads;

namespace Estream.Scenarios.Scenarios;

/// <summary>Merges the A and B feeds of a venue into one stream without a gap.</summary>
internal sealed class ArbitrateScenario : IScenario
{
    public string Name => "arbitrate";

    public string Summary => "take a MoldUDP64 packet of feed A or B with 4 messages of 64 bytes; each feed loses 1 packet of 64";

    public Unit Unit => Unit.OperationsPerSecond;

    public IReadOnlyList<ScenarioCase> Cases { get; } =
    [
        new ScenarioCase(
            "two-feeds",
            Reference: "by-hand",
            Row("by-hand", () => new DictionaryMerge()),
            Row("estream", () => new ArbiterMerge()) with { Target = new Target([Goal.NoAllocation], []) }),
    ];

    private static Contender Row(string implementation, Func<IFeedMerge> create) =>
        Contender.Managed(implementation, context => new ArbitrateContender(context, create())) with { IsWithoutFiles = true };
}

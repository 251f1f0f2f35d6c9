using Estream.Scenarios.Harness;
using Estream.Scenarios.Product;

namespace Estream.Scenarios.Scenarios;

/// <summary>Converts a FIX order to an ESF message: finds, validates and writes its fields. Another case only checks the frame and finds
/// the fields.</summary>
internal sealed class FixParseScenario : IScenario
{
    // QuickFIX takes about five times as long, so it gets a part of the orders.
    private const int PeerPortion = 16;

    public string Name => "fix-parse";

    public string Summary =>
        "read a NewOrderSingle of FIX 4.4 and write it as an EStreamOrder into a span; frame and dictionary are not checked"
        + " (split: check the frame and find the fields)";

    public Unit Unit => Unit.NanosPerOperation;

    public IReadOnlyList<ScenarioCase> Cases { get; } =
    [
        new(
            "NewOrderSingle",
            Reference: "quickfix",
            Contender.Managed("estream", context => new FixParseContender(context)) with
            {
                Target = new Target([Goal.Below(85), Goal.NoAllocation], []),
                IsWithoutFiles = true,
            },
            Contender.Native("quickfix", "quickfix-orders",
                size => $"--operations {FixParseContender.OperationsOf(size) / PeerPortion}") with
            {
                Portion = PeerPortion,
            }),
        new(
            "NewOrderSingle-split",
            Reference: null,
            Contender.Managed("estream", context => new FixSplitContender(context)) with
            {
                Target = new Target([Goal.Below(45), Goal.NoAllocation], []),
                IsWithoutFiles = true,
            }),
    ];
}

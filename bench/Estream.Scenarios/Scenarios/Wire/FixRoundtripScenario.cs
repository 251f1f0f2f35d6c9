using Estream.Scenarios.Harness;
using Estream.Scenarios.Product;

namespace Estream.Scenarios.Scenarios;

/// <summary>
/// Sends an order to an acceptor and receives its execution report over one loopback connection: measures the rate with many in flight,
/// and the time of a single one. Both acceptors keep sent messages in memory and log nothing.
/// </summary>
internal sealed class FixRoundtripScenario : IScenario
{
    public string Name => "fix-roundtrip";

    public string Summary => "send FIX 4.4 orders to an acceptor and receive its execution reports, over one loopback connection";

    public Unit Unit => Unit.OperationsPerSecond;

    public IReadOnlyList<ScenarioCase> Cases { get; } =
    [
        Of("64-in-flight", 64, Goal.AtLeastTimes(3)),
        Of("1-in-flight", 1, Goal.P99AtMostTimes(1)),
    ];

    private static ScenarioCase Of(string name, int inFlight, Goal goal) => new(
        name,
        Reference: "quickfix",
        Contender.Managed("quickfix", context => new FixRoundtripContender(context, inFlight, FixVenue.StartQuickFix)) with
        {
            NativeCommand = FixVenue.QuickFixCommand,
        },
        Contender.Managed("estream", context => new FixRoundtripContender(context, inFlight, FixVenue.Start)) with
        {
            Target = new Target([goal], []),
            IsWithoutFiles = true,
        });
}

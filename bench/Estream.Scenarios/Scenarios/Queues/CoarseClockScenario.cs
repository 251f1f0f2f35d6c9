using Estream.Scenarios.Harness;
using Estream.Scenarios.Product;

namespace Estream.Scenarios.Scenarios;

/// <summary>The age of the time that a message is stamped with: the price of not reading the clock for each message.</summary>
internal sealed class CoarseClockScenario : IScenario
{
    private static readonly Target s_target = new([Goal.P99Below(1_000_000)], [Goal.P999Below(1_000_000)]);

    public string Name => "coarse-clock";

    public string Summary => "how far the clock that stamps messages lags behind the precise clock";

    public Unit Unit => Unit.NanosPerOperation;

    public IReadOnlyList<ScenarioCase> Cases { get; } = [Case("idle", isBusy: false), Case("busy", isBusy: true)];

    private static ScenarioCase Case(string name, bool isBusy) =>
        new(name, Reference: null,
            Contender.Managed("estream", context => new CoarseClockContender(context, isBusy)) with
            {
                Target = s_target,
                IsWithoutFiles = true,
            });
}

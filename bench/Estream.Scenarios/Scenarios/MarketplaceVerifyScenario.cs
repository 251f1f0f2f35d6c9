using Estream.Scenarios.Harness;
using Estream.Scenarios.Product;

namespace Estream.Scenarios.Scenarios;

/// <summary>Verifies one bundle in a process that is started for it.</summary>
internal sealed class MarketplaceVerifyScenario : IScenario
{
    private const double MostNanos = 300_000_000;

    public string Name => "marketplace-verify";

    public string Summary => "run `estream marketplace verify --offline` for a package of 5 MB, from start to exit";

    public Unit Unit => Unit.NanosPerOperation;

    public IReadOnlyList<ScenarioCase> Cases { get; } =
    [
        new ScenarioCase("5MB", Reference: null,
            Contender.Managed("estream", context => new VerifyContender(context)) with
            {
                Target = new Target([Goal.Below(MostNanos)], []),
                IsWithoutFiles = true,
            }),
    ];
}

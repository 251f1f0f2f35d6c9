using Estream.Scenarios.Harness;
using Estream.Scenarios.Product;

namespace Estream.Scenarios.Scenarios;

/// <summary>Installs an integration of twenty components into a new workspace, on a disk.</summary>
internal sealed class MarketplaceInstallScenario : IScenario
{
    private const double MostWarmNanos = 2_000_000_000, MostColdNanos = 30_000_000_000;

    public string Name => "marketplace-install";

    public string Summary =>
        "install an integration of 20 components into a new workspace, with a warm and with an empty cache";

    public Unit Unit => Unit.NanosPerOperation;

    public IReadOnlyList<ScenarioCase> Cases { get; } =
        [Case("warm", isWarm: true, MostWarmNanos), Case("cold", isWarm: false, MostColdNanos)];

    private static ScenarioCase Case(string name, bool isWarm, double mostNanos) => new(
        name,
        Reference: null,
        Contender.Managed("estream", context => new InstallContender(context, isWarm)) with
        {
            Target = new Target([Goal.Below(mostNanos)], []),
            IsWithoutFiles = true,
            Storage = Storage.Disk,
        });
}

using Estream.Scenarios.Harness;
using Estream.Scenarios.Product;

namespace Estream.Scenarios.Scenarios;

/// <summary>Selects one version of each of 5,000 components from 50, with the catalog in memory.</summary>
internal sealed class ResolveScenario : IScenario
{
    private const double MostNanos = 200_000_000;

    public string Name => "resolve";

    public string Summary => "select compatible versions of 5,000 components with 50 versions each";

    public Unit Unit => Unit.NanosPerOperation;

    public IReadOnlyList<ScenarioCase> Cases { get; } = [Case("newest", hasConflicts: false), Case("conflicts", hasConflicts: true)];

    private static ScenarioCase Case(string name, bool hasConflicts) => new(
        name,
        Reference: null,
        Contender.Managed("estream", context => new ResolveContender(context, hasConflicts)) with
        {
            Target = new Target([Goal.Below(MostNanos)], []),
            IsWithoutFiles = true,
        });
}

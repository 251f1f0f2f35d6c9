using Estream.Core;
using Estream.Marketplace.Resolution;

namespace Estream.Marketplace;

/// <summary>
/// Chooses one version of every component that a workspace needs, so that all requirements are met: versions, schemas, engines and license
/// tiers. Prefers the newest versions, first those of the components that the workspace names. Deterministic: equal requests give equal
/// results on every machine. Stateless and thread-safe.
/// </summary>
public static class ComponentResolver
{
    /// <summary>Resolves a request.</summary>
    /// <param name="catalog">The releases to choose from.</param>
    /// <param name="request">The requirements and the policy.</param>
    /// <param name="clock">The clock for the age of releases.</param>
    /// <returns>The resolved set, or a conflict that explains why there is none and what to do.</returns>
    /// <exception cref="ArgumentException">A component is required twice.</exception>
    public static ResolutionResult Resolve(ComponentCatalog catalog, ResolutionRequest request, IClock clock)
    {
        ArgumentNullException.ThrowIfNull(catalog);
        ArgumentNullException.ThrowIfNull(request);
        ArgumentNullException.ThrowIfNull(clock);
        if (request.Requirements.GroupBy(requirement => requirement.Name).FirstOrDefault(same => same.Count() > 1) is { } twice)
        {
            throw new ArgumentException($"{twice.Key} is required twice: combine its version ranges", nameof(request));
        }

        SolverUniverse universe = new(catalog, request, clock);
        Solver solver = new(universe, request.MaxSteps);
        switch (solver.Run())
        {
            case SolverOutcome.Solved:
                return new ResolutionResult(ResolvedSetBuilder.Build(solver, request), null);
            case SolverOutcome.TooManySteps:
                return new ResolutionResult(null, new ResolutionConflict(
                    [$"No resolution was found within {request.MaxSteps} steps, and it is unknown whether one exists."],
                    ["Narrow the ranges of the components this workspace asks for, so that fewer versions have to be tried"],
                    isUndecided: true));
            default:
                IReadOnlyList<Fact> facts = Derivation.FactsOf(solver.Failure!);
                List<string> hints =
                    [.. new ConflictHints(universe, clock).Of(facts), .. new ConflictAlternatives(catalog, request, clock).Of(facts)];
                if (hints.Count == 0)
                {
                    hints.Add(ConflictAlternatives.AskPublishers(facts));
                }

                return new ResolutionResult(null,
                    new ResolutionConflict(Derivation.LinesOf(solver.Failure!, new ConflictPhrases(universe)), hints, isUndecided: false));
        }
    }
}

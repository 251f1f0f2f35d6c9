using Estream.Esf.Schema;
using Estream.Marketplace.Resolution;
using Estream.Testing;

namespace Estream.Marketplace.Tests.Resolution;

/// <summary>Compares the solver with brute force in thousands of small universes. A failure reports its seed.</summary>
public sealed class BruteForceModelTests
{
    [Fact]
    public void Resolver_agrees_with_brute_force()
    {
        int resolved = 0;
        int refused = 0;
        for (int seed = 0; seed < LongRun.Count(2_000, 400_000); seed++)
        {
            bool isResolved = HasTheAnswerOfTheModel(seed);
            resolved += isResolved ? 1 : 0;
            refused += isResolved ? 0 : 1;
        }

        Assert.True(resolved > (resolved + refused) / 3 && refused > (resolved + refused) / 3,
            $"{resolved} resolved, {refused} refused: the universes show one side only");
    }

    /// <summary>In the first seed, the provider of a schema is the only component that names the provider's dependency. In the second seed,
    /// that dependency provides the schema too.</summary>
    [Theory]
    [InlineData(65_514)]
    [InlineData(54_622)]
    public void Resolver_agrees_with_brute_force_for_seeds_of_past_defects(int seed)
    {
        HasTheAnswerOfTheModel(seed);
    }

    [Fact]
    public void Resolver_prefers_kept_and_newest_versions_in_order()
    {
        for (int seed = 0; seed < LongRun.Count(500, 100_000); seed++)
        {
            RandomUniverse universe = new(seed);
            Solver solver = new(new SolverUniverse(universe.Catalog, universe.Request, ManualClock.At(UniverseText.Now)),
                ResolutionRequest.DefaultMaxSteps);
            if (solver.Run() != SolverOutcome.Solved)
            {
                continue;
            }

            BruteForce model = new(universe.Catalog, universe.Request);
            Dictionary<ComponentName, Func<SemanticVersion, bool>> before = [];
            foreach ((SolverPackage package, int version) in solver.Decisions.TakeWhile(decision =>
                decision.Package.Kind is PackageKind.Workspace or PackageKind.Component))
            {
                if (package.Component is not null)
                {
                    SemanticVersion taken = package.Releases[version - 1].Version;
                    SemanticVersion? kept = universe.Request.Preferred.GetValueOrDefault(package.Component);
                    before[package.Component] = other => taken != kept && (other > taken || other == kept);
                    Assert.True(!model.Solutions(before).Any(),
                        $"seed {seed}: {package.Component} {taken} could be newer, or the {kept} that was there");
                    before[package.Component] = other => other == taken;
                }
            }
        }
    }

    [Fact]
    public void Resolution_does_not_depend_on_the_order_of_the_catalog()
    {
        for (int seed = 0; seed < LongRun.Count(300, 20_000); seed++)
        {
            RandomUniverse universe = new(seed);
            Random random = new(seed);
            ComponentCatalog shuffled = new(universe.Catalog.Names.SelectMany(universe.Catalog.ReleasesOf).OrderBy(_ => random.Next()));
            ManualClock clock = ManualClock.At(UniverseText.Now);
            Assert.Equal(Told(ComponentResolver.Resolve(universe.Catalog, universe.Request, clock)),
                Told(ComponentResolver.Resolve(shuffled, universe.Request, clock)));
        }
    }

    private static bool HasTheAnswerOfTheModel(int seed)
    {
        RandomUniverse universe = new(seed);
        BruteForce model = new(universe.Catalog, universe.Request);
        ResolutionResult result = ComponentResolver.Resolve(universe.Catalog, universe.Request, ManualClock.At(UniverseText.Now));
        bool hasSolution = model.Solutions(new Dictionary<ComponentName, Func<SemanticVersion, bool>>()).Any();
        Assert.True(hasSolution == result.IsResolved, $"seed {seed}: {hasSolution}, and {result.Conflict}");
        if (result.IsResolved)
        {
            Dictionary<ComponentName, CandidateRelease> chosen =
                result.Set.Components.ToDictionary(component => component.Release.Name, component => component.Release);
            Assert.True(model.IsRight(chosen), $"seed {seed}: {string.Join(", ", chosen.Values)}");
            AssertNothingIsExtraAndOrderIsRight(seed, result.Set, universe.Request);
        }

        return result.IsResolved;
    }

    private static string Told(ResolutionResult result) => result.IsResolved
        ? string.Join('\n', result.Set.Components.Select(component => $"{component.Release} for {string.Join(' ', component.NeededBy)}"))
        : result.Conflict.ToString();

    private static void AssertNothingIsExtraAndOrderIsRight(int seed, ResolvedSet set, ResolutionRequest request)
    {
        HashSet<ComponentName> seen = [];
        foreach (ResolvedComponent component in set.Components)
        {
            Assert.True(component.Release.Dependencies.All(need => seen.Contains(need.Name)),
                $"seed {seed}: {component.Release} comes before what it needs");
            Assert.True(component.IsDirect || component.NeededBy.Count > 0
                || request.RequiredSchemas.Any(schema => set.Schemas[schema] == component.Release.Name),
                    $"seed {seed}: nobody needs {component.Release}");
            seen.Add(component.Release.Name);
        }
    }
}

namespace Estream.Marketplace.Resolution;

/// <summary>Converts the decisions of a solver into a set in the order of installation.</summary>
internal static class ResolvedSetBuilder
{
    public static ResolvedSet Build(Solver solver, ResolutionRequest request)
    {
        Dictionary<ComponentName, CandidateRelease> chosen = [];
        Dictionary<string, ComponentName> schemas = new(StringComparer.Ordinal);
        foreach ((SolverPackage package, int version) in solver.Decisions)
        {
            if (package.Kind == PackageKind.Component)
            {
                chosen.Add(package.Component!, package.Releases[version - 1]);
            }
            else if (package.Kind == PackageKind.Schema)
            {
                schemas.Add(package.Label, package.Providers[version - 1]);
            }
        }

        Dictionary<ComponentName, ComponentName[]> needs = chosen.ToDictionary(pair => pair.Key, pair => NeedsOf(pair.Value, schemas));
        ILookup<ComponentName, ComponentName> neededBy = needs.SelectMany(pair => pair.Value.Select(need => (need, pair.Key)))
            .ToLookup(pair => pair.need, pair => pair.Key);
        HashSet<ComponentName> direct = [.. request.Requirements.Select(requirement => requirement.Name)];
        ResolvedComponent[] components =
        [
            .. InOrder(needs, neededBy)
            .Select(name => new ResolvedComponent(chosen[name], [.. neededBy[name].Order()], direct.Contains(name))),
        ];
        return new ResolvedSet(components, schemas, solver.Steps);
    }

    private static ComponentName[] NeedsOf(CandidateRelease release, Dictionary<string, ComponentName> schemas) =>
    [
        .. release.Dependencies.Select(need => need.Name)
            .Concat(release.ForeignSchemas.Select(need => schemas[need.Schema]))
            .Distinct(),
    ];

    /// <summary>Sorts topologically, then by name. Always completes, because cycles were refused.</summary>
    private static IEnumerable<ComponentName> InOrder(Dictionary<ComponentName, ComponentName[]> needs,
        ILookup<ComponentName, ComponentName> neededBy)
    {
        Dictionary<ComponentName, int> open = needs.ToDictionary(pair => pair.Key, pair => pair.Value.Length);
        SortedSet<ComponentName> ready = [.. open.Where(pair => pair.Value == 0).Select(pair => pair.Key)];
        while (ready.Min is ComponentName next)
        {
            ready.Remove(next);
            yield return next;
            foreach (ComponentName behind in neededBy[next])
            {
                if (--open[behind] == 0)
                {
                    ready.Add(behind);
                }
            }
        }
    }
}

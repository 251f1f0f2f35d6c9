namespace Estream.Marketplace.Resolution;

/// <summary>
/// Finds dependency cycles. Components in a cycle have no installation order, so a cycle in a solution becomes an incompatibility of all
/// versions that form it.
/// </summary>
internal static class DependencyCycles
{
    /// <summary>Returns an incompatibility for the first cycle among the chosen versions; null if there is none.</summary>
    public static Incompatibility? Find(SolverUniverse universe, PartialSolution solution)
    {
        Dictionary<int, int> chosen = solution.Decisions.ToDictionary(decision => decision.Package, decision => decision.Version);
        HashSet<int> done = [];
        foreach (int start in chosen.Keys.Order())
        {
            List<int> way = [];
            if (Walk(universe, chosen, start, way, done))
            {
                return Forbid(universe, way);
            }
        }

        return null;
    }

    /// <summary>Returns the incompatibility of the versions of a component that need the component itself.</summary>
    public static Incompatibility OfOne(SolverPackage package) => new(
        [new Term(package.Id,
            package.Where(version => package.Releases[version - 1].Dependencies.Any(need => need.Name == package.Component)))],
        new Fact.DependencyCycle([package]));

    /// <summary>Returns the packages that a chosen version needs: components and schemas, all of them chosen.</summary>
    private static IEnumerable<int> NeedsOf(SolverUniverse universe, int id, int version)
    {
        SolverPackage package = universe[id];
        if (package.Kind == PackageKind.Schema)
        {
            return [universe.Component(package.Providers[version - 1]).Id];
        }

        if (package.Kind != PackageKind.Component)
        {
            return [];
        }

        CandidateRelease release = package.Releases[version - 1];
        return release.Dependencies.Select(need => universe.Component(need.Name).Id)
            .Concat(release.ForeignSchemas.Select(need => universe.Schema(need.Schema).Id));
    }

    /// <summary>Searches depth first without recursion, so that a chain of thousands of packages does not overflow the stack. If it returns
    /// true,
    /// <paramref name="way"/> holds the cycle.</summary>
    private static bool Walk(SolverUniverse universe, Dictionary<int, int> chosen, int start, List<int> way, HashSet<int> done)
    {
        Stack<IEnumerator<int>> open = [];
        HashSet<int> onWay = [];
        if (!done.Add(start))
        {
            return false;
        }

        Enter(start);
        while (open.TryPeek(out IEnumerator<int>? needs))
        {
            if (!needs.MoveNext())
            {
                open.Pop().Dispose();
                onWay.Remove(way[^1]);
                way.RemoveAt(way.Count - 1);
            }
            else if (onWay.Contains(needs.Current))
            {
                way.RemoveRange(0, way.IndexOf(needs.Current));
                return true;
            }
            else if (done.Add(needs.Current))
            {
                Enter(needs.Current);
            }
        }

        return false;

        void Enter(int id)
        {
            way.Add(id);
            onWay.Add(id);
            open.Push(NeedsOf(universe, id, chosen[id]).GetEnumerator());
        }
    }

    private static Incompatibility Forbid(SolverUniverse universe, List<int> circle)
    {
        List<Term> terms = [];
        for (int i = 0; i < circle.Count; i++)
        {
            SolverPackage package = universe[circle[i]];
            int next = circle[(i + 1) % circle.Count];
            terms.Add(new Term(package.Id, package.Where(version => NeedsOf(universe, package.Id, version).Contains(next))));
        }

        terms.Sort((a, b) => a.Package.CompareTo(b.Package));
        return new Incompatibility([.. terms], new Fact.DependencyCycle([.. circle.Select(id => universe[id])]));
    }
}

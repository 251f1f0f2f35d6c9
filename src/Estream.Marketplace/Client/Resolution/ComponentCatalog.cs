namespace Estream.Marketplace;

/// <summary>
/// The releases that a resolution may choose from, by component and by provided schema. Immutable and thread-safe. Construction is linear
/// in the number of releases and requirements; a query is one dictionary look-up.
/// </summary>
public sealed class ComponentCatalog
{
    private readonly Dictionary<ComponentName, CandidateRelease[]> _releases = [];
    private readonly Dictionary<string, SortedSet<ComponentName>> _providers = new(StringComparer.Ordinal);
    private readonly Lazy<Dictionary<ComponentName, HashSet<ComponentName>>> _neighbours;

    /// <summary>Creates a catalog.</summary>
    /// <exception cref="ArgumentException">A version of a component is listed twice.</exception>
    public ComponentCatalog(IEnumerable<CandidateRelease> releases)
    {
        ArgumentNullException.ThrowIfNull(releases);
        foreach (IGrouping<ComponentName, CandidateRelease> component in releases.GroupBy(release => release.Name))
        {
            CandidateRelease[] sorted = [.. component];
            Array.Sort(sorted, Compare);
            for (int i = 1; i < sorted.Length; i++)
            {
                if (sorted[i].Version == sorted[i - 1].Version)
                {
                    throw new ArgumentException($"{sorted[i]} is listed twice: a version has only one release", nameof(releases));
                }
            }

            _releases.Add(component.Key, sorted);
            foreach (string schema in sorted.SelectMany(release => release.ProvidedSchemas))
            {
                if (!_providers.TryGetValue(schema, out SortedSet<ComponentName>? providers))
                {
                    _providers.Add(schema, providers = []);
                }

                providers.Add(component.Key);
            }
        }

        _neighbours = new(() => _releases.ToDictionary(
            component => component.Key,
            component =>
                component.Value.SelectMany(release =>
                    release.Dependencies.Select(need => need.Name)
                        .Concat(release.ForeignSchemas.SelectMany(need => OpenProvidersOf(need.Schema)))).ToHashSet()));
    }

    /// <summary>The components that have a release.</summary>
    public IReadOnlyCollection<ComponentName> Names => _releases.Keys;

    /// <summary>Returns the releases of a component, oldest version first; empty for an unknown component.</summary>
    public IReadOnlyList<CandidateRelease> ReleasesOf(ComponentName name) => Sorted(name);

    /// <summary>Returns the components with a release that provides a schema, by name; empty if no component provides it.</summary>
    public IReadOnlyCollection<ComponentName> ProvidersOf(string schema) =>
        _providers.TryGetValue(schema, out SortedSet<ComponentName>? providers) ? providers : [];

    /// <summary>Returns the providers without a scope, which may be chosen even if no requirement names them.</summary>
    internal IEnumerable<ComponentName> OpenProvidersOf(string schema) => ProvidersOf(schema).Where(name => name.Scope is null);

    internal CandidateRelease[] Sorted(ComponentName name) => _releases.GetValueOrDefault(name) ?? [];

    /// <summary>Returns every component reachable from the given ones through the requirements of any release.</summary>
    internal HashSet<ComponentName> Reachable(IEnumerable<ComponentName> from)
    {
        HashSet<ComponentName> reached = [];
        Stack<ComponentName> open = new(from);
        while (open.TryPop(out ComponentName? name))
        {
            if (reached.Add(name) && _neighbours.Value.TryGetValue(name, out HashSet<ComponentName>? neighbours))
            {
                foreach (ComponentName neighbour in neighbours)
                {
                    open.Push(neighbour);
                }
            }
        }

        return reached;
    }

    // Builds of one version are equal in precedence. The ordinal order of the build text makes the result the same everywhere.
    private static int Compare(CandidateRelease a, CandidateRelease b)
    {
        int order = a.Version.CompareTo(b.Version);
        return order != 0 ? order : string.CompareOrdinal(a.Version.Build, b.Version.Build);
    }
}

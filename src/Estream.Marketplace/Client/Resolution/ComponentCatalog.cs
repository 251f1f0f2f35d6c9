namespace Estream.Marketplace;

/// <summary>
/// The releases a resolution may choose from, by component and by the schemas they provide. Immutable and safe for many threads; made once
/// and asked often: making it is linear in the releases and their requirements, asking it is a look into a dictionary.
/// </summary>
public sealed class ComponentCatalog
{
    private readonly Dictionary<ComponentName, CandidateRelease[]> _releases = [];
    private readonly Dictionary<string, SortedSet<ComponentName>> _providers = new(StringComparer.Ordinal);
    private readonly Lazy<Dictionary<ComponentName, HashSet<ComponentName>>> _neighbours;

    /// <summary>Makes a catalog.</summary>
    /// <exception cref="ArgumentException">A version of a component is there twice.</exception>
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
                    throw new ArgumentException($"{sorted[i]} is there twice: a version of a component is one release", nameof(releases));
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

    /// <summary>Every component there is a release of.</summary>
    public IReadOnlyCollection<ComponentName> Names => _releases.Keys;

    /// <summary>The releases of a component, oldest version first; none for one that is not known.</summary>
    public IReadOnlyList<CandidateRelease> ReleasesOf(ComponentName name) => Sorted(name);

    /// <summary>The components with a release that provides a schema, by name; none for a schema nobody provides.</summary>
    public IReadOnlyCollection<ComponentName> ProvidersOf(string schema) =>
        _providers.TryGetValue(schema, out SortedSet<ComponentName>? providers) ? providers : [];

    /// <summary>Those of the providers that nobody has to name.</summary>
    internal IEnumerable<ComponentName> OpenProvidersOf(string schema) => ProvidersOf(schema).Where(name => name.Scope is null);

    internal CandidateRelease[] Sorted(ComponentName name) => _releases.GetValueOrDefault(name) ?? [];

    /// <summary>Every component that some release on the way from these names: whatever may come along is among them.</summary>
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

    // Builds of one version have no order among themselves, so their texts give one that is the same everywhere.
    private static int Compare(CandidateRelease a, CandidateRelease b)
    {
        int order = a.Version.CompareTo(b.Version);
        return order != 0 ? order : string.CompareOrdinal(a.Version.Build, b.Version.Build);
    }
}

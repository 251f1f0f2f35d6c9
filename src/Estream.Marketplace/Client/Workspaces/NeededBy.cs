namespace Estream.Marketplace.Workspaces;

/// <summary>Who needs what in a set of components: read once, and asked for each component that comes along. Immutable.</summary>
internal sealed class NeededBy
{
    private readonly HashSet<ComponentName> _askedFor;
    private readonly Dictionary<ComponentName, List<string>> _by = [];

    public NeededBy(WorkspaceLock set)
    {
        _askedFor = [.. set.Requirements.Select(requirement => requirement.Name)];
        foreach (LockedComponent component in set.Components)
        {
            foreach (ComponentName need in component.Dependencies.Distinct())
            {
                Add(need, component.Name.ToString());
            }
        }

        foreach ((string schema, ComponentName component) in set.Schemas)
        {
            Add(component, $"the schema {schema}");
        }
    }

    /// <summary>Whether the workspace asks for it itself.</summary>
    public bool IsAskedFor(ComponentName name) => _askedFor.Contains(name);

    /// <summary>The components that need it, by name, and then the schemas that come from it.</summary>
    public IReadOnlyList<string> Of(ComponentName name) => _by.GetValueOrDefault(name) ?? [];

    private void Add(ComponentName needed, string by) => (_by.TryGetValue(needed, out List<string>? there) ? there : _by[needed] = []).Add(by);
}

namespace Estream.Marketplace.Workspaces;

/// <summary>
/// What an update changes, and which of it a person has to approve: a component that was not there, one that may do more or that comes from
/// another publisher or place, and one that is older than before. Immutable.
/// </summary>
public sealed class WorkspaceChange
{
    private WorkspaceChange(IReadOnlyList<ComponentChange> components) => Components = components;

    /// <summary>The components that change, by name.</summary>
    public IReadOnlyList<ComponentChange> Components { get; }

    /// <summary>True when nothing changes.</summary>
    public bool IsEmpty => Components.Count == 0;

    /// <summary>True when some change has to be approved by a person.</summary>
    public bool NeedsApproval => Reasons.Any();

    /// <summary>All that has to be approved, one sentence each.</summary>
    public IEnumerable<string> Reasons => Components.SelectMany(change => change.Reasons);

    /// <summary>The way from one lock to another. Costs as much as reading both.</summary>
    /// <param name="from">What is there; null for nothing yet.</param>
    /// <param name="to">What is to be there.</param>
    public static WorkspaceChange Between(WorkspaceLock? from, WorkspaceLock to)
    {
        ArgumentNullException.ThrowIfNull(to);
        IReadOnlyList<LockedComponent> before = from?.Components ?? [];
        Dependents needed = new(to);
        return new WorkspaceChange(
        [
            .. before.Select(component => component.Name).Union(to.Components.Select(component => component.Name)).Order()
                .Select(name => ComponentChange.Between(from?.Find(name), to.Find(name), needed))
                .OfType<ComponentChange>(),
        ]);
    }

    /// <summary>One line for each component, and below it what has to be approved.</summary>
    public override string ToString() =>
        string.Join('\n',
            Components.SelectMany(change => change.Reasons.Select(reason => $"    approve: {reason}").Prepend(change.ToString())));
}

/// <summary>Who needs what in a set of components: read once, and asked for each component that comes along. Immutable.</summary>
internal sealed class Dependents
{
    private readonly HashSet<ComponentName> _askedFor;
    private readonly Dictionary<ComponentName, List<string>> _by = [];

    public Dependents(WorkspaceLock set)
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

    private void Add(ComponentName needed, string by) =>
        (_by.TryGetValue(needed, out List<string>? there) ? there : _by[needed] = []).Add(by);
}

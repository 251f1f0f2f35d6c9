namespace Estream.Marketplace.Workspaces;

/// <summary>
/// What an update changes, and what a person must approve: a component that arrives as a dependency, additional permissions or
/// dependencies, code that runs in the host, a lower trust tier, another signing key or registry, an older version, or other files of the
/// same version. Immutable.
/// </summary>
public sealed class WorkspaceChange
{
    private WorkspaceChange(IReadOnlyList<ComponentChange> components) => Components = components;

    /// <summary>The components that change, by name.</summary>
    public IReadOnlyList<ComponentChange> Components { get; }

    /// <summary>True if nothing changes.</summary>
    public bool IsEmpty => Components.Count == 0;

    /// <summary>True if a person must approve a change.</summary>
    public bool NeedsApproval => Reasons.Any();

    /// <summary>Everything that must be approved, one sentence each.</summary>
    public IEnumerable<string> Reasons => Components.SelectMany(change => change.Reasons);

    /// <summary>Computes the change from one lock to another, in time linear in the size of both.</summary>
    /// <param name="from">The current lock; null if nothing is installed.</param>
    /// <param name="to">The next lock.</param>
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

    /// <summary>Returns one line for each component, followed by what must be approved.</summary>
    public override string ToString() =>
        string.Join('\n',
            Components.SelectMany(change => change.Reasons.Select(reason => $"    approve: {reason}").Prepend(change.ToString())));
}

/// <summary>The dependents of each component in a set. Immutable.</summary>
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

    /// <summary>Returns whether the workspace asks for the component directly.</summary>
    public bool IsAskedFor(ComponentName name) => _askedFor.Contains(name);

    /// <summary>Returns the components that need the component, by name, followed by the schemas it provides.</summary>
    public IReadOnlyList<string> Of(ComponentName name) => _by.GetValueOrDefault(name) ?? [];

    private void Add(ComponentName needed, string by) =>
        (_by.TryGetValue(needed, out List<string>? there) ? there : _by[needed] = []).Add(by);
}

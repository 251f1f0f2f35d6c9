namespace Estream.Marketplace.Trust.Roles;

/// <summary>The verified documents of a registry: its keys, its policy, and the log and namespaces that belong to it. Immutable and
/// thread-safe.</summary>
public sealed class TrustedRoles
{
    private readonly Dictionary<string, TargetsDocument> _targets;

    internal TrustedRoles(TrustedSet set, DateTimeOffset checkedAt)
    {
        (Root, Timestamp, Snapshot, CheckedAt) = (set.Root.Document, set.Timestamp.Document, set.Snapshot.Document, checkedAt);
        _targets = set.Targets.ToDictionary(pair => pair.Key, pair => pair.Value.Document, StringComparer.Ordinal);
    }

    /// <summary>The root document, with the keys of the roles.</summary>
    public RootDocument Root { get; }

    /// <summary>The timestamp, which names the newest snapshot.</summary>
    public TimestampDocument Timestamp { get; }

    /// <summary>The snapshot, with the size and root of the log and the root of the namespace map.</summary>
    public SnapshotDocument Snapshot { get; }

    /// <summary>The policy.</summary>
    public TargetsDocument Targets => _targets[TargetsDocument.TopName];

    /// <summary>The time used for the checks, in UTC; never earlier than a time seen before.</summary>
    public DateTimeOffset CheckedAt { get; }

    /// <summary>Returns the requirements for releases of a category; null if the registry does not have the category, in which case its
    /// releases are not installed.</summary>
    /// <param name="category">The name of the category, such as <c>wire-adapter</c>.</param>
    public CategoryPolicy? PolicyOf(string category) => Targets.Categories.GetValueOrDefault(category);

    /// <summary>Returns the trust tier of a component: from the first matching rule, then from the delegations in order. The tier never
    /// exceeds the limit of a delegation or of the category. <see cref="TrustTier.Experimental"/> if nothing matches.</summary>
    /// <param name="component">The name of the component, such as <c>@acme/meter</c>.</param>
    /// <param name="category">The category of the component.</param>
    public TrustTier TierOf(string component, string category)
    {
        ArgumentNullException.ThrowIfNull(component);
        TrustTier highest = PolicyOf(category)?.HighestTier ?? TrustTier.Experimental;
        return Search(TargetsDocument.TopName, component, highest, [], out _) ?? TrustTier.Experimental;
    }

    private TrustTier? Search(string role, string component, TrustTier highest, HashSet<string> visited, out bool isEnd)
    {
        isEnd = false;
        if (!visited.Add(role) || !_targets.TryGetValue(role, out TargetsDocument? targets))
        {
            return null;
        }

        if (targets.Rules.FirstOrDefault(rule => rule.Components.Matches(component)) is { } matching)
        {
            return matching.Tier < highest ? matching.Tier : highest;
        }

        foreach (Delegation delegation in targets.Delegations.Where(one => one.Components.Any(pattern => pattern.Matches(component))))
        {
            TrustTier? found = Search(delegation.Role, component, delegation.HighestTier < highest ? delegation.HighestTier : highest,
                visited, out isEnd);
            isEnd |= delegation.IsTerminating;
            if (found is not null || isEnd)
            {
                return found;
            }
        }

        return null;
    }
}

namespace Estream.Marketplace.Trust.Roles;

/// <summary>What a registry says, after every check: its keys, its policy, and which log and namespaces belong to it. Immutable and
/// thread-safe.</summary>
public sealed class TrustedRoles
{
    private readonly Dictionary<string, TargetsDocument> _targets;

    internal TrustedRoles(TrustedSet set, DateTimeOffset checkedAt)
    {
        (Root, Timestamp, Snapshot, CheckedAt) = (set.Root.Document, set.Timestamp.Document, set.Snapshot.Document, checkedAt);
        _targets = set.Targets.ToDictionary(pair => pair.Key, pair => pair.Value.Document, StringComparer.Ordinal);
    }

    /// <summary>The keys.</summary>
    public RootDocument Root { get; }

    /// <summary>What is the newest.</summary>
    public TimestampDocument Timestamp { get; }

    /// <summary>What belongs together: the size and root of the log, and the root of the map of namespaces.</summary>
    public SnapshotDocument Snapshot { get; }

    /// <summary>The policy.</summary>
    public TargetsDocument Targets => _targets[TargetsDocument.TopName];

    /// <summary>The time the checks were made with, in UTC: never less than was seen before.</summary>
    public DateTimeOffset CheckedAt { get; }

    /// <summary>What is asked of the releases of a category; null where the registry has none of this name, and they are not
    /// installed.</summary>
    /// <param name="category">Such as <c>wire-adapter</c>.</param>
    public CategoryPolicy? PolicyOf(string category) => Targets.Categories.GetValueOrDefault(category);

    /// <summary>How far a component is trusted: by the first rule that matches, then by those who are delegated to in their order; never
    /// above what a delegation or the policy of the category grants. <see cref="TrustTier.Experimental"/> where nobody says
    /// anything.</summary>
    /// <param name="component">Its name, such as <c>@acme/meter</c>.</param>
    /// <param name="category">Its category.</param>
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

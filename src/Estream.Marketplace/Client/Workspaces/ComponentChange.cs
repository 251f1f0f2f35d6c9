using Estream.Marketplace.Trust.Roles;

namespace Estream.Marketplace.Workspaces;

/// <summary>A component that a workspace change adds, removes or changes. Immutable.</summary>
/// <param name="Before">The current component; null if it is added.</param>
/// <param name="After">The next component; null if it is removed.</param>
/// <param name="Reasons">What a person must approve, one sentence each; empty if no approval is needed.</param>
public sealed record ComponentChange(LockedComponent? Before, LockedComponent? After, IReadOnlyList<string> Reasons)
{
    /// <summary>The component.</summary>
    public ComponentName Name => (After ?? Before)!.Name;

    /// <summary>Returns the change for display: <c>esf-iot 1.1.0 -> 1.2.0</c>.</summary>
    public override string ToString() => (Before, After) switch
    {
        (null, _) => $"+ {After}",
        (_, null) => $"- {Before}",
        _ => $"~ {Before} -> {After.Version}",
    };

    internal static ComponentChange? Between(LockedComponent? before, LockedComponent? after, Dependents needed)
    {
        if (before is null || after is null)
        {
            return before is null && after is null
                ? null
                : new ComponentChange(before, after, after is null ? [] : [.. Arrival(after, needed)]);
        }

        string[] reasons = [.. Growth(before, after)];
        return reasons.Length == 0 && before.Version == after.Version && before.Root256 == after.Root256
            ? null
            : new ComponentChange(before, after, reasons);
    }

    /// <summary>The reasons for a new component; names its dependents unless the workspace asks for it directly.</summary>
    private static IEnumerable<string> Arrival(LockedComponent after, Dependents needed)
    {
        if (!needed.IsAskedFor(after.Name))
        {
            yield return $"{after} is a new dependency, needed by {string.Join(", ", needed.Of(after.Name))}";
        }

        if (after.RunsInHost)
        {
            yield return InHost(after);
        }

        foreach (string permission in after.Permissions)
        {
            yield return $"{after} asks for the permission {permission}";
        }
    }

    /// <summary>Returns why an entry with a lower tier needs approval; null if its tier is not lower, or if the earlier entry has no
    /// tier.</summary>
    internal static string? LowerTier(LockedComponent before, LockedComponent after) => after.Tier < before.Tier
        ? $"{after} has the lower tier {TargetsMembers.Write(after.Tier.Value)} in the policy of {after.Source} instead of "
            + TargetsMembers.Write(before.Tier.Value)
        : null;

    // Code needs approval even if it declares no permissions: a load context is not a sandbox.
    private static string InHost(LockedComponent after) =>
        $"{after} runs inside the host with all rights of the host and without a sandbox: its permissions are not enforced";

    private static IEnumerable<string> Growth(LockedComponent before, LockedComponent after)
    {
        if (after.RunsInHost && !before.RunsInHost)
        {
            yield return InHost(after);
        }

        foreach (string permission in after.Permissions.Except(before.Permissions))
        {
            yield return $"{after} asks for the permission {permission}, which {before.Version} does not have";
        }

        foreach (ComponentName need in after.Dependencies.Except(before.Dependencies))
        {
            yield return $"{after} needs {need}, which {before.Version} does not need";
        }

        if (LowerTier(before, after) is { } lower)
        {
            yield return lower;
        }

        if (after.KeyId != before.KeyId)
        {
            yield return $"{after} is signed by another key, {after.KeyId} instead of {before.KeyId}";
        }

        if (after.Source != before.Source)
        {
            yield return $"{after} comes from {after.Source} instead of {before.Source}";
        }

        if (after.Version < before.Version)
        {
            yield return $"{after} is older than the installed version {before.Version}";
        }

        if (after.Version == before.Version && after.Root256 != before.Root256)
        {
            yield return $"{after} has different files from the installed {before.Version}: a published version never changes, so one of "
                + $"the two is not from the publisher";
        }
    }
}

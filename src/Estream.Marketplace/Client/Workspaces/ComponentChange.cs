namespace Estream.Marketplace.Workspaces;

/// <summary>A component that an update adds, removes or changes. Immutable.</summary>
/// <param name="Before">What is there; null for a new one.</param>
/// <param name="After">What is to be there; null for one that goes.</param>
/// <param name="Reasons">What a person has to approve, one sentence each; none for what may happen by itself.</param>
public sealed record ComponentChange(LockedComponent? Before, LockedComponent? After, IReadOnlyList<string> Reasons)
{
    /// <summary>The component.</summary>
    public ComponentName Name => (After ?? Before)!.Name;

    /// <summary>The change for people: <c>esf-iot 1.1.0 -> 1.2.0</c>.</summary>
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

    /// <summary>A component that was not there: by name where the workspace asks for it itself, or with who brings it along.</summary>
    private static IEnumerable<string> Arrival(LockedComponent after, Dependents needed)
    {
        if (!needed.IsAskedFor(after.Name))
        {
            yield return $"{after} comes along, needed by {string.Join(", ", needed.Of(after.Name))}";
        }

        if (after.RunsInHost)
        {
            yield return InHost(after);
        }

        foreach (string permission in after.Permissions)
        {
            yield return $"{after} may do {permission}";
        }
    }

    // Code is asked for also where it says that it may do nothing: a load context is no sandbox.
    private static string InHost(LockedComponent after) =>
        $"{after} is code that runs inside the host with all its rights, in no sandbox: what it may do is its publisher's word";

    private static IEnumerable<string> Growth(LockedComponent before, LockedComponent after)
    {
        if (after.RunsInHost && !before.RunsInHost)
        {
            yield return InHost(after);
        }

        foreach (string permission in after.Permissions.Except(before.Permissions))
        {
            yield return $"{after} may do {permission}, which {before.Version} may not";
        }

        foreach (ComponentName need in after.Dependencies.Except(before.Dependencies))
        {
            yield return $"{after} needs {need}, which {before.Version} does not";
        }

        if (after.KeyId != before.KeyId)
        {
            yield return $"{after} is signed by another key, {after.KeyId} in place of {before.KeyId}";
        }

        if (after.Source != before.Source)
        {
            yield return $"{after} comes from {after.Source}, in place of {before.Source}";
        }

        if (after.Version < before.Version)
        {
            yield return $"{after} is older than {before.Version}, which is there";
        }

        if (after.Version == before.Version && after.Root256 != before.Root256)
        {
            yield return $"{after} has other files than {before.Version} had: a version never changes, so one of them is not the "
                + $"publisher's";
        }
    }
}

using Estream.Core;

namespace Estream.Marketplace.Workspaces;

/// <summary>Whether a lock still is what its workspace asks for, as <c>--locked</c> demands it: nothing is chosen anew, and nothing is
/// written. Stateless.</summary>
public static class LockedCheck
{
    /// <summary>Looks for what a resolution would change.</summary>
    /// <param name="manifest">What the workspace asks for.</param>
    /// <param name="locked">The lock.</param>
    /// <param name="catalog">The releases there are, as they are trusted now.</param>
    /// <param name="clock">Tells how old a release is: a cooldown holds for what is locked too.</param>
    /// <returns>Null where the lock is right; otherwise what is not, and what to do.</returns>
    public static string? Find(WorkspaceManifest manifest, WorkspaceLock locked, ComponentCatalog catalog, IClock clock)
    {
        ArgumentNullException.ThrowIfNull(manifest);
        ArgumentNullException.ThrowIfNull(locked);
        if (!locked.IsFor(manifest.Requirements))
        {
            return $"{WorkspaceManifest.FileName} asks for other components than {WorkspaceLock.FileName} was made for: install without "
                + "--locked and commit the lock.";
        }

        ResolutionResult result = ComponentResolver.Resolve(catalog, manifest.ToRequest(locked), clock);
        if (!result.IsResolved)
        {
            return $"{WorkspaceLock.FileName} cannot be used as it is.\n{result.Conflict}";
        }

        string[] now = [.. result.Set.Components.Select(component => component.Release.ToString()).Order(StringComparer.Ordinal)];
        string[] then = [.. locked.Components.Select(component => component.ToString()).Order(StringComparer.Ordinal)];
        string[] differences = [.. now.Except(then).Select(added => $"+ {added}"), .. then.Except(now).Select(gone => $"- {gone}")];
        return differences.Length == 0
            ? null
            : $"{WorkspaceLock.FileName} is not what resolves now ({string.Join(", ", differences)}): install without --locked, look at "
                + "what changes, and commit the lock.";
    }
}

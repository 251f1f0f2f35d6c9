using Estream.Core;

namespace Estream.Marketplace.Workspaces;

/// <summary>Checks that a lock still matches its workspace, as <c>--locked</c> requires, without changing it. Stateless.</summary>
public static class LockedCheck
{
    /// <summary>Finds what a resolution would change.</summary>
    /// <param name="manifest">The manifest of the workspace.</param>
    /// <param name="locked">The lock.</param>
    /// <param name="catalog">The releases of the registries as they are now.</param>
    /// <param name="clock">The clock for the age of releases: a cooldown also applies to locked releases.</param>
    /// <returns>Null if the lock matches; otherwise the difference and what to do.</returns>
    public static string? Find(WorkspaceManifest manifest, WorkspaceLock locked, ComponentCatalog catalog, IClock clock)
    {
        ArgumentNullException.ThrowIfNull(manifest);
        ArgumentNullException.ThrowIfNull(locked);
        if (!locked.IsFor(manifest.Requirements))
        {
            return $"{WorkspaceManifest.FileName} has different requirements from those that {WorkspaceLock.FileName} was written for. "
                + "Install without --locked and commit the lock file.";
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
            : $"{WorkspaceLock.FileName} differs from the current resolution ({string.Join(", ", differences)}). Install without "
                + "--locked, review the changes, and commit the lock file.";
    }
}

namespace Estream.Marketplace.Workspaces;

/// <summary>
/// Makes a workspace consist of what a lock says: every component into the cache, then the lock in one step. After <c>kill -9</c> at any
/// moment the workspace is the old one or the new one. Thread-safe; of several processes one at a time changes the lock.
/// </summary>
public sealed class WorkspaceInstaller
{
    private readonly WorkspaceFolder _workspace;
    private readonly ComponentCache _cache;

    /// <summary>An installer.</summary>
    /// <param name="workspace">The workspace.</param>
    /// <param name="cache">Where components lie.</param>
    public WorkspaceInstaller(WorkspaceFolder workspace, ComponentCache cache)
    {
        ArgumentNullException.ThrowIfNull(workspace);
        ArgumentNullException.ThrowIfNull(cache);
        _workspace = workspace;
        _cache = cache;
    }

    /// <summary>Installs a set.</summary>
    /// <param name="next">What the workspace is to consist of.</param>
    /// <param name="fetch">Gives packages that are not on this machine.</param>
    /// <param name="isApproved">Whether a person has approved what <see cref="WorkspaceChange.NeedsApproval"/> of the change.</param>
    /// <param name="progress">Told of every component that is there; null for nobody.</param>
    /// <param name="cancellation">Ends it between two components; the workspace is what it was then.</param>
    /// <exception cref="Core.EstreamException">The file system refuses, another process changes the workspace, or the old lock is damaged;
    /// and what <paramref name="fetch"/> throws.</exception>
    public async Task<WorkspaceInstallResult> InstallAsync(WorkspaceLock next, FetchPackage fetch, bool isApproved,
        IProgress<InstallProgress>? progress = null, CancellationToken cancellation = default)
    {
        ArgumentNullException.ThrowIfNull(next);
        ArgumentNullException.ThrowIfNull(fetch);
        WorkspaceChange change = WorkspaceChange.Between(_workspace.ReadLock(), next);
        if (change.NeedsApproval && !isApproved)
        {
            return new WorkspaceInstallResult(WorkspaceInstallStatus.NeedsApproval, change, "");
        }

        for (int i = 0; i < next.Components.Count; i++)
        {
            cancellation.ThrowIfCancellationRequested();
            LockedComponent component = next.Components[i];
            (bool wasCached, string? refusal) = await _cache.BringAsync(component, fetch, cancellation).ConfigureAwait(false);
            if (refusal is not null)
            {
                return new WorkspaceInstallResult(WorkspaceInstallStatus.Refused, change, refusal);
            }

            progress?.Report(new InstallProgress(component, i + 1, next.Components.Count, wasCached));
        }

        return _workspace.TryApply(next, change, out WorkspaceChange applied)
            ? new WorkspaceInstallResult(applied.IsEmpty ? WorkspaceInstallStatus.Unchanged : WorkspaceInstallStatus.Installed, applied, "")
            : new WorkspaceInstallResult(WorkspaceInstallStatus.NeedsApproval, applied, "");
    }
}

/// <summary>How an install ended.</summary>
public enum WorkspaceInstallStatus
{
    /// <summary>The workspace consists of what was asked for.</summary>
    Installed,

    /// <summary>It did before; every component is there, and nothing was written.</summary>
    Unchanged,

    /// <summary>A person has to approve something first; nothing was fetched or written.</summary>
    NeedsApproval,

    /// <summary>A component could not be had as the lock names it; the workspace is what it was.</summary>
    Refused,
}

/// <summary>What came of an install.</summary>
/// <param name="Status">How it ended.</param>
/// <param name="Change">What changes, or would.</param>
/// <param name="Message">Of what was refused: the component, why, and what to do; empty otherwise.</param>
public sealed record WorkspaceInstallResult(WorkspaceInstallStatus Status, WorkspaceChange Change, string Message);

/// <summary>Gives a package that the cache does not have. Whoever gives it has verified its release; its root is checked by whoever
/// installs it.</summary>
/// <param name="component">The component.</param>
/// <param name="cancellation">Ends the wait.</param>
/// <returns>The package, which can be read twice.</returns>
public delegate ValueTask<Stream> FetchPackage(LockedComponent component, CancellationToken cancellation);

/// <summary>How far an install is.</summary>
/// <param name="Component">The component that is there now.</param>
/// <param name="Done">How many are there.</param>
/// <param name="Total">How many are to be there.</param>
/// <param name="WasCached">Whether it was there before.</param>
public readonly record struct InstallProgress(LockedComponent Component, int Done, int Total, bool WasCached);

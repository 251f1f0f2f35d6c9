namespace Estream.Marketplace.Workspaces;

/// <summary>
/// Installs the components of a lock: adds every component to the cache, then replaces the lock atomically. After <c>kill -9</c> at any
/// moment the workspace is in the old or the new state. Thread-safe; one process at a time changes the lock.
/// </summary>
public sealed class WorkspaceInstaller
{
    private readonly WorkspaceFolder _workspace;
    private readonly ComponentCache _cache;

    /// <summary>Creates an installer.</summary>
    /// <param name="workspace">The workspace.</param>
    /// <param name="cache">The component cache.</param>
    public WorkspaceInstaller(WorkspaceFolder workspace, ComponentCache cache)
    {
        ArgumentNullException.ThrowIfNull(workspace);
        ArgumentNullException.ThrowIfNull(cache);
        _workspace = workspace;
        _cache = cache;
    }

    /// <summary>Installs the components of a lock.</summary>
    /// <param name="next">The next lock of the workspace.</param>
    /// <param name="fetch">Fetches packages that are not in the cache.</param>
    /// <param name="isApproved">Whether a person approved the change; needed if <see cref="WorkspaceChange.NeedsApproval"/>.</param>
    /// <param name="progress">Receives each component that is in the cache; may be null.</param>
    /// <param name="cancellation">Cancels the call between two components; the workspace is then unchanged.</param>
    /// <exception cref="Core.EstreamException">The file system reports an error, another process is changing the workspace, or the current
    /// lock is damaged. Exceptions of <paramref name="fetch"/> are not caught.</exception>
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
    /// <summary>The lock was installed.</summary>
    Installed,

    /// <summary>The workspace already had this lock. Every component is in the cache, and nothing was written.</summary>
    Unchanged,

    /// <summary>A person must approve something first; the lock was not changed.</summary>
    NeedsApproval,

    /// <summary>A component is not available as the lock names it; the workspace is unchanged.</summary>
    Refused,
}

/// <summary>The result of an install.</summary>
/// <param name="Status">How it ended.</param>
/// <param name="Change">The change, whether or not it was applied.</param>
/// <param name="Message">If refused: the component, why, and what to do; otherwise empty.</param>
public sealed record WorkspaceInstallResult(WorkspaceInstallStatus Status, WorkspaceChange Change, string Message);

/// <summary>Fetches a package that is not in the cache. The implementation verifies the release; the installer checks the package's
/// root.</summary>
/// <param name="component">The component.</param>
/// <param name="cancellation">Cancels the call.</param>
/// <returns>The package, as a seekable stream.</returns>
public delegate ValueTask<Stream> FetchPackage(LockedComponent component, CancellationToken cancellation);

/// <summary>The progress of an install.</summary>
/// <param name="Component">The component that is now ready.</param>
/// <param name="Done">The number of components that are ready.</param>
/// <param name="Total">The total number of components.</param>
/// <param name="WasCached">Whether the component was already in the cache.</param>
public readonly record struct InstallProgress(LockedComponent Component, int Done, int Total, bool WasCached);

using Estream.Core;
using Estream.Marketplace.Registries;
using Estream.Marketplace.Workspaces;

namespace Estream.Marketplace.Client;

/// <summary>
/// Installs what a workspace asks for: reads the registries' catalogues, resolves versions, verifies the chosen releases and installs them.
/// New releases are fetched and verified before anyone is asked for approval. Thread-safe; one process at a time changes the workspace.
/// </summary>
public sealed class MarketplaceClient
{
    private readonly RegistrySet _registries;
    private readonly WorkspaceFolder _workspace;
    private readonly ComponentCache _cache;
    private readonly IClock _clock;
    private readonly ReleaseCheck _check;

    /// <summary>Creates a client for the registries of a workspace.</summary>
    /// <param name="registries">The registries that components come from. The client does not dispose them.</param>
    /// <param name="workspace">The workspace.</param>
    /// <param name="cache">The component cache.</param>
    /// <param name="clock">The clock for the age of releases and the expiry of registry metadata.</param>
    public MarketplaceClient(RegistrySet registries, WorkspaceFolder workspace, ComponentCache cache, IClock clock)
    {
        ArgumentNullException.ThrowIfNull(registries);
        ArgumentNullException.ThrowIfNull(workspace);
        ArgumentNullException.ThrowIfNull(cache);
        ArgumentNullException.ThrowIfNull(clock);
        (_registries, _workspace, _cache, _clock, _check) = (registries, workspace, cache, clock, new ReleaseCheck(clock));
    }

    /// <summary>Plans the next lock of a workspace. Does not change the workspace; new components are added to the cache once
    /// verified.</summary>
    /// <param name="manifest">The manifest of the workspace.</param>
    /// <param name="isUpdated">Selects components to resolve without their locked version; null keeps locked versions where they still
    /// satisfy the requirements.</param>
    /// <param name="progress">Receives each verified release; may be null.</param>
    /// <param name="cancellation">Cancels the call.</param>
    /// <exception cref="EstreamException">A registry is out of reach or has invalid content, the file system reports an error, or the lock
    /// file is damaged.</exception>
    public async Task<WorkspacePlan> PlanAsync(WorkspaceManifest manifest, Predicate<ComponentName>? isUpdated,
        IProgress<InstallProgress>? progress, CancellationToken cancellation)
    {
        ArgumentNullException.ThrowIfNull(manifest);
        WorkspaceLock? locked = _workspace.ReadLock();
        ReleaseFetcher fetcher = NewFetcher();
        RegistryCatalog catalog = await ReadCatalogAsync(fetcher, manifest, locked, cancellation).ConfigureAwait(false);
        HashSet<ComponentName> updated =
            [.. (locked?.Components ?? []).Select(component => component.Name).Where(name => isUpdated?.Invoke(name) == true)];
        ResolutionResult result = ComponentResolver.Resolve(catalog.Releases, manifest.ToRequest(locked, updated), _clock);
        if (!result.IsResolved)
        {
            return WorkspacePlan.Failed(WorkspacePlanStatus.Conflict, result.Conflict.ToString());
        }

        List<LockedComponent> components = [];
        foreach (ResolvedComponent chosen in result.Set.Components)
        {
            cancellation.ThrowIfCancellationRequested();
            (LockedComponent? component, string? refusal, bool wasKnown) = await TakeAsync(fetcher, catalog.Find(chosen.Release),
                locked?.Find(chosen.Release.Name), cancellation).ConfigureAwait(false);
            if (component is null)
            {
                return WorkspacePlan.Failed(WorkspacePlanStatus.Refused, refusal!);
            }

            components.Add(component);
            progress?.Report(new InstallProgress(component, components.Count, result.Set.Components.Count, wasKnown));
        }

        WorkspaceLock next = new(manifest.Requirements, components, result.Set.Schemas);
        return SchemaRanges.Conflict(next, _cache) is { } conflict
            ? WorkspacePlan.Failed(WorkspacePlanStatus.Conflict, conflict)
            : new WorkspacePlan(next, WorkspaceChange.Between(locked, next),
                result.Set.Components.Select(chosen => catalog.Find(chosen.Release)));
    }

    /// <summary>Plans an install of exactly what the lock file contains, without resolving versions. Each entry of the lock must match the
    /// release that its owners signed. Releases not yet verified on this machine are fetched, verified and added to the cache.</summary>
    /// <param name="manifest">The manifest of the workspace.</param>
    /// <param name="cancellation">Cancels the call.</param>
    /// <exception cref="EstreamException">As <see cref="PlanAsync"/>.</exception>
    public async Task<WorkspacePlan> PlanLockedAsync(WorkspaceManifest manifest, CancellationToken cancellation)
    {
        ArgumentNullException.ThrowIfNull(manifest);
        if (_workspace.ReadLock() is not { } locked)
        {
            return WorkspacePlan.Failed(WorkspacePlanStatus.LockOutdated,
                $"{WorkspaceLock.FileName} does not exist. Install without --locked and commit the lock file.");
        }

        ReleaseFetcher fetcher = NewFetcher();
        RegistryCatalog catalog = await ReadCatalogAsync(fetcher, manifest, locked, cancellation).ConfigureAwait(false);
        if ((LockedCheck.Find(manifest, locked, catalog.Releases, _clock) ?? OtherRelease(locked, catalog)) is { } wrong)
        {
            return WorkspacePlan.Failed(WorkspacePlanStatus.LockOutdated, wrong);
        }

        foreach (LockedComponent component in locked.Components)
        {
            cancellation.ThrowIfCancellationRequested();
            LockedComponent? now = await fetcher.FindVerifiedAsync(component, cancellation).ConfigureAwait(false);
            if (now is null)
            {
                CheckedRelease found = await fetcher.FetchAsync(component, cancellation).ConfigureAwait(false);
                (now, string? refusal, _) = await fetcher.CacheAsync(found, cancellation).ConfigureAwait(false);
                if (now is null)
                {
                    return WorkspacePlan.Failed(WorkspacePlanStatus.Refused, refusal!);
                }
            }

            if (ComponentChange.LowerTier(component, now) is { } lower)
            {
                return WorkspacePlan.Failed(WorkspacePlanStatus.LockOutdated,
                    $"{lower}. Install without --locked, review the changes, and commit the lock file.");
            }
        }

        return new WorkspacePlan(locked, WorkspaceChange.Between(locked, locked),
            locked.Components.Select(component => Release(component, catalog)).OfType<RegistryRelease>());
    }

    // Cached components are not fetched again. This check must therefore reject a lock in which someone replaced the Root256 of one
    // component by the Root256 of another.
    private string? OtherRelease(WorkspaceLock locked, RegistryCatalog catalog) => locked.Components
        .Where(component => Release(component, catalog) is { } release && !IsAsSaid(component, release))
        .Select(component =>
            $"{component} has different files, dependencies or a different source in {WorkspaceLock.FileName} and in "
            + $"{_registries.For(component.Name).Name}. Restore the lock file from version control, or install without --locked and "
            + $"review the changes.")
        .FirstOrDefault();

    private static RegistryRelease? Release(LockedComponent component, RegistryCatalog catalog) =>
        catalog.Releases.ReleasesOf(component.Name).FirstOrDefault(release => release.Version == component.Version) is { } release
            ? catalog.Find(release)
            : null;

    private bool IsAsSaid(LockedComponent component, RegistryRelease said) =>
        component.Root256 == said.Root256 && component.Source == _registries.For(said.Name).Name
            && component.Dependencies.SequenceEqual(said.Dependencies.Select(need => need.Name).Order());

    /// <summary>Applies a plan to the workspace.</summary>
    /// <param name="plan">A plan that is ready.</param>
    /// <param name="isApproved">Whether a person approved the changes that need approval.</param>
    /// <param name="progress">Receives each component that is in the cache; may be null.</param>
    /// <param name="cancellation">Cancels the call between two components.</param>
    /// <exception cref="ArgumentException">The plan is not ready.</exception>
    /// <exception cref="EstreamException">As <see cref="PlanAsync"/>.</exception>
    public Task<WorkspaceInstallResult> ApplyAsync(WorkspacePlan plan, bool isApproved, IProgress<InstallProgress>? progress,
        CancellationToken cancellation)
    {
        ArgumentNullException.ThrowIfNull(plan);
        return plan.IsReady
            ? new WorkspaceInstaller(_workspace, _cache).InstallAsync(plan.Next, NewFetcher().OpenAsync, isApproved, progress, cancellation)
            : throw new ArgumentException($"The plan cannot be applied: {plan.Message}", nameof(plan));
    }

    /// <summary>Rolls the workspace back to the lock before the last change. Components missing from the cache are fetched and verified
    /// again.</summary>
    /// <param name="cancellation">Cancels the call before anything is changed.</param>
    /// <returns>What changed.</returns>
    /// <exception cref="InvalidOperationException">The workspace has not been changed yet.</exception>
    /// <exception cref="EstreamException">As <see cref="PlanAsync"/>, or the registry no longer has a component with the content that the
    /// lock names.</exception>
    public async Task<WorkspaceChange> RollbackAsync(CancellationToken cancellation)
    {
        ReleaseFetcher fetcher = NewFetcher();
        foreach (LockedComponent component in _workspace.ReadPrevious()?.Components ?? [])
        {
            if ((await _cache.BringAsync(component, fetcher.OpenAsync, cancellation).ConfigureAwait(false)).Refusal is { } refusal)
            {
                throw new EstreamRegistryException(RegistryFault.Malformed, refusal, _cache.FolderOf(component.Root256));
            }
        }

        return _workspace.Rollback();
    }

    /// <summary>Verifies the components of a lock again: fetches and verifies each release as if it were new, and checks that the cache has
    /// its exact files.</summary>
    /// <param name="locked">The lock.</param>
    /// <param name="cancellation">Cancels the call.</param>
    /// <returns>Each component with its fault, or null if it has none.</returns>
    /// <exception cref="EstreamException">A registry is out of reach, so its content is unknown. Invalid content of a registry is reported
    /// as the fault of the component only.</exception>
    public async IAsyncEnumerable<(LockedComponent Component, string? Fault)> VerifyAsync(WorkspaceLock locked,
        [System.Runtime.CompilerServices.EnumeratorCancellation] CancellationToken cancellation)
    {
        ArgumentNullException.ThrowIfNull(locked);
        ReleaseFetcher fetcher = NewFetcher();
        foreach (LockedComponent component in locked.Components)
        {
            string? fault = await fetcher.FindFaultAsync(component, cancellation).ConfigureAwait(false);
            fault ??= _cache.Has(component.Root256) ? null : $"{component} is not in the cache. Install it again.";
            yield return (component, fault is null ? null : ReleaseMessages.WithRoot(fault, component.Root256));
        }
    }

    /// <summary>Returns the releases of a component, as its registry signed them.</summary>
    /// <param name="name">The component.</param>
    /// <param name="cancellation">Cancels the call.</param>
    /// <exception cref="EstreamException">No registry is configured for the component, or the registry is not trusted or out of
    /// reach.</exception>
    public async Task<IReadOnlyList<RegistryRelease>> ListAsync(ComponentName name, CancellationToken cancellation)
    {
        RegistryView view = await NewFetcher().ViewOfAsync(name, cancellation).ConfigureAwait(false);
        return await view.ListAsync(name, cancellation).ConfigureAwait(false);
    }

    private ReleaseFetcher NewFetcher() => new(_registries, _cache, _check, _clock);

    private Task<RegistryCatalog> ReadCatalogAsync(ReleaseFetcher fetcher, WorkspaceManifest manifest, WorkspaceLock? locked,
        CancellationToken cancellation) => RegistryCatalog.ReadAsync(
        _registries, fetcher.Views,
        manifest.Requirements.Select(requirement => requirement.Name)
            .Union((locked?.Schemas.Values ?? []).Where(name => _registries.Find(name) is not null)), manifest.RequiredSchemas,
                cancellation);

    // Keeps the locked component, with its current tier, if it is still valid; otherwise fetches and verifies the release and adds it to
    // the cache.
    private async ValueTask<(LockedComponent? Component, string? Refusal, bool WasKnown)> TakeAsync(ReleaseFetcher fetcher,
        RegistryRelease listed, LockedComponent? locked, CancellationToken cancellation)
    {
        if (locked is not null && locked.Version == listed.Version && IsAsSaid(locked, listed)
            && await fetcher.FindVerifiedAsync(locked, cancellation).ConfigureAwait(false) is { } now)
        {
            return (now, null, true);
        }

        CheckedRelease found = await fetcher.FetchAsync(listed, cancellation).ConfigureAwait(false);
        return await fetcher.CacheAsync(found, cancellation).ConfigureAwait(false);
    }
}

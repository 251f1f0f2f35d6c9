using Estream.Core;
using Estream.Marketplace.Registries;
using Estream.Marketplace.Workspaces;

namespace Estream.Marketplace.Client;

/// <summary>
/// Makes a workspace consist of what it asks for: reads what registries have, chooses, verifies what was chosen, and installs it. What is
/// new is fetched and verified before anybody is asked to approve of it. Thread-safe; of several processes one at a time changes the
/// workspace.
/// </summary>
public sealed class MarketplaceClient
{
    private readonly RegistrySet _registries;
    private readonly WorkspaceFolder _workspace;
    private readonly ComponentCache _cache;
    private readonly IClock _clock;
    private readonly ReleaseCheck _check;

    /// <summary>A client of the registries of a workspace.</summary>
    /// <param name="registries">Where components come from. Left open.</param>
    /// <param name="workspace">The workspace.</param>
    /// <param name="cache">Where components lie.</param>
    /// <param name="clock">Tells how old releases are, and whether what registries say still counts.</param>
    public MarketplaceClient(RegistrySet registries, WorkspaceFolder workspace, ComponentCache cache, IClock clock)
    {
        ArgumentNullException.ThrowIfNull(registries);
        ArgumentNullException.ThrowIfNull(workspace);
        ArgumentNullException.ThrowIfNull(cache);
        ArgumentNullException.ThrowIfNull(clock);
        (_registries, _workspace, _cache, _clock, _check) = (registries, workspace, cache, clock, new ReleaseCheck(clock));
    }

    /// <summary>Plans what a workspace is to consist of. Nothing of the workspace changes; what is new is put into the cache once it is
    /// verified.</summary>
    /// <param name="manifest">What it asks for.</param>
    /// <param name="isUpdated">Which components are chosen anew; null to keep the version of the lock wherever it still does.</param>
    /// <param name="progress">Told of every release that was verified; null for nobody.</param>
    /// <param name="cancellation">Ends it.</param>
    /// <exception cref="EstreamException">A registry is out of reach or holds what it must not, the file system refuses, or the lock is
    /// damaged.</exception>
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

    /// <summary>Plans to install exactly what the lock says: nothing is chosen anew. What it says of each component has to be what its
    /// owners have signed; what was not verified on this machine yet is fetched, verified and put into the cache.</summary>
    /// <param name="manifest">What the workspace asks for.</param>
    /// <param name="cancellation">Ends it.</param>
    /// <exception cref="EstreamException">As <see cref="PlanAsync"/>.</exception>
    public async Task<WorkspacePlan> PlanLockedAsync(WorkspaceManifest manifest, CancellationToken cancellation)
    {
        ArgumentNullException.ThrowIfNull(manifest);
        if (_workspace.ReadLock() is not { } locked)
        {
            return WorkspacePlan.Failed(WorkspacePlanStatus.LockOutdated,
                $"There is no {WorkspaceLock.FileName}: install without --locked and commit the lock.");
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
            if (await fetcher.IsVerifiedAsync(component, cancellation).ConfigureAwait(false))
            {
                continue;
            }

            CheckedRelease found = await fetcher.FetchAsync(component, cancellation).ConfigureAwait(false);
            if ((await fetcher.CacheAsync(found, cancellation).ConfigureAwait(false)).Refusal is { } refusal)
            {
                return WorkspacePlan.Failed(WorkspacePlanStatus.Refused, refusal);
            }
        }

        return new WorkspacePlan(locked, WorkspaceChange.Between(locked, locked),
            locked.Components.Select(component => Release(component, catalog)).OfType<RegistryRelease>());
    }

    // What lies in the cache is not fetched again: a lock that somebody wrote another root into would install another component of it.
    private string? OtherRelease(WorkspaceLock locked, RegistryCatalog catalog) => locked.Components
        .Where(component => Release(component, catalog) is { } release && !IsAsSaid(component, release))
        .Select(component =>
            $"{component} has other files, dependencies or another source in {WorkspaceLock.FileName} than in "
            + $"{_registries.For(component.Name).Name}: restore the lock from version control, or install without --locked and look at "
            + $"what changes.")
        .FirstOrDefault();

    private static RegistryRelease? Release(LockedComponent component, RegistryCatalog catalog) =>
        catalog.Releases.ReleasesOf(component.Name).FirstOrDefault(release => release.Version == component.Version) is { } release
            ? catalog.Find(release)
            : null;

    private bool IsAsSaid(LockedComponent component, RegistryRelease said) =>
        component.Root256 == said.Root256 && component.Source == _registries.For(said.Name).Name
            && component.Dependencies.SequenceEqual(said.Dependencies.Select(need => need.Name).Order());

    /// <summary>Makes the workspace what was planned.</summary>
    /// <param name="plan">A plan that is ready.</param>
    /// <param name="isApproved">Whether a person has approved what has to be approved of its change.</param>
    /// <param name="progress">Told of every component that is there; null for nobody.</param>
    /// <param name="cancellation">Ends it between two components.</param>
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

    /// <summary>Goes back to what the workspace consisted of before the last change; what the cache does not have any more is fetched and
    /// verified again.</summary>
    /// <param name="cancellation">Ends it before anything is changed.</param>
    /// <returns>What changed.</returns>
    /// <exception cref="InvalidOperationException">There was no change yet.</exception>
    /// <exception cref="EstreamException">As <see cref="PlanAsync"/>, and where a component cannot be had any more as the lock names
    /// it.</exception>
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

    /// <summary>Checks again what a workspace consists of: every release of its lock is fetched and verified as if it were new, and every
    /// component has to be in the cache as the lock names it.</summary>
    /// <param name="locked">The lock.</param>
    /// <param name="cancellation">Ends it.</param>
    /// <returns>A component and what is wrong with it, null where nothing is, for each.</returns>
    /// <exception cref="EstreamException">A registry is out of reach, so that nothing is known of what it has. What it gives and what is
    /// not to be taken is wrong with that component alone.</exception>
    public async IAsyncEnumerable<(LockedComponent Component, string? Fault)> VerifyAsync(WorkspaceLock locked,
        [System.Runtime.CompilerServices.EnumeratorCancellation] CancellationToken cancellation)
    {
        ArgumentNullException.ThrowIfNull(locked);
        ReleaseFetcher fetcher = NewFetcher();
        foreach (LockedComponent component in locked.Components)
        {
            string? fault = await fetcher.FindFaultAsync(component, cancellation).ConfigureAwait(false);
            yield return (component, fault ?? (_cache.Has(component.Root256) ? null : $"{component} is not in the cache: install again."));
        }
    }

    /// <summary>The releases of a component, as its registry has signed them.</summary>
    /// <param name="name">The component.</param>
    /// <param name="cancellation">Ends the wait.</param>
    /// <exception cref="EstreamException">No registry is named for it, or the registry is not believed or out of reach.</exception>
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

    // Keeps what the lock has where it still counts; else fetches and verifies the release and puts it into the cache.
    private async ValueTask<(LockedComponent? Component, string? Refusal, bool WasKnown)> TakeAsync(ReleaseFetcher fetcher,
        RegistryRelease listed, LockedComponent? locked, CancellationToken cancellation)
    {
        if (locked is not null && locked.Version == listed.Version && IsAsSaid(locked, listed)
            && await fetcher.IsVerifiedAsync(locked, cancellation).ConfigureAwait(false))
        {
            return (locked, null, true);
        }

        CheckedRelease found = await fetcher.FetchAsync(listed, cancellation).ConfigureAwait(false);
        return await fetcher.CacheAsync(found, cancellation).ConfigureAwait(false);
    }
}

using Estream.Core;
using Estream.Marketplace.Files;
using Estream.Marketplace.Registries;
using Estream.Marketplace.Trust.Namespaces;
using Estream.Marketplace.Workspaces;

namespace Estream.Marketplace.Client;

/// <summary>
/// Fetches and verifies releases for one call of the client. Refreshes each registry once, and keeps the bundle of each accepted release in
/// the cache. Not thread-safe.
/// </summary>
/// <param name="registries">The registries that components come from.</param>
/// <param name="cache">The cache of components and bundles.</param>
/// <param name="check">Verifies a release.</param>
/// <param name="clock">The clock for the expiry of registry metadata.</param>
internal sealed class ReleaseFetcher(RegistrySet registries, ComponentCache cache, ReleaseCheck check, IClock clock)
{
    /// <summary>The views of the registries during this call.</summary>
    public RegistryViews Views { get; } = new(clock);

    /// <summary>Returns the current view of the registry of a component.</summary>
    public ValueTask<RegistryView> ViewOfAsync(ComponentName name, CancellationToken cancellation) =>
        Views.OfAsync(registries.For(name), cancellation);

    /// <summary>Fetches and verifies a release that its registry lists.</summary>
    public async ValueTask<CheckedRelease> FetchAsync(RegistryRelease listed, CancellationToken cancellation)
    {
        RegistryView view = await ViewOfAsync(listed.Name, cancellation).ConfigureAwait(false);
        CheckedRelease found = await check.FetchAsync(view, listed, cancellation).ConfigureAwait(false);
        if (found.IsAccepted)
        {
            cache.KeepBundle(found.Release.Root256, found.Bundle.Span);
        }

        return found;
    }

    /// <summary>Fetches and verifies the release that a lock names. Refuses a release that differs from the lock.</summary>
    public async ValueTask<CheckedRelease> FetchAsync(LockedComponent component, CancellationToken cancellation)
    {
        TrustedRegistry registry = registries.For(component.Name);
        if (component.Source != registry.Name)
        {
            return CheckedRelease.Refused(
                $"{component} comes from {component.Source} in the lock file, but from {registry.Name} in {WorkspaceManifest.FileName}. "
                + "Install without --locked, and review the changes.");
        }

        RegistryView view = await Views.OfAsync(registry, cancellation).ConfigureAwait(false);
        IReadOnlyList<RegistryRelease> all = await view.ListAsync(component.Name, cancellation).ConfigureAwait(false);
        RegistryRelease? listed = all.FirstOrDefault(release => release.Version == component.Version);
        if (listed is null)
        {
            return CheckedRelease.Refused(
                $"{component} is no longer in the registry {registry.Place.Location}. Use another mirror, or update the component.");
        }

        CheckedRelease found = await FetchAsync(listed, cancellation).ConfigureAwait(false);
        if (!found.IsAccepted)
        {
            return found;
        }

        LockedComponent now = ReleaseCheck.Lock(view, found.Release);
        return now.IsSame(component) ? found
            : CheckedRelease.Refused(IsOlder(component, now) ? OlderLock(component) : OtherRelease(component, registry));
    }

    /// <summary>Opens the package of the release that a lock names, once the release is verified.</summary>
    /// <exception cref="EstreamRegistryException">The release is refused.</exception>
    public async ValueTask<Stream> OpenAsync(LockedComponent component, CancellationToken cancellation)
    {
        CheckedRelease found = await FetchAsync(component, cancellation).ConfigureAwait(false);
        return found.IsAccepted
            ? found.OpenPackage()
            : throw new EstreamRegistryException(RegistryFault.Malformed, found.Reason, component.Source);
    }

    /// <summary>Returns why the registry does not have the release that a lock names, or null if it has the release.</summary>
    /// <exception cref="EstreamException">The registry is out of reach.</exception>
    public async ValueTask<string?> FindFaultAsync(LockedComponent component, CancellationToken cancellation)
    {
        try
        {
            return (await FetchAsync(component, cancellation).ConfigureAwait(false)).Reason;
        }
        catch (EstreamException refused) when (IsOfTheComponent(refused))
        {
            return refused.Message;
        }
    }

    /// <summary>Puts an accepted release into the cache.</summary>
    /// <returns>The lock entry of the release and whether its files were already cached, or why the release is refused.</returns>
    public async ValueTask<(LockedComponent? Component, string? Refusal, bool WasCached)> CacheAsync(
        CheckedRelease found, CancellationToken cancellation)
    {
        if (!found.IsAccepted)
        {
            return (null, found.Reason, false);
        }

        RegistryView view = await ViewOfAsync(found.Release.Name, cancellation).ConfigureAwait(false);
        LockedComponent component = ReleaseCheck.Lock(view, found.Release);
        FetchPackage fetch = (_, _) => ValueTask.FromResult(found.OpenPackage());
        (bool wasCached, string? refusal) = await cache.BringAsync(component, fetch, cancellation).ConfigureAwait(false);
        return (refusal is null ? component : null, refusal, wasCached);
    }

    /// <summary>Returns the lock entry with the current tier if the cached bundle of a component, verified with the current keys, proves
    /// the entry; otherwise null. Detects a modified lock and a key revoked since.</summary>
    public async ValueTask<LockedComponent?> FindVerifiedAsync(LockedComponent component, CancellationToken cancellation)
    {
        RegistryView view = await ViewOfAsync(component.Name, cancellation).ConfigureAwait(false);
        return cache.ReadBundle(component.Root256) is { } bundle
            && await view.FindAsync(NamespaceName.Of(component.Name), cancellation).ConfigureAwait(false) is { } state
            && check.Kept(view, state, bundle) is { } kept && kept.IsSame(component)
            ? kept
            : null;
    }

    // An unreachable registry is not a fault of the component, so its exception is not caught.
    private static bool IsOfTheComponent(EstreamException refused) => refused
        is EstreamContentException { IsUnanswered: false }
        or EstreamRegistryException { Fault: RegistryFault.Untrusted or RegistryFault.Malformed or RegistryFault.NotFound };

    // A lock written by an older version of this program does not record that a wire adapter runs in the host. A person must approve
    // running in the host, so the missing field is not filled in here.
    private static bool IsOlder(LockedComponent component, LockedComponent now) =>
        now.RunsInHost && !component.RunsInHost && (component with { RunsInHost = true }).IsSame(now);

    private static string OlderLock(LockedComponent component) =>
        $"{component} is a wire adapter, but {WorkspaceLock.FileName} does not record that it runs inside the host: "
        + "an older version of this program wrote the lock file. "
        + "Run 'estream marketplace install' without --locked, approve the component, and commit the lock file.";

    private static string OtherRelease(LockedComponent component, TrustedRegistry registry) =>
        $"{component} at {registry.Place.Location} is not the release in {WorkspaceLock.FileName}. "
        + "Do not install it. Restore the lock file from version control, or use another mirror.";
}

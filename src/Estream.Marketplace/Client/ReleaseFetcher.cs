using Estream.Core;
using Estream.Marketplace.Files;
using Estream.Marketplace.Registries;
using Estream.Marketplace.Trust.Namespaces;
using Estream.Marketplace.Workspaces;

namespace Estream.Marketplace.Client;

/// <summary>
/// Fetches releases for one call of the client, and verifies each of them in the same way. Asks every registry once what it has now, and
/// keeps the bundle of each accepted release in the cache. Not thread-safe.
/// </summary>
/// <param name="registries">Where components come from.</param>
/// <param name="cache">Where components and their bundles lie.</param>
/// <param name="check">Verifies a release.</param>
/// <param name="clock">Tells whether what a registry says still counts.</param>
internal sealed class ReleaseFetcher(RegistrySet registries, ComponentCache cache, ReleaseCheck check, IClock clock)
{
    /// <summary>The registries as they are during this call.</summary>
    public RegistryViews Views { get; } = new(clock);

    /// <summary>Returns what the registry of a component says now.</summary>
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
                $"{component} comes from {component.Source} by the lock, and from {registry.Name} by {WorkspaceManifest.FileName}. "
                + "Install without --locked, and look at what changes.");
        }

        RegistryView view = await Views.OfAsync(registry, cancellation).ConfigureAwait(false);
        IReadOnlyList<RegistryRelease> all = await view.ListAsync(component.Name, cancellation).ConfigureAwait(false);
        RegistryRelease? listed = all.FirstOrDefault(release => release.Version == component.Version);
        if (listed is null)
        {
            return CheckedRelease.Refused(
                $"{component} is not in the registry {registry.Place.Location} any more. Take another mirror, or update it.");
        }

        CheckedRelease found = await FetchAsync(listed, cancellation).ConfigureAwait(false);
        if (!found.IsAccepted)
        {
            return found;
        }

        LockedComponent now = ReleaseCheck.Lock(registry, found.Release);
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

    /// <summary>Returns why the registry does not have the release that a lock names; null where it has.</summary>
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
    /// <returns>What a lock says of the release, and whether its files were there before; or why the release is refused.</returns>
    public async ValueTask<(LockedComponent? Component, string? Refusal, bool WasCached)> CacheAsync(
        CheckedRelease found, CancellationToken cancellation)
    {
        if (!found.IsAccepted)
        {
            return (null, found.Reason, false);
        }

        LockedComponent component = ReleaseCheck.Lock(registries.For(found.Release.Name), found.Release);
        FetchPackage fetch = (_, _) => ValueTask.FromResult(found.OpenPackage());
        (bool wasCached, string? refusal) = await cache.BringAsync(component, fetch, cancellation).ConfigureAwait(false);
        return (refusal is null ? component : null, refusal, wasCached);
    }

    /// <summary>Whether the cached bundle of a component, and the keys that count now, prove what a lock says of the component. A changed
    /// lock, and a key that was revoked since, show here.</summary>
    public async ValueTask<bool> IsVerifiedAsync(LockedComponent component, CancellationToken cancellation)
    {
        RegistryView view = await ViewOfAsync(component.Name, cancellation).ConfigureAwait(false);
        return cache.ReadBundle(component.Root256) is { } bundle
            && await view.FindAsync(NamespaceName.Of(component.Name), cancellation).ConfigureAwait(false) is { } state
            && check.Kept(view, state, bundle)?.IsSame(component) == true;
    }

    // A registry that is out of reach says nothing of a component.
    private static bool IsOfTheComponent(EstreamException refused) => refused
        is EstreamContentException { IsUnanswered: false }
        or EstreamRegistryException { Fault: RegistryFault.Untrusted or RegistryFault.Malformed or RegistryFault.NotFound };

    // An older lock does not say whose code runs in a host. A person has to approve of that, so it is not filled in here.
    private static bool IsOlder(LockedComponent component, LockedComponent now) =>
        now.RunsInHost && !component.RunsInHost && (component with { RunsInHost = true }).IsSame(now);

    private static string OlderLock(LockedComponent component) =>
        $"{component} is a wire adapter, and {WorkspaceLock.FileName} does not say that it runs inside the host: "
        + "the lock was written by an older version of this program. "
        + "Run 'estream marketplace install' without --locked, approve of it, and commit the lock.";

    private static string OtherRelease(LockedComponent component, TrustedRegistry registry) =>
        $"{component} of {registry.Place.Location} is another one than {WorkspaceLock.FileName} names. "
        + "Do not install it: restore the lock from version control, or take another mirror.";
}

using Estream.Core;
using Estream.Marketplace.Registries;
using Estream.Marketplace.Trust.Bundles;
using Estream.Marketplace.Trust.Catalogs;
using Estream.Marketplace.Trust.Log;
using Estream.Marketplace.Trust.Namespaces;
using Estream.Marketplace.Trust.Roles;

namespace Estream.Marketplace.Client;

/// <summary>
/// The verified state of a registry at one moment. Its roles are fresh and not older than the roles seen before, and its log extends the
/// log seen before. Every release, yank, deprecation and revocation matches the snapshot. Created by
/// <see cref="TrustedRegistry.RefreshAsync"/>. One call at a time.
/// </summary>
public sealed class RegistryView
{
    private readonly LogAgreement _log;
    private readonly CatalogReader _catalog;

    internal RegistryView(TrustedRegistry registry, TrustedRoles roles, DocumentReference catalog, LogAgreement log) =>
        (Registry, Roles, Trust, _log, _catalog) =
        (registry, roles, BundleTrust.Of(roles.Root), log, new CatalogReader(registry.Place.Files, catalog, registry.Place.Location));

    /// <summary>The registry.</summary>
    public TrustedRegistry Registry { get; }

    /// <summary>The keys and the policy of the registry.</summary>
    public TrustedRoles Roles { get; }

    /// <summary>The keys that bundles are verified with: those of the newest root.</summary>
    public BundleTrust Trust { get; }

    /// <summary>Returns the releases of a component, ordered by version, each with its time of publication, yank and deprecation; empty if
    /// the registry does not have the component.</summary>
    /// <param name="name">The component.</param>
    /// <param name="cancellation">Cancels the call.</param>
    /// <exception cref="EstreamRegistryException">The registry serves bytes other than those it signed
    /// (<see cref="RegistryFault.Untrusted"/>).</exception>
    public async ValueTask<IReadOnlyList<RegistryRelease>> ListAsync(ComponentName name, CancellationToken cancellation)
    {
        ArgumentNullException.ThrowIfNull(name);
        return (await _catalog.FindAsync(name, cancellation).ConfigureAwait(false)).Releases;
    }

    /// <summary>Returns the state of a namespace, with every revocation; null if the namespace has no owner.</summary>
    internal ValueTask<NamespaceState?> FindAsync(NamespaceName name, CancellationToken cancellation) =>
        _catalog.FindAsync(name, cancellation);

    /// <summary>Returns why a signed checkpoint does not belong to the registry's log, or null if it does.</summary>
    internal ValueTask<string?> FindFaultAsync(Checkpoint checkpoint, CancellationToken cancellation) =>
        _log.FindFaultAsync(checkpoint, cancellation);
}

/// <summary>Caches the views of the registries of a workspace during one call: each registry is refreshed once, on first use. One call at a
/// time.</summary>
/// <param name="clock">The clock.</param>
internal sealed class RegistryViews(IClock clock)
{
    private readonly Dictionary<TrustedRegistry, RegistryView> _views = [];

    public async ValueTask<RegistryView> OfAsync(TrustedRegistry registry, CancellationToken cancellation)
    {
        if (!_views.TryGetValue(registry, out RegistryView? view))
        {
            view = await registry.RefreshAsync(clock, cancellation).ConfigureAwait(false);
            _views.Add(registry, view);
        }

        return view;
    }
}

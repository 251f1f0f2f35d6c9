using Estream.Core;
using Estream.Marketplace.Registries;
using Estream.Marketplace.Trust.Bundles;
using Estream.Marketplace.Trust.Catalogs;
using Estream.Marketplace.Trust.Log;
using Estream.Marketplace.Trust.Namespaces;
using Estream.Marketplace.Trust.Roles;

namespace Estream.Marketplace.Client;

/// <summary>
/// What a registry says at a moment, believed: its roles are fresh and not older than what was seen before, its log begins with what was
/// seen before, and every release, mark and revocation is the one its snapshot stands for. Made by
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

    /// <summary>Its keys and its policy.</summary>
    public TrustedRoles Roles { get; }

    /// <summary>What its bundles are checked against: the keys of the newest root.</summary>
    public BundleTrust Trust { get; }

    /// <summary>The releases of a component in the order of their versions, with when they were published and what was taken back or
    /// deprecated; none where the registry has none of that name.</summary>
    /// <param name="name">The component.</param>
    /// <param name="cancellation">Ends the wait.</param>
    /// <exception cref="EstreamRegistryException">It gives other bytes than it has signed
    /// (<see cref="RegistryFault.Untrusted"/>).</exception>
    public async ValueTask<IReadOnlyList<RegistryRelease>> ListAsync(ComponentName name, CancellationToken cancellation)
    {
        ArgumentNullException.ThrowIfNull(name);
        return (await _catalog.FindAsync(name, cancellation).ConfigureAwait(false)).Releases;
    }

    /// <summary>The state of a namespace, with every revocation; null where nobody owns it.</summary>
    internal ValueTask<NamespaceState?> FindAsync(NamespaceName name, CancellationToken cancellation) =>
        _catalog.FindAsync(name, cancellation);

    /// <summary>Why a checkpoint that is signed is none of the registry's log, or null.</summary>
    internal ValueTask<string?> FindFaultAsync(Checkpoint checkpoint, CancellationToken cancellation) =>
        _log.FindFaultAsync(checkpoint, cancellation);
}

/// <summary>The registries of a workspace as they are during one call: each is asked once what it has, when it is needed first. One call at
/// a time.</summary>
/// <param name="clock">The time.</param>
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

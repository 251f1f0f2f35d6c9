using Estream.Core;
using Estream.Marketplace.Files;
using Estream.Marketplace.Registries;
using Estream.Marketplace.Trust.Bundles;
using Estream.Marketplace.Trust.Roles;

namespace Estream.Marketplace.Client;

/// <summary>A registry location with its trust root. Stores the last trusted state, so that older metadata is rejected later. Thread-safe,
/// and safe across processes if the state is stored in a file.</summary>
public sealed class TrustedRegistry
{
    private readonly TrustAnchor _anchor;
    private readonly ITrustStore _store;

    /// <summary>Creates a trusted registry.</summary>
    /// <param name="place">The location of its files: the registry itself or a mirror.</param>
    /// <param name="anchor">Its trust root, obtained from another source.</param>
    /// <param name="store">The store of the trusted state, one per registry; null keeps the state in memory.</param>
    /// <exception cref="ArgumentException">The trust root names no log.</exception>
    public TrustedRegistry(IComponentRegistry place, TrustAnchor anchor, TrustStore? store = null)
    {
        ArgumentNullException.ThrowIfNull(place);
        ArgumentNullException.ThrowIfNull(anchor);
        (Place, Trust, _anchor, _store) = (place, BundleTrust.Of(anchor.Root), anchor, store is null ? new MemoryTrustStore() : store);
    }

    /// <summary>The location of its files.</summary>
    public IComponentRegistry Place { get; }

    /// <summary>The trust root given to the constructor.</summary>
    public RootDocument Root => _anchor.Root;

    /// <summary>The name of the registry, which is the same for all mirrors; recorded in lock files.</summary>
    public string Name => Root.Registry;

    /// <summary>The keys that bundles are verified with offline: those of the trust root given to the constructor.</summary>
    public BundleTrust Trust { get; }

    /// <summary>
    /// Refreshes the state of the registry: follows its root rotations, accepts timestamp, snapshot and policy if they are fresh and not
    /// older than those seen before, and accepts the log if it extends the log seen before. Stores the new state if all checks pass.
    /// </summary>
    /// <param name="clock">The clock for the expiry of metadata.</param>
    /// <param name="cancellation">Cancels the call.</param>
    /// <exception cref="EstreamRegistryException">The registry is not trusted (<see cref="RegistryFault.Untrusted"/>). The message says
    /// what is wrong, where, and what to do.</exception>
    /// <exception cref="EstreamException">The registry is out of reach, the storage reports an error, or the stored state is
    /// damaged.</exception>
    public async Task<RegistryView> RefreshAsync(IClock clock, CancellationToken cancellation)
    {
        ArgumentNullException.ThrowIfNull(clock);
        await Place.RefreshAsync(cancellation).ConfigureAwait(false);
        LogAgreement log = new(new FolderFileSource(Place.Files, RegistryPaths.LogFolder));
        TrustOutcome outcome = await new TrustClient(_anchor, _store, clock).RefreshAsync(
            new FolderFileSource(Place.Files, RegistryPaths.RolesFolder), (before, now) => log.FindFaultAsync(before, now, cancellation),
            cancellation).ConfigureAwait(false);
        return outcome.Fault is { } fault ? throw Untrusted(fault)
            : outcome.Roles!.Snapshot.Catalog is { } catalog ? new RegistryView(this, outcome.Roles, catalog, log)
            : throw Untrusted(
                new RoleFault(RoleFaultKind.Missing, RoleDocument.FileName("snapshot", outcome.Roles.Snapshot.Version),
                    "it names no catalogue, so the releases of the registry are unknown"));
    }

    private EstreamRegistryException Untrusted(RoleFault fault)
    {
        string known = fault.Kind is RoleFaultKind.Rollback or RoleFaultKind.Equivocation
            ? $" The last trusted state is stored in '{_store.Path}'. If the operator has created the registry again under its "
                + "earlier name, and confirms this through another channel, delete the stored state. Otherwise, do not use the registry."
            : "";
        return new EstreamRegistryException(RegistryFault.Untrusted,
            $"The registry {Name} at {Place.Location} is not trusted: {fault}{known}", Place.Location);
    }
}

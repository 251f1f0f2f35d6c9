using Estream.Core;
using Estream.Marketplace.Files;
using Estream.Marketplace.Registries;
using Estream.Marketplace.Trust.Bundles;
using Estream.Marketplace.Trust.Roles;

namespace Estream.Marketplace.Client;

/// <summary>A place with releases, and the root by which they are believed. What was believed of it is kept, so that nothing older is taken
/// later. Thread-safe, and safe with other processes, where it is kept in a file.</summary>
public sealed class TrustedRegistry
{
    private readonly TrustAnchor _anchor;
    private readonly ITrustStore _store;

    /// <summary>A registry and where trust in it begins.</summary>
    /// <param name="place">Where its files are: itself or a mirror of it.</param>
    /// <param name="anchor">Its root, known from elsewhere.</param>
    /// <param name="store">Where what was believed is kept, one for each registry; it is forgotten with this object where null.</param>
    /// <exception cref="ArgumentException">The root names no log.</exception>
    public TrustedRegistry(IComponentRegistry place, TrustAnchor anchor, TrustStore? store = null)
    {
        ArgumentNullException.ThrowIfNull(place);
        ArgumentNullException.ThrowIfNull(anchor);
        (Place, Trust, _anchor, _store) = (place, BundleTrust.Of(anchor.Root), anchor, store is null ? new MemoryTrustStore() : store);
    }

    /// <summary>Where its files are.</summary>
    public IComponentRegistry Place { get; }

    /// <summary>The root that was given.</summary>
    public RootDocument Root => _anchor.Root;

    /// <summary>What the registry is called, wherever its files are: what locks say.</summary>
    public string Name => Root.Registry;

    /// <summary>What its bundles are checked against where nobody can be asked: the keys of the root that was given.</summary>
    public BundleTrust Trust { get; }

    /// <summary>
    /// Asks the registry what it has now: follows its roots, takes timestamp, snapshot and policy where they are fresh and not older than
    /// those seen before, and the log where it goes on from what was seen. What was seen is kept when all of that holds.
    /// </summary>
    /// <param name="clock">Says whether what it says still counts.</param>
    /// <param name="cancellation">Ends the wait.</param>
    /// <exception cref="EstreamRegistryException">It is not believed (<see cref="RegistryFault.Untrusted"/>): says what, where, and what to
    /// do.</exception>
    /// <exception cref="EstreamException">It is out of reach, the storage refused, or what was kept is damaged.</exception>
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
                    "it says not what the registry has: no catalogue"));
    }

    private EstreamRegistryException Untrusted(RoleFault fault)
    {
        string known = fault.Kind is RoleFaultKind.Rollback or RoleFaultKind.Equivocation
            ? $" What was seen of it before is kept in '{_store.Path}'."
            : "";
        return new EstreamRegistryException(RegistryFault.Untrusted,
            $"The registry {Name} at {Place.Location} is not believed: {fault}{known}", Place.Location);
    }
}

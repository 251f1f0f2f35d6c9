using Estream.Marketplace.Trust.Log;
using Estream.Marketplace.Trust.Roles;

namespace Estream.Marketplace.Trust.Bundles;

/// <summary>What a bundle is checked against: the keys of a registry, known from elsewhere and never from the bundle. Immutable and
/// thread-safe.</summary>
/// <param name="Log">Which log, and who has to have signed its checkpoints.</param>
/// <param name="Snapshot">Whose snapshots count.</param>
/// <param name="Timestamp">Whose timestamps count.</param>
/// <param name="Targets">Whose policy counts.</param>
public sealed record BundleTrust(LogPolicy Log, RoleKeys Snapshot, RoleKeys Timestamp, RoleKeys Targets)
{
    /// <summary>The trust that the root of a registry stands for.</summary>
    /// <param name="root">A root that is believed (its chain was followed, or it was put there by hand).</param>
    /// <exception cref="ArgumentException">The registry has no log.</exception>
    public static BundleTrust Of(RootDocument root)
    {
        ArgumentNullException.ThrowIfNull(root);
        return new BundleTrust(LogPolicy.Of(root), root.Snapshot, root.Timestamp, root.Targets);
    }
}

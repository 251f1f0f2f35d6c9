using Estream.Marketplace.Registries;
using Estream.Marketplace.Trust.Bundles;
using Estream.Marketplace.Trust.Roles;

namespace Estream.Marketplace.Client;

/// <summary>A place with releases, and the root by which they are believed. Immutable and thread-safe.</summary>
public sealed class TrustedRegistry
{
    /// <summary>A registry and where trust in it begins.</summary>
    /// <param name="place">Where its files are: itself or a mirror of it.</param>
    /// <param name="anchor">Its root, known from elsewhere.</param>
    /// <exception cref="ArgumentException">The root names no log.</exception>
    public TrustedRegistry(IComponentRegistry place, TrustAnchor anchor)
    {
        ArgumentNullException.ThrowIfNull(place);
        ArgumentNullException.ThrowIfNull(anchor);
        (Place, Root, Trust) = (place, anchor.Root, BundleTrust.Of(anchor.Root));
    }

    /// <summary>Where its files are.</summary>
    public IComponentRegistry Place { get; }

    /// <summary>The root that is trusted.</summary>
    public RootDocument Root { get; }

    /// <summary>What the registry is called, wherever its files are: what locks say.</summary>
    public string Name => Root.Registry;

    /// <summary>What its bundles are checked against.</summary>
    public BundleTrust Trust { get; }
}

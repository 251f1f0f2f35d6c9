using Estream.Marketplace.Trust.Bundles;

namespace Estream.Marketplace.Registries;

/// <summary>How much of what a registry serves is taken.</summary>
public static class RegistryLimits
{
    /// <summary>Bytes of a package.</summary>
    public const int MaxPackageBytes = ComponentBundle.MaxPackageBytes;

    /// <summary>Bytes of a bundle without its package.</summary>
    public const int MaxBundleBytes = ComponentBundle.MaxBytesWithoutPackage;

    /// <summary>Bytes of what is said of all releases of a component.</summary>
    public const int MaxIndexBytes = 16 << 20;

    /// <summary>Bytes of the list of names.</summary>
    public const int MaxNamesBytes = 16 << 20;

    /// <summary>Releases of a component.</summary>
    public const int MaxReleases = 4096;

    /// <summary>Components of a registry.</summary>
    public const int MaxComponents = 100_000;

    /// <summary>Dependencies, schemas or engines of a release, each.</summary>
    public const int MaxRequirements = 256;
}

using Estream.Marketplace.Packages;
using Estream.Marketplace.Trust.Namespaces;
using Estream.Marketplace.Trust.Releases;

namespace Estream.Marketplace.Trust.Bundles;

/// <summary>Compares the three descriptions of a release: in the log, in the release statement, and in the package.</summary>
internal static class ReleaseIdentity
{
    /// <summary>Compares a release statement with the publication in the log.</summary>
    /// <returns>The difference, or <see langword="null"/> if there is none.</returns>
    public static string? Fault(PackageFacts stated, PublishEntry publication) =>
        stated.Name != publication.Name.ToString() ? $"its name is '{stated.Name}'"
        : stated.Version != publication.Version.ToString() ? $"its version is '{stated.Version}'"
        : stated.Root256 != publication.Root256 ? $"its root is {stated.Root256}"
        : null;

    /// <summary>Compares a package with the release statement. The other fields of the statement are derived from the manifest, and the
    /// digest of the manifest is compared.</summary>
    /// <returns>The difference, or <see langword="null"/> if there is none.</returns>
    public static string? Fault(PackageReadResult package, PackageFacts stated)
    {
        PackageEntry? manifest = package.Entries.FirstOrDefault(entry => entry.Path == PackagePath.Manifest);
        return package.Identity!.Root256 != stated.Root256 ? $"its root is {package.Identity.Root256}, but {stated.Root256} was released"
            : package.Identity.Root3 != stated.Root3 ? $"its second root is {package.Identity.Root3}, but {stated.Root3} was released"
            : manifest?.Sha256 != stated.ManifestSha256
                ? $"its manifest has the digest {manifest?.Sha256}, but {stated.ManifestSha256} was released"
            : null;
    }
}

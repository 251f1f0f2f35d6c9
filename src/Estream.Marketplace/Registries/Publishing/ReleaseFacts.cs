using System.Security.Cryptography;
using Estream.Core;
using Estream.Marketplace.Json;
using Estream.Marketplace.Manifests;
using Estream.Marketplace.Packages;
using Estream.Marketplace.Registries;
using Estream.Marketplace.Trust.Releases;

namespace Estream.Marketplace.Publishing;

/// <summary>The only place that creates the facts of a release from its manifest and package: for the signed statement and for registries.
/// Thread-safe; holds no state.</summary>
public static class ReleaseFacts
{
    /// <summary>Creates the package facts of a release statement.</summary>
    /// <param name="manifest">The manifest in the package.</param>
    /// <param name="package">The package.</param>
    public static PackageFacts Of(ComponentManifest manifest, Package package)
    {
        ArgumentNullException.ThrowIfNull(manifest);
        ArgumentNullException.ThrowIfNull(package);
        return new PackageFacts
        {
            Name = manifest.Name.ToString(),
            Version = manifest.Version.ToString(),
            Category = ComponentCategories.NameOf(manifest.Category),
            Root256 = package.Identity.Root256,
            Root3 = package.Identity.Root3,
            ManifestSha256 = Convert.ToHexStringLower(SHA256.HashData(package.Manifest.Span)),
            Permissions = [.. manifest.Permissions.Select(permission => permission.ToString())],
            Dependencies =
                manifest.Dependencies.ToDictionary(need => need.Name.ToString(), need => need.Range.ToString(), StringComparer.Ordinal),
            Provides = manifest.ProvidedSchemas,
            Requires = [.. manifest.RequiredSchemas.Select(need => need.ToString())],
            License = manifest.License,
        };
    }

    /// <summary>Creates the catalogue entry of a release.</summary>
    /// <param name="manifest">The manifest in the package.</param>
    /// <param name="identity">The identity of the package.</param>
    /// <param name="bytes">The package's bytes.</param>
    /// <param name="clock">The clock for the time of publication.</param>
    public static RegistryRelease ToRegistry(ComponentManifest manifest, PackageIdentity identity, ReadOnlySpan<byte> bytes, IClock clock)
    {
        ArgumentNullException.ThrowIfNull(manifest);
        ArgumentNullException.ThrowIfNull(identity);
        ArgumentNullException.ThrowIfNull(clock);
        return new RegistryRelease
        {
            Name = manifest.Name,
            Version = manifest.Version,
            Category = ComponentCategories.NameOf(manifest.Category),
            Root256 = identity.Root256,
            Dependencies =
                [.. manifest.Dependencies.OrderBy(need => need.Name).Select(need => new RegistryRequirement(need.Name, need.Range))],
            Engines = [.. manifest.Engines.OrderBy(need => need.Engine, StringComparer.Ordinal)
                .Select(need => new RegistryEngine(need.Engine, need.Range))],
            Provides = [.. manifest.ProvidedSchemas.Order(StringComparer.Ordinal)],
            Requires = [.. manifest.RequiredSchemas.Select(need => need.Schema).Distinct().Order(StringComparer.Ordinal)],
            License = manifest.License,
            LicenseTier = LicenseTierNames.Of(manifest.LicenseTier),
            Description = manifest.Description,
            Published = JsonTime.Now(clock),
            PackageBytes = bytes.Length,
            PackageSha256 = Convert.ToHexStringLower(SHA256.HashData(bytes)),
        };
    }
}

using Estream.Marketplace.Files;
using Estream.Marketplace.Json;

namespace Estream.Marketplace.Registries;

/// <summary>Reads the files of a file-based registry from any source. Thread-safe.</summary>
/// <param name="source">The files.</param>
/// <param name="location">The name of the registry in messages.</param>
internal sealed class RegistryFiles(IFileSource source, string location)
{
    public async ValueTask<ReleaseIndex> ReadIndexAsync(ComponentName name, CancellationToken cancellation)
    {
        string path = RegistryPaths.Index(name);
        byte[]? bytes = await source.ReadAsync(path, RegistryLimits.MaxIndexBytes, cancellation).ConfigureAwait(false);
        if (bytes is null)
        {
            return ReleaseIndex.Empty(name);
        }

        return ReleaseIndex.TryRead(bytes, out ReleaseIndex? index, out string? reason) && index.Name == name
            ? index
            : throw Malformed(path, reason ?? "it is for another component");
    }

    public async ValueTask<IReadOnlyList<ComponentName>> ReadNamesAsync(CancellationToken cancellation)
    {
        byte[]? bytes = await source.ReadAsync(RegistryPaths.Names, RegistryLimits.MaxNamesBytes, cancellation).ConfigureAwait(false);
        if (bytes is null)
        {
            return [];
        }

        if (!StrictJsonReader.TryRead(bytes, new JsonLimits(RegistryLimits.MaxNamesBytes, MaxDepth: 2, RegistryLimits.MaxComponents + 2),
            out JsonValue? value, out JsonFault? fault) || value is not JsonArray names)
        {
            throw Malformed(RegistryPaths.Names, fault?.ToString() ?? "it is not an array");
        }

        return [.. names.Select(name => name is JsonText text && ComponentName.TryParse(text.Value, out ComponentName? one, out _)
            ? one : throw Malformed(RegistryPaths.Names, "it contains an invalid component name"))];
    }

    public async ValueTask<byte[]> ReadPackageAsync(RegistryRelease release, CancellationToken cancellation)
    {
        ArgumentNullException.ThrowIfNull(release);
        string path = RegistryPaths.Package(release.Name, release.Version);
        byte[]? bytes = await source.ReadAsync(path, (int)Math.Min(release.PackageBytes, RegistryLimits.MaxPackageBytes), cancellation)
            .ConfigureAwait(false);
        return bytes is null ? throw Missing(release, path)
            : release.IsPackage(bytes) ? bytes
            : throw Malformed(path,
                $"it does not have the {release.PackageBytes} bytes with the SHA-256 {release.PackageSha256} of the index");
    }

    public async ValueTask<byte[]> ReadBundleAsync(RegistryRelease release, CancellationToken cancellation)
    {
        ArgumentNullException.ThrowIfNull(release);
        string path = RegistryPaths.Bundle(release.Name, release.Version);
        return await source.ReadAsync(path, RegistryLimits.MaxBundleBytes, cancellation).ConfigureAwait(false)
            ?? throw Missing(release, path);
    }

    /// <summary>Returns the names that contain a text, ignoring case.</summary>
    public static IReadOnlyList<ComponentName> Matching(IEnumerable<ComponentName> names, string text, int limit)
    {
        ArgumentNullException.ThrowIfNull(text);
        ArgumentOutOfRangeException.ThrowIfLessThan(limit, 1);
        return [.. names.Where(name => name.ToString().Contains(text, StringComparison.OrdinalIgnoreCase)).Order().Take(limit)];
    }

    private EstreamRegistryException Missing(RegistryRelease release, string path) =>
        new(RegistryFault.NotFound,
            $"The registry {location} lists {release} but has no file '{path}'. Use another mirror, or tell the operator.", path);

    private EstreamRegistryException Malformed(string path, string reason) =>
        new(RegistryFault.Malformed,
            $"The file '{path}' of the registry {location} is not valid: {reason}. Use another mirror, or tell the operator.", path);
}

using Estream.Marketplace.Files;

namespace Estream.Marketplace.Registries.Oci;

/// <summary>
/// The metadata files of a registry in an OCI image layout: the layers of one manifest, with the path of each file as its title. One write
/// of the layout's index changes all these files atomically. Reads are thread-safe; one thread at a time writes.
/// </summary>
/// <param name="blobs">The layout.</param>
internal sealed class OciFiles(OciBlobs blobs) : IFileSource
{
    private const string FilesType = "application/vnd.estream.registry.v1";
    private const string FileType = "application/vnd.estream.registry.file.v1";
    private const int MaxManifestBytes = 16 << 20;

    public async ValueTask<byte[]?> ReadAsync(string path, int maxBytes, CancellationToken cancellation)
    {
        FilePaths.Require(path);
        IReadOnlyList<OciDescriptor> files = await ListAsync(await blobs.ReadIndexAsync(cancellation).ConfigureAwait(false), cancellation)
            .ConfigureAwait(false);
        if (files.LastOrDefault(file => file.Title == path) is not { } found)
        {
            return null;
        }

        return found.Size <= maxBytes
            ? await blobs.ReadAsync(found, maxBytes, cancellation).ConfigureAwait(false)
            : throw new EstreamContentException($"The file '{path}' of the layout has {found.Size} bytes; the limit is {maxBytes}.", path);
    }

    /// <summary>Adds or replaces files; returns whether anything changed.</summary>
    public async ValueTask<bool> WriteAsync(IReadOnlyList<RegistryFile> files, CancellationToken cancellation)
    {
        IReadOnlyList<OciDescriptor> index = await blobs.ReadIndexAsync(cancellation).ConfigureAwait(false);
        Dictionary<string, OciDescriptor> layers = new(StringComparer.Ordinal);
        foreach (OciDescriptor there in (await ListAsync(index, cancellation).ConfigureAwait(false)).Where(file => file.Title is not null))
        {
            layers[there.Title!] = there;
        }

        foreach (RegistryFile file in files)
        {
            layers[file.Path] = blobs.Put(FileType, file.Content.Span) with { Title = file.Path };
        }

        OciDescriptor empty = blobs.Put(OciDocument.EmptyType, OciDocument.Empty);
        OciDescriptor manifest = blobs.Put(
            OciDocument.ManifestType,
            OciDocument.Manifest(FilesType, empty, layers.Values.OrderBy(layer => layer.Title, StringComparer.Ordinal), null), FilesType,
            OciReference.Files);
        bool isChanged = !index.Contains(manifest);
        if (isChanged)
        {
            blobs.WriteIndex([.. index.Where(other => other.RefName != OciReference.Files), manifest]);
        }

        return isChanged;
    }

    private async ValueTask<IReadOnlyList<OciDescriptor>> ListAsync(IReadOnlyList<OciDescriptor> index, CancellationToken cancellation)
    {
        OciDescriptor? manifest = index.FirstOrDefault(other => other.RefName == OciReference.Files);
        return manifest is null ? []
            : OciDocument.ReadFiles(await blobs.ReadAsync(manifest, MaxManifestBytes, cancellation).ConfigureAwait(false))
                ?? throw blobs.Malformed(manifest.Digest, "it is not a manifest of files");
    }
}

using Estream.Core;
using Estream.Marketplace.Files;

namespace Estream.Marketplace.Registries.Oci;

/// <summary>The files of an OCI image layout in a directory. Reads are thread-safe; one thread at a time writes.</summary>
/// <param name="directory">The directory.</param>
/// <param name="storage">The storage of the directory.</param>
/// <param name="location">The name of the registry in messages.</param>
internal sealed class OciBlobs(string directory, IStorage storage, string location)
{
    /// <summary>The name of the file that lists the manifests.</summary>
    public const string IndexName = "index.json";

    private const string LayoutName = "oci-layout";

    private readonly DirectoryFileSource _files = new(directory);

    /// <summary>Reads the manifests of the layout; empty if there is no layout yet.</summary>
    public async ValueTask<IReadOnlyList<OciDescriptor>> ReadIndexAsync(CancellationToken cancellation)
    {
        byte[]? bytes = await _files.ReadAsync(IndexName, RegistryLimits.MaxIndexBytes, cancellation).ConfigureAwait(false);
        return bytes is null ? [] : OciDocument.ReadIndex(bytes) ?? throw Malformed(IndexName, "it is not an index of an OCI image layout");
    }

    /// <summary>Reads a blob and checks its size and digest.</summary>
    public async ValueTask<byte[]> ReadAsync(OciDescriptor descriptor, int maxBytes, CancellationToken cancellation)
    {
        string path = PathOf(descriptor);
        byte[] bytes = await _files.ReadAsync(path, (int)Math.Min(descriptor.Size, maxBytes), cancellation).ConfigureAwait(false)
            ?? throw Malformed(path, "it is referenced but missing");
        return descriptor.Has(bytes)
            ? bytes
            : throw Malformed(path, $"it does not have the {descriptor.Size} bytes with the digest {descriptor.Digest}");
    }

    /// <summary>Writes a blob. It is not visible until the index references it.</summary>
    public OciDescriptor Put(string mediaType, ReadOnlySpan<byte> content, string? artifactType = null, string? refName = null)
    {
        OciDescriptor descriptor = OciDescriptor.Of(mediaType, content, artifactType, refName);
        string path = Path.Combine(directory, PathOf(descriptor));
        if (!storage.FileExists(path))
        {
            AtomicFile.Write(storage, path, content);
        }

        return descriptor;
    }

    /// <summary>Writes the index of the manifests.</summary>
    public void WriteIndex(IEnumerable<OciDescriptor> manifests)
    {
        AtomicFile.Write(storage, Path.Combine(directory, LayoutName), "{\"imageLayoutVersion\":\"1.0.0\"}"u8);
        AtomicFile.Write(storage, Path.Combine(directory, IndexName), OciDocument.Index(manifests));
    }

    public EstreamRegistryException Malformed(string path, string reason) =>
        new(RegistryFault.Malformed,
            $"The file '{path}' of the registry {location} is not valid: {reason}. Use another mirror, or tell the operator.", path);

    private static string PathOf(OciDescriptor descriptor) => $"blobs/sha256/{descriptor.Hex}";
}

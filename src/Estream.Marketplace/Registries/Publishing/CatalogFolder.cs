using Estream.Core;
using Estream.Marketplace.Files;
using Estream.Marketplace.Registries;
using Estream.Marketplace.Trust.Catalogs;
using Estream.Marketplace.Trust.Namespaces;
using Estream.Marketplace.Trust.Roles;

namespace Estream.Marketplace.Publishing;

/// <summary>Makes the catalogue of a registry that is run here, of its indexes and its log. Files that are there stay: whoever reads by an
/// older snapshot still finds them.</summary>
/// <param name="served">The part of the registry that a web server serves.</param>
internal sealed class CatalogFolder(string served)
{
    private readonly RegistryFiles _files = new(new DirectoryFileSource(served), served);

    /// <summary>Writes what is not there yet; what a snapshot is to say of it.</summary>
    /// <exception cref="EstreamException">An index cannot be read, or the storage refuses.</exception>
    public async ValueTask<DocumentReference> WriteAsync(NamespaceMap namespaces, CancellationToken cancellation)
    {
        List<ReleaseIndex> indexes = [];
        foreach (ComponentName name in await _files.ReadNamesAsync(cancellation).ConfigureAwait(false))
        {
            indexes.Add(await _files.ReadIndexAsync(name, cancellation).ConfigureAwait(false));
        }

        CatalogFiles catalog = CatalogFiles.Of(indexes, namespaces.States);
        foreach ((string path, byte[] content) in catalog.Content.Where(file => !File.Exists(Path.Combine(served, file.Key))))
        {
            AtomicFile.Write(FileStorage.Public, Path.Combine(served, path), content);
        }

        return catalog.Top;
    }
}

using Estream.Core;
using Estream.Marketplace.Files;
using Estream.Marketplace.Registries;
using Estream.Marketplace.Trust.Catalogs;
using Estream.Marketplace.Trust.Namespaces;
using Estream.Marketplace.Trust.Roles;

namespace Estream.Marketplace.Publishing;

/// <summary>Creates the catalogue of a registry from its indexes and its log. Keeps existing files, so that clients with an older snapshot
/// still find the files that their snapshot refers to.</summary>
/// <param name="served">The folder that a web server serves.</param>
internal sealed class CatalogFolder(string served)
{
    private readonly RegistryFiles _files = new(new DirectoryFileSource(served), served);

    /// <summary>Writes the missing files of the catalogue; returns the reference to it for the snapshot.</summary>
    /// <exception cref="EstreamException">An index cannot be read, or the storage reports an error.</exception>
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

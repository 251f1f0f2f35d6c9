using Estream.Marketplace.Registries;
using Estream.Marketplace.Trust.Namespaces;
using Estream.Marketplace.Trust.Roles;

namespace Estream.Marketplace.Trust.Catalogs;

/// <summary>The files of a catalogue (docs/formats/catalog.md), each named by its hash. A change of one component changes one part, and
/// replaces no existing file. Immutable.</summary>
/// <param name="Top">The reference to the catalogue document, for the snapshot.</param>
/// <param name="Content">All files by their paths in a registry.</param>
public sealed record CatalogFiles(DocumentReference Top, IReadOnlyDictionary<string, byte[]> Content)
{
    /// <summary>Creates the catalogue of a registry. Costs one hash per component and per namespace.</summary>
    /// <param name="components">The release index of each component; each component once.</param>
    /// <param name="namespaces">The states of all namespaces in the log.</param>
    public static CatalogFiles Of(IEnumerable<ReleaseIndex> components, IEnumerable<NamespaceState> namespaces)
    {
        ArgumentNullException.ThrowIfNull(components);
        ArgumentNullException.ThrowIfNull(namespaces);
        Dictionary<string, byte[]> files = new(StringComparer.Ordinal);
        DocumentReference Add(byte[] bytes)
        {
            DocumentReference reference = DocumentReference.Of(1, bytes);
            files[RegistryPaths.Catalog(reference.Sha256)] = bytes;
            return reference;
        }

        Dictionary<string, DocumentReference> indexes =
            components.ToDictionary(index => index.Name.ToString(), index => Add(index.Encode()), StringComparer.Ordinal);
        Dictionary<string, DocumentReference> states =
            namespaces.ToDictionary(state => state.Name.Text, state => Add(state.Encode()), StringComparer.Ordinal);
        int count = CatalogDocument.PartsFor(indexes.Count + states.Count);
        ILookup<int, KeyValuePair<string, DocumentReference>> indexParts = indexes.ToLookup(entry =>
            CatalogDocument.PartOf(entry.Key, count)), stateParts = states.ToLookup(entry => CatalogDocument.PartOf(entry.Key, count));
        DocumentReference[] parts = [.. Enumerable.Range(0, count)
            .Select(part =>
                Add(new CatalogPart(new Dictionary<string, DocumentReference>(indexParts[part]),
                    new Dictionary<string, DocumentReference>(stateParts[part])).Encode()))];
        return new CatalogFiles(Add(new CatalogDocument(parts).Encode()), files);
    }
}

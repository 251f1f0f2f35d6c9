using System.Diagnostics.CodeAnalysis;
using Estream.Marketplace.Files;
using Estream.Marketplace.Registries;
using Estream.Marketplace.Trust.Namespaces;
using Estream.Marketplace.Trust.Roles;

namespace Estream.Marketplace.Trust.Catalogs;

/// <summary>
/// Looks up entries in a registry's catalogue. Fetches only the document, one part and the file of the name. Every file must have the hash
/// that the snapshot contains, directly or through another file, so the source of the files need not be trusted.
/// </summary>
/// <remarks>One call at a time. Caches the parts that it reads.</remarks>
/// <param name="files">The files of the registry.</param>
/// <param name="top">The reference to the catalogue in a trusted snapshot.</param>
/// <param name="location">The name of the registry in messages.</param>
internal sealed class CatalogReader(IFileSource files, DocumentReference top, string location)
{
    private readonly Dictionary<int, CatalogPart> _parts = [];
    private CatalogDocument? _document;

    private delegate bool Reading<T>(ReadOnlySpan<byte> bytes, [NotNullWhen(true)] out T? read, [NotNullWhen(false)] out string? reason);

    /// <summary>Returns the releases of a component; empty if the registry does not have the component.</summary>
    /// <exception cref="EstreamRegistryException">The registry serves bytes other than those it signed, or lacks a file
    /// (<see cref="RegistryFault.Untrusted"/>).</exception>
    public async ValueTask<ReleaseIndex> FindAsync(ComponentName name, CancellationToken cancellation)
    {
        CatalogPart part = await PartAsync(name.ToString(), cancellation).ConfigureAwait(false);
        if (!part.Components.TryGetValue(name.ToString(), out DocumentReference? reference))
        {
            return ReleaseIndex.Empty(name);
        }

        ReleaseIndex index = await ReadAsync<ReleaseIndex>(reference, ReleaseIndex.TryRead, cancellation).ConfigureAwait(false);
        return index.Name == name
            ? index
            : throw Refused(RegistryPaths.Catalog(reference.Sha256), $"it is for {index.Name} instead of {name}");
    }

    /// <summary>Returns the state of a namespace, or <see langword="null"/> if it has no owner.</summary>
    /// <exception cref="EstreamRegistryException">The registry serves bytes other than those it signed, or lacks a file
    /// (<see cref="RegistryFault.Untrusted"/>).</exception>
    public async ValueTask<NamespaceState?> FindAsync(NamespaceName name, CancellationToken cancellation)
    {
        CatalogPart part = await PartAsync(name.Text, cancellation).ConfigureAwait(false);
        if (!part.Namespaces.TryGetValue(name.Text, out DocumentReference? reference))
        {
            return null;
        }

        NamespaceState state = await ReadAsync<NamespaceState>(reference, NamespaceState.TryRead, cancellation).ConfigureAwait(false);
        return state.Name == name
            ? state
            : throw Refused(RegistryPaths.Catalog(reference.Sha256), $"it is for '{state.Name}' instead of '{name}'");
    }

    private async ValueTask<CatalogPart> PartAsync(string name, CancellationToken cancellation)
    {
        _document ??= await ReadAsync<CatalogDocument>(top, CatalogDocument.TryRead, cancellation).ConfigureAwait(false);
        int number = CatalogDocument.PartOf(name, _document.Parts.Count);
        if (!_parts.TryGetValue(number, out CatalogPart? part))
        {
            part = await ReadAsync<CatalogPart>(_document.Parts[number], CatalogPart.TryRead, cancellation).ConfigureAwait(false);
            _parts.Add(number, part);
        }

        return part;
    }

    private async ValueTask<T> ReadAsync<T>(DocumentReference reference, Reading<T> read, CancellationToken cancellation)
        where T : class
    {
        string path = RegistryPaths.Catalog(reference.Sha256);
        (byte[] bytes, RoleFault? fault) = await RoleFetch.GetAsync(files, path, reference.Length, cancellation).ConfigureAwait(false);
        fault ??= RoleChecks.Referred(bytes, path, reference);
        return fault is not null ? throw Refused(path, fault.Reason)
            : read(bytes, out T? value, out string? reason) ? value
            : throw Refused(path, reason);
    }

    private EstreamRegistryException Refused(string path, string reason) =>
        new(RegistryFault.Untrusted,
            $"The registry {location} serves '{path}' with content that it did not sign: {reason}. Do not install from this copy. Use "
            + "another mirror, and tell the operator of this one.", path);
}

using Estream.Marketplace.Files;
using Estream.Marketplace.Trust.Catalogs;
using Estream.Marketplace.Trust.Dsse;
using Estream.Marketplace.Trust.Log;
using Estream.Marketplace.Trust.Roles;

namespace Estream.Marketplace.Registries;

/// <summary>
/// Reads all metadata files of a registry for a mirror: roles, the checkpoint and hashes of the log, and the catalogue. Does not verify
/// them: clients of the mirror do. Not thread-safe.
/// </summary>
public sealed class RegistryFileSet
{
    /// <summary>The maximum size of one file in bytes.</summary>
    public const int MaxFileBytes = RegistryLimits.MaxIndexBytes;

    /// <summary>The maximum number of log entries whose hashes are copied.</summary>
    public const long MaxLogEntries = 1 << 22;

    private readonly IFileSource _source;
    private readonly string _location;
    private readonly CancellationToken _cancellation;
    private readonly List<RegistryFile> _files = [];

    private RegistryFileSet(IFileSource source, string location, CancellationToken cancellation) =>
        (_source, _location, _cancellation) = (source, location, cancellation);

    /// <summary>Reads the metadata files.</summary>
    /// <param name="registry">The registry.</param>
    /// <param name="cancellation">Cancels the call.</param>
    /// <returns>The files, each after those that it references; empty if the registry has no timestamp.</returns>
    /// <exception cref="EstreamRegistryException">A referenced file is missing or not well-formed
    /// (<see cref="RegistryFault.Malformed"/>).</exception>
    public static async ValueTask<IReadOnlyList<RegistryFile>> ReadAsync(IComponentRegistry registry, CancellationToken cancellation)
    {
        ArgumentNullException.ThrowIfNull(registry);
        RegistryFileSet set = new(registry.Files, registry.Location, cancellation);
        string timestamp = Role(DocumentType.Timestamp.Name, 0);
        if (await registry.Files.ReadAsync(timestamp, RoleLimits.MaxTimestampBytes, cancellation).ConfigureAwait(false) is not { } newest)
        {
            return [];
        }

        // Read the mutable file first. The files it references are immutable, so the set is consistent even while someone publishes.
        string path =
            Role(DocumentType.Snapshot.Name, Open<TimestampDocument>(newest, TimestampDocument.TryRead, set, timestamp).Snapshot.Version);
        RegistryFile snapshot = await set.ReadAsync(path).ConfigureAwait(false);
        SnapshotDocument document = Open<SnapshotDocument>(snapshot.Content.ToArray(), SnapshotDocument.TryRead, set, path);
        await set.AddLogAsync().ConfigureAwait(false);
        await set.AddCatalogAsync(document.Catalog).ConfigureAwait(false);
        foreach ((string role, DocumentReference reference) in document.Targets)
        {
            set._files.Add(await set.ReadAsync(Role(role, reference.Version)).ConfigureAwait(false));
        }

        await set.AddRootsAsync().ConfigureAwait(false);
        return [.. set._files, snapshot, new RegistryFile(timestamp, newest)];
    }

    private delegate bool Reading<T>(ReadOnlySpan<byte> bytes, out T? read, out string? reason);

    private static string Role(string role, long version) => $"{RegistryPaths.RolesFolder}/{RoleDocument.FileName(role, version)}";

    private static T Open<T>(byte[] bytes, Reading<T> read, RegistryFileSet set, string path)
        where T : class =>
        !DsseEnvelope.TryRead(bytes, bytes.Length, out DsseEnvelope? envelope, out string? reason) ? throw set.Malformed(path, reason)
            : read(envelope.UnverifiedPayload.Span, out T? document, out reason) ? document!
            : throw set.Malformed(path, reason!);

    private async ValueTask<RegistryFile> ReadAsync(string path) =>
        new(path, await _source.ReadAsync(path, MaxFileBytes, _cancellation).ConfigureAwait(false)
            ?? throw Malformed(path, "it is referenced but missing"));

    private async ValueTask AddRootsAsync()
    {
        for (int version = 1; version <= RoleLimits.MaxRotations; version++)
        {
            string path = Role(DocumentType.Root.Name, version);
            if (await _source.ReadAsync(path, RoleLimits.MaxRootBytes, _cancellation).ConfigureAwait(false) is not { } root)
            {
                return;
            }

            _files.Add(new RegistryFile(path, root));
        }
    }

    private async ValueTask AddLogAsync()
    {
        const string path = $"{RegistryPaths.LogFolder}/{LogPaths.Checkpoint}";
        RegistryFile file = await ReadAsync(path).ConfigureAwait(false);
        if (!SignedNote.TryParse(file.Content.Span, out SignedNote? note, out _)
            || !Checkpoint.TryParse(note.Text, out Checkpoint? checkpoint, out _) || checkpoint.Size > MaxLogEntries)
        {
            throw Malformed(path, $"it is not a checkpoint of at most {MaxLogEntries} entries");
        }

        for (int level = 0; checkpoint.Size >> (level * LogPaths.TileHeight) > 0; level++)
        {
            long hashes = checkpoint.Size >> (level * LogPaths.TileHeight);
            for (long tile = 0; tile * LogPaths.TileWidth < hashes; tile++)
            {
                int width = (int)Math.Min(LogPaths.TileWidth, hashes - (tile * LogPaths.TileWidth));
                _files.Add(await ReadAsync($"{RegistryPaths.LogFolder}/{LogPaths.Tile(level, tile, width)}").ConfigureAwait(false));
            }
        }

        _files.Add(file);
    }

    private async ValueTask AddCatalogAsync(DocumentReference? top)
    {
        if (top is null)
        {
            return;
        }

        RegistryFile file = await ReadAsync(RegistryPaths.Catalog(top.Sha256)).ConfigureAwait(false);
        foreach (DocumentReference reference in CatalogDocument.TryRead(file.Content.Span, out CatalogDocument? document,
            out string? reason) ? document.Parts : throw Malformed(file.Path, reason))
        {
            RegistryFile part = await ReadAsync(RegistryPaths.Catalog(reference.Sha256)).ConfigureAwait(false);
            CatalogPart entries = CatalogPart.TryRead(part.Content.Span, out CatalogPart? read, out reason)
                ? read
                : throw Malformed(part.Path, reason);
            foreach (DocumentReference entry in entries.Components.Values.Concat(entries.Namespaces.Values))
            {
                _files.Add(await ReadAsync(RegistryPaths.Catalog(entry.Sha256)).ConfigureAwait(false));
            }

            _files.Add(part);
        }

        _files.Add(file);
    }

    private EstreamRegistryException Malformed(string path, string reason) =>
        new(RegistryFault.Malformed,
            $"The file '{path}' of the registry {_location} is not valid: {reason}. Use another mirror, or tell the operator.", path);
}

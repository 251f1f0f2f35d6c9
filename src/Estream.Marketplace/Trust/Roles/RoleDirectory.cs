using Estream.Core;
using Estream.Marketplace.Files;
using Estream.Marketplace.Json;
using Estream.Marketplace.Trust.Dsse;

namespace Estream.Marketplace.Trust.Roles;

/// <summary>
/// Publishes the documents of a registry to a directory that any web server can serve. A client verifies each publication first, so nothing
/// is published that a client would reject. Published documents never change. The timestamp is replaced last, by one rename, so a
/// concurrent reader sees the old registry or the new one. One writer at a time; not thread-safe.
/// </summary>
public sealed class RoleDirectory
{
    private readonly string _directory;
    private readonly IClock _clock;
    private readonly IStorage _storage;

    /// <summary>Creates a publisher for a directory.</summary>
    /// <param name="directory">The path of the directory; created on the first publication.</param>
    /// <param name="clock">The clock; null for the system clock.</param>
    /// <param name="storage">The storage; null for the file system.</param>
    public RoleDirectory(string directory, IClock? clock = null, IStorage? storage = null)
    {
        ArgumentException.ThrowIfNullOrEmpty(directory);
        (_directory, _clock, _storage) = (directory, clock ?? SystemClock.Instance, storage ?? FileStorage.Public);
    }

    /// <summary>The published documents.</summary>
    public IFileSource Source => new DirectoryFileSource(_directory);

    /// <summary>Returns the envelope of the first root, from which clients start.</summary>
    /// <exception cref="EstreamStorageException">There is no root, or the storage failed.</exception>
    public ReadOnlyMemory<byte> FirstRoot() => ReadFile(RoleDocument.FileName(DocumentType.Root.Name, 1))
        ?? throw new EstreamStorageException($"'{_directory}' has no root. Publish one first.", _directory, StorageFailure.NotFound);

    /// <summary>Publishes: creates the next snapshot and timestamp from the existing and the new documents, lets a client verify
    /// everything, and writes the documents.</summary>
    /// <param name="publication">The new documents and the signers.</param>
    /// <param name="cancellation">Cancels the operation.</param>
    /// <returns>Why a client would reject the publication, in which case nothing was written; or null.</returns>
    /// <exception cref="ArgumentException">An envelope does not contain a document of its type.</exception>
    /// <exception cref="EstreamException">The storage failed, or an existing document is damaged.</exception>
    public async Task<RoleFault?> PublishAsync(RolePublication publication, CancellationToken cancellation = default)
    {
        ArgumentNullException.ThrowIfNull(publication);
        Dictionary<string, byte[]> documents = new(StringComparer.Ordinal);
        SortedDictionary<string, DocumentReference> targets =
            new(Latest()?.Targets.ToDictionary(StringComparer.Ordinal) ?? [], StringComparer.Ordinal);
        foreach (DsseEnvelope root in publication.Roots)
        {
            documents.Add(
                RoleDocument.FileName(DocumentType.Root.Name,
                    Payload(RootDocument.TryRead(root.UnverifiedPayload.Span, out RootDocument? document, out string? reason), document,
                        reason).Version), root.ToJson());
        }

        foreach (DsseEnvelope envelope in publication.Targets)
        {
            TargetsDocument document = Payload(
                TargetsDocument.TryRead(envelope.UnverifiedPayload.Span, out TargetsDocument? read, out string? reason), read, reason);
            byte[] bytes = envelope.ToJson();
            documents.Add(RoleDocument.FileName(document.Role, document.Version), bytes);
            targets[document.Role] = DocumentReference.Of(document.Version, bytes);
        }

        AddSnapshotAndTimestamp(publication, targets, documents);
        if (await RefusalAsync(documents, cancellation).ConfigureAwait(false) is { } fault)
        {
            return fault;
        }

        Write(documents);
        return null;
    }

    /// <summary>Publishes a new timestamp for the current snapshot, with a later expiry.</summary>
    /// <param name="signers">The signers of the timestamp.</param>
    /// <param name="lifetime">The time from now until the timestamp expires.</param>
    /// <param name="cancellation">Cancels the operation.</param>
    /// <returns>Why a client would reject the timestamp, in which case nothing was written; or null.</returns>
    /// <exception cref="EstreamException">There is no timestamp, the storage failed, or a document is damaged.</exception>
    public async Task<RoleFault?> RenewTimestampAsync(IReadOnlyList<DocumentSigner> signers, TimeSpan lifetime,
        CancellationToken cancellation = default)
    {
        TimestampDocument last = LatestTimestamp()
            ?? throw new EstreamStorageException($"'{_directory}' has no timestamp to renew. Publish a root first.", _directory,
                StorageFailure.NotFound);
        Dictionary<string, byte[]> documents = new(StringComparer.Ordinal)
        {
            [RoleDocument.FileName(DocumentType.Timestamp.Name, 0)] =
                (last with { Version = last.Version + 1, Expires = JsonTime.Now(_clock) + lifetime }).Sign(signers).ToJson(),
        };
        if (await RefusalAsync(documents, cancellation).ConfigureAwait(false) is { } fault)
        {
            return fault;
        }

        Write(documents);
        return null;
    }

    /// <summary>Stores a file, named by its hash, for targets to refer to.</summary>
    /// <param name="content">The bytes of the file.</param>
    /// <returns>The reference to put into targets.</returns>
    /// <exception cref="EstreamStorageException">The storage failed.</exception>
    public DocumentReference AddFile(ReadOnlySpan<byte> content)
    {
        DocumentReference reference = DocumentReference.Of(1, content);
        Place($"files/{reference.Sha256}", content.ToArray());
        return reference;
    }

    private static TDocument Payload<TDocument>(bool isRead, TDocument? document, string? reason)
        where TDocument : RoleDocument =>
        isRead ? document! : throw new ArgumentException(
            $"An envelope does not contain a {typeof(TDocument).Name}: {reason}. Sign the payload of such a document.");

    private void AddSnapshotAndTimestamp(RolePublication publication, SortedDictionary<string, DocumentReference> targets,
        Dictionary<string, byte[]> documents)
    {
        SnapshotDocument? last = Latest();
        DateTimeOffset now = JsonTime.Now(_clock);
        string none = Convert.ToHexStringLower(System.Security.Cryptography.SHA256.HashData([]));
        SnapshotDocument snapshot = new()
        {
            Version = (last?.Version ?? 0) + 1,
            Expires = now + publication.SnapshotLifetime,
            Targets = targets,
            LogSize = publication.LogSize ?? last?.LogSize ?? 0,
            LogRoot = publication.LogRoot ?? last?.LogRoot ?? none,
            NamespaceRoot = publication.NamespaceRoot ?? last?.NamespaceRoot ?? none,
            Catalog = publication.Catalog ?? last?.Catalog,
        };
        byte[] signed = snapshot.Sign(publication.SnapshotSigners).ToJson();
        TimestampDocument timestamp = new()
        {
            Version = (LatestTimestamp()?.Version ?? 0) + 1,
            Expires = now + publication.TimestampLifetime,
            Snapshot = DocumentReference.Of(snapshot.Version, signed),
        };
        documents.Add(RoleDocument.FileName(DocumentType.Snapshot.Name, snapshot.Version), signed);
        documents.Add(RoleDocument.FileName(DocumentType.Timestamp.Name, 0), timestamp.Sign(publication.TimestampSigners).ToJson());
    }

    /// <summary>Verifies the documents with a client that starts from the first root and has accepted everything published so
    /// far.</summary>
    private async Task<RoleFault?> RefusalAsync(Dictionary<string, byte[]> documents, CancellationToken cancellation)
    {
        OverlayRoleSource source = new(Source, documents);
        string first = RoleDocument.FileName(DocumentType.Root.Name, 1);
        byte[]? root = documents.GetValueOrDefault(first) ?? ReadFile(first);
        if (root is null)
        {
            return new RoleFault(RoleFaultKind.Missing, first, "a registry must start with a root of version 1");
        }

        if (RoleChecks.SelfSigned(root, first, out _) is { } fault)
        {
            return fault;
        }

        foreach ((string file, byte[] bytes) in documents.Where(document => document.Key.EndsWith(".root.json", StringComparison.Ordinal)))
        {
            if (ReadFile(file) is { } there && !there.AsSpan().SequenceEqual(bytes))
            {
                return new RoleFault(RoleFaultKind.Equivocation, file, "another root of this version already exists");
            }
        }

        TrustClient client = new(new TrustAnchor(root), new MemoryTrustStore(), _clock);
        if (File.Exists(PathOf(RoleDocument.FileName(DocumentType.Timestamp.Name, 0))))
        {
            // The current documents may have expired. Only their versions matter here, for rollback checks.
            _ = await client.RefreshAsync(Source, cancellation).ConfigureAwait(false);
        }

        return (await client.RefreshAsync(source, cancellation).ConfigureAwait(false)).Fault;
    }

    /// <summary>Writes the documents. Roots take effect as soon as they exist, so they are written after the documents that they need, and
    /// the timestamp last.</summary>
    private void Write(Dictionary<string, byte[]> documents)
    {
        string timestamp = RoleDocument.FileName(DocumentType.Timestamp.Name, 0);
        foreach ((string file, byte[] bytes) in documents.OrderBy(document => document.Key == timestamp
            ? 2 : document.Key.EndsWith(".root.json", StringComparison.Ordinal) ? 1 : 0))
        {
            Place(file, bytes);
        }
    }

    private void Place(string file, byte[] bytes) => AtomicFile.Write(_storage, PathOf(file), bytes);

    /// <summary>Returns the snapshot that the timestamp names; null if nothing was published, or the snapshot is missing.</summary>
    internal SnapshotDocument? Latest() => LatestTimestamp() is { } timestamp
        && Read(RoleDocument.FileName(DocumentType.Snapshot.Name, timestamp.Snapshot.Version)) is { } envelope
        && SnapshotDocument.TryRead(envelope.UnverifiedPayload.Span, out SnapshotDocument? snapshot, out _) ? snapshot : null;

    private TimestampDocument? LatestTimestamp() =>
        Read(RoleDocument.FileName(DocumentType.Timestamp.Name, 0)) is { } envelope
            && TimestampDocument.TryRead(envelope.UnverifiedPayload.Span, out TimestampDocument? timestamp, out _) ? timestamp : null;

    private DsseEnvelope? Read(string file)
    {
        if (ReadFile(file) is not { } bytes)
        {
            return null;
        }

        return DsseEnvelope.TryRead(bytes, bytes.Length, out DsseEnvelope? envelope, out string? reason)
            ? envelope
            : throw new EstreamCorruptionException(
                $"The registry document '{PathOf(file)}' is damaged: {reason}. Restore it from a copy.", PathOf(file));
    }

    private byte[]? ReadFile(string file) => AtomicFile.Read(_storage, PathOf(file), RoleLimits.MaxTargetsBytes);

    private string PathOf(string file) => Path.Combine(_directory, file);
}

/// <summary>Unpublished documents layered over the published ones. Thread-safe while no document is added.</summary>
internal sealed class OverlayRoleSource(IFileSource below, IReadOnlyDictionary<string, byte[]> documents) : IFileSource
{
    public ValueTask<byte[]?> ReadAsync(string path, int maxBytes, CancellationToken cancellation) =>
        !documents.TryGetValue(path, out byte[]? bytes) ? below.ReadAsync(path, maxBytes, cancellation)
        : bytes.Length <= maxBytes ? ValueTask.FromResult<byte[]?>(bytes)
        : throw new EstreamContentException($"The document '{path}' has {bytes.Length} bytes; the limit is {maxBytes}. Shorten it.",
            path);
}

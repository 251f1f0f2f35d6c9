using Estream.Marketplace.Trust.Dsse;

namespace Estream.Marketplace.Trust.Roles;

/// <summary>
/// Verifies the documents of a registry in the order of the client workflow of The Update Framework: roots one by one, then the timestamp,
/// then the snapshot, then targets. Each step takes untrusted bytes and returns why they are rejected; a rejection changes nothing.
/// Previously trusted documents are used only to detect rollbacks, and only if keys of the current root have signed them. Not thread-safe.
/// </summary>
internal sealed class TrustedSet
{
    private readonly DateTimeOffset _now;
    private readonly TrustAnchor _anchor;
    private readonly Dictionary<string, SignedRole<TargetsDocument>> _targets = new(StringComparer.Ordinal);
    private SignedRole<RootDocument> _root;
    private SignedRole<TimestampDocument>? _timestamp;
    private SignedRole<SnapshotDocument>? _snapshot;
    private SignedRole<TimestampDocument>? _knownTimestamp;
    private SignedRole<SnapshotDocument>? _knownSnapshot;
    private bool _isTargetsKnown;

    public TrustedSet(TrustAnchor anchor, SignedRole<RootDocument> root, DateTimeOffset now)
    {
        (_anchor, _root, _now) = (anchor, root, now);
    }

    public SignedRole<RootDocument> Root => _root;

    public SignedRole<TimestampDocument> Timestamp => _timestamp!;

    public SignedRole<SnapshotDocument> Snapshot => _snapshot!;

    public IReadOnlyDictionary<string, SignedRole<TargetsDocument>> Targets => _targets;

    /// <summary>The previously trusted snapshot, if it is still valid; otherwise null.</summary>
    public SnapshotDocument? KnownSnapshot => _knownSnapshot?.Document;

    /// <summary>Verifies and takes the next root: its version must be the next number, and the keys of the current root and its own keys
    /// must have signed it.</summary>
    public RoleFault? TakeRoot(byte[] bytes)
    {
        long version = _root.Document.Version + 1;
        string file = RoleDocument.FileName(DocumentType.Root.Name, version);
        RootDocument? root = null;
        RoleFault? fault = RoleChecks.Open(bytes, file, DocumentType.Root, _root.Document.Root, out _)
            ?? RoleChecks.SelfSigned(bytes, file, out root);
        fault ??= RoleChecks.Versioned(root!, file, version);
        if (fault is null && root!.Registry != _root.Document.Registry)
        {
            fault = new RoleFault(RoleFaultKind.Malformed, file,
                $"it belongs to the registry '{root.Registry}', but the previous root belongs to '{_root.Document.Registry}'");
        }

        _root = fault is null ? new SignedRole<RootDocument>(root!, bytes) : _root;
        return fault;
    }

    /// <summary>Completes the chain of roots.</summary>
    /// <param name="known">The previously trusted state.</param>
    public RoleFault? EndRoots(TrustState? known)
    {
        string file = RoleDocument.FileName(DocumentType.Root.Name, _root.Document.Version);
        if (_root.Document.Version < _anchor.LeastRootVersion)
        {
            return new RoleFault(RoleFaultKind.Backstop, file,
                $"it is the newest root of the registry, but this program knows version {_anchor.LeastRootVersion}");
        }

        Remember(known);
        return RoleChecks.Fresh(_root.Document, file, _now);
    }

    /// <summary>Verifies and takes a timestamp. Neither the timestamp nor the snapshot that it names may be older than before.</summary>
    public RoleFault? TakeTimestamp(byte[] bytes)
    {
        string file = RoleDocument.FileName(DocumentType.Timestamp.Name, 0);
        if (RoleChecks.Open(bytes, file, DocumentType.Timestamp, _root.Document.Timestamp,
            out ReadOnlyMemory<byte> payload) is { } unsigned)
        {
            return unsigned;
        }

        if (!TimestampDocument.TryRead(payload.Span, out TimestampDocument? timestamp, out string? reason))
        {
            return new RoleFault(RoleFaultKind.Malformed, file, reason);
        }

        if (timestamp.Version < _anchor.LeastTimestampVersion)
        {
            return new RoleFault(RoleFaultKind.Backstop, file,
                $"it has version {timestamp.Version}, but this program knows version {_anchor.LeastTimestampVersion}");
        }

        RoleFault? fault = RollbackOf(timestamp, file) ?? RoleChecks.Fresh(timestamp, file, _now);
        _timestamp = fault is null ? new SignedRole<TimestampDocument>(timestamp, bytes) : _timestamp;
        return fault;
    }

    /// <summary>Verifies and takes the snapshot that the timestamp names. Compared with the previously trusted snapshot, nothing in the new
    /// snapshot may be older, and nothing may be missing.</summary>
    public RoleFault? TakeSnapshot(byte[] bytes)
    {
        DocumentReference reference = Timestamp.Document.Snapshot;
        string file = RoleDocument.FileName(DocumentType.Snapshot.Name, reference.Version);
        ReadOnlyMemory<byte> payload = default;
        RoleFault? fault = RoleChecks.Referred(bytes, file, reference)
            ?? RoleChecks.Open(bytes, file, DocumentType.Snapshot, _root.Document.Snapshot, out payload);
        if (fault is not null)
        {
            return fault;
        }

        if (!SnapshotDocument.TryRead(payload.Span, out SnapshotDocument? snapshot, out string? reason))
        {
            return new RoleFault(RoleFaultKind.Malformed, file, reason);
        }

        fault = RoleChecks.Versioned(snapshot, file, reference.Version) ?? RollbackOf(snapshot, file)
            ?? RoleChecks.Fresh(snapshot, file, _now);
        _snapshot = fault is null ? new SignedRole<SnapshotDocument>(snapshot, bytes) : _snapshot;
        return fault;
    }

    /// <summary>Verifies and takes targets that the snapshot names, signed by the keys of their role.</summary>
    public RoleFault? TakeTargets(string role, RoleKeys keys, byte[] bytes)
    {
        DocumentReference reference = Snapshot.Document.Targets[role];
        string file = RoleDocument.FileName(role, reference.Version);
        ReadOnlyMemory<byte> payload = default;
        RoleFault? fault = RoleChecks.Referred(bytes, file, reference)
            ?? RoleChecks.Open(bytes, file, DocumentType.Targets, keys, out payload);
        if (fault is not null)
        {
            return fault;
        }

        if (!TargetsDocument.TryRead(payload.Span, out TargetsDocument? targets, out string? reason))
        {
            return new RoleFault(RoleFaultKind.Malformed, file, reason);
        }

        fault = targets.Role == role
            ? null
            : new RoleFault(RoleFaultKind.Malformed, file, $"it has the role '{targets.Role}'; '{role}' is expected");
        fault ??= RoleChecks.Versioned(targets, file, reference.Version) ?? RoleChecks.Fresh(targets, file, _now);
        if (fault is null)
        {
            _targets[role] = new SignedRole<TargetsDocument>(targets, bytes);
        }

        return fault;
    }

    /// <summary>Remembers the previously trusted documents that the keys of the current root have signed, for comparison. Rotating the keys
    /// is how a registry recovers from documents that an attacker made with the old keys.</summary>
    private void Remember(TrustState? known)
    {
        if (known is null)
        {
            return;
        }

        if (known.Timestamp is { } oldTimestamp
            && RoleChecks.Open(oldTimestamp, "timestamp", DocumentType.Timestamp, _root.Document.Timestamp,
                out ReadOnlyMemory<byte> payload) is null
            && TimestampDocument.TryRead(payload.Span, out TimestampDocument? timestamp, out _))
        {
            _knownTimestamp = new SignedRole<TimestampDocument>(timestamp, oldTimestamp);
        }

        if (known.Snapshot is { } oldSnapshot
            && RoleChecks.Open(oldSnapshot, "snapshot", DocumentType.Snapshot, _root.Document.Snapshot, out payload) is null
            && SnapshotDocument.TryRead(payload.Span, out SnapshotDocument? snapshot, out _))
        {
            _knownSnapshot = new SignedRole<SnapshotDocument>(snapshot, oldSnapshot);
        }

        // If the keys of either document were rotated, forget both documents. A timestamp names a version of the snapshot, so comparing
        // with one kept document would block a registry that recovers from a forged version of the other document.
        bool isRotated = (known.Timestamp is not null && _knownTimestamp is null) || (known.Snapshot is not null && _knownSnapshot is null);
        (_knownTimestamp, _knownSnapshot) = isRotated ? (null, null) : (_knownTimestamp, _knownSnapshot);
        _isTargetsKnown = known.Targets.TryGetValue(TargetsDocument.TopName, out byte[]? targets)
            && RoleChecks.Open(targets, TargetsDocument.TopName, DocumentType.Targets, _root.Document.Targets, out _) is null;
    }

    private RoleFault? RollbackOf(TimestampDocument timestamp, string file)
    {
        if (_knownTimestamp is not { } known)
        {
            return null;
        }

        if (timestamp.Version < known.Document.Version)
        {
            return new RoleFault(RoleFaultKind.Rollback, file,
                $"it has version {timestamp.Version}, but version {known.Document.Version} was seen before");
        }

        if (timestamp.Version == known.Document.Version && !known.SaysTheSameAs(timestamp))
        {
            return new RoleFault(RoleFaultKind.Equivocation, file,
                $"it differs from the timestamp seen before with version {timestamp.Version}");
        }

        DocumentReference before = known.Document.Snapshot, now = timestamp.Snapshot;
        return now.Version < before.Version
            ? new RoleFault(RoleFaultKind.Rollback, file,
                $"it names snapshot {now.Version}, but snapshot {before.Version} was seen before")
            : now.Version == before.Version && now != before
                ? new RoleFault(RoleFaultKind.Equivocation, file, $"it names another snapshot {now.Version} than the one seen before")
            : null;
    }

    private RoleFault? RollbackOf(SnapshotDocument snapshot, string file)
    {
        if (_knownSnapshot is not { Document: { } known } signed)
        {
            return null;
        }

        if (snapshot.Version < known.Version)
        {
            return new RoleFault(RoleFaultKind.Rollback, file,
                $"it has version {snapshot.Version}, but version {known.Version} was seen before");
        }

        if (snapshot.Version == known.Version && !signed.SaysTheSameAs(snapshot))
        {
            return new RoleFault(RoleFaultKind.Equivocation, file,
                $"it differs from the snapshot seen before with version {snapshot.Version}");
        }

        if (snapshot.LogSize < known.LogSize)
        {
            return new RoleFault(RoleFaultKind.Rollback, file, $"its log has {snapshot.LogSize} entries, but had {known.LogSize} before");
        }

        if (snapshot.LogSize == known.LogSize && snapshot.LogRoot != known.LogRoot)
        {
            return new RoleFault(RoleFaultKind.Equivocation, file,
                $"its log of {snapshot.LogSize} entries has another root than the one seen before");
        }

        return known.Targets.Where(pair => pair.Key != TargetsDocument.TopName || _isTargetsKnown)
            .Select(pair => RollbackOf(snapshot, file, pair.Key, pair.Value)).FirstOrDefault(fault => fault is not null);
    }

    private static RoleFault? RollbackOf(SnapshotDocument snapshot, string file, string role, DocumentReference before) =>
        !snapshot.Targets.TryGetValue(role, out DocumentReference? now)
            ? new RoleFault(RoleFaultKind.Rollback, file, $"the role '{role}' is missing, but was there before")
        : now.Version < before.Version
            ? new RoleFault(RoleFaultKind.Rollback, file,
                $"it names version {now.Version} of '{role}', but version {before.Version} was seen before")
        : now.Version == before.Version && now != before
            ? new RoleFault(RoleFaultKind.Equivocation, file,
                $"it names another version {now.Version} of '{role}' than the one seen before")
        : null;
}

using Estream.Esf.Schema;
using Estream.Marketplace.Hashing;
using Estream.Marketplace.Trust.Dsse;
using Estream.Marketplace.Trust.Log;

namespace Estream.Marketplace.Trust.Namespaces;

/// <summary>
/// The state that the entries of a log produce in order: the owners of each namespace, the valid keys, the published versions. The log's
/// writer uses the map to accept entries; an auditor uses the map to find invalid entries. Both compute the same root.
/// </summary>
/// <remarks>Not thread-safe. Keeps one record per namespace and a few bytes per version.</remarks>
public sealed class NamespaceMap
{
    private readonly SortedDictionary<string, Owned> _namespaces = new(StringComparer.Ordinal);
    private readonly Dictionary<string, long> _versions = new(StringComparer.Ordinal);
    private readonly Dictionary<ComponentName, List<SemanticVersion>> _published = [];

    /// <summary>The number of entries applied.</summary>
    public long Size { get; private set; }

    /// <summary>The number of owned namespaces.</summary>
    public int Count => _namespaces.Count;

    /// <summary>The states of all namespaces, ordered by name.</summary>
    public IEnumerable<NamespaceState> States => _namespaces.Values.Select(owned => owned.State);

    /// <summary>Checks whether an entry is valid as the next entry of the log, without applying it.</summary>
    /// <param name="bytes">The untrusted bytes.</param>
    /// <param name="entry">The entry, if the bytes can be read.</param>
    /// <param name="reason">Why the entry is not valid, as text.</param>
    /// <returns><see cref="LogEntryFault.None"/>, or why the entry is not valid.</returns>
    public LogEntryFault Check(ReadOnlySpan<byte> bytes, out LogEntry? entry, out string reason)
    {
        if (!LogEntry.TryRead(bytes, out DsseEnvelope? envelope, out entry, out string? malformed))
        {
            reason = malformed;
            return LogEntryFault.Malformed;
        }

        LogEntryFault fault = entry is NamespaceRecord record ? CheckRecord(record, envelope) : CheckOwned(entry, envelope);
        reason = fault == LogEntryFault.None ? "" : Describe(fault, entry);
        return fault;
    }

    /// <summary>Applies an entry as the next entry of the log. An invalid entry changes no state but still occupies its index.</summary>
    /// <param name="bytes">The untrusted bytes.</param>
    /// <param name="reason">Why the entry is not valid, as text.</param>
    /// <returns><see cref="LogEntryFault.None"/>, or why the entry is not valid.</returns>
    public LogEntryFault Apply(ReadOnlySpan<byte> bytes, out string reason)
    {
        LogEntryFault fault = Check(bytes, out LogEntry? entry, out reason);
        if (fault == LogEntryFault.None)
        {
            Take(entry!, bytes);
        }

        Size++;
        return fault;
    }

    /// <summary>Returns the state of a namespace, or <see langword="null"/> if it has no owner.</summary>
    /// <param name="name">The namespace.</param>
    public NamespaceState? Find(NamespaceName name)
    {
        ArgumentNullException.ThrowIfNull(name);
        return _namespaces.TryGetValue(name.Text, out Owned? owned) ? owned.State : null;
    }

    /// <summary>Returns the current record of a namespace, or <see langword="null"/> if it has no owner.</summary>
    /// <param name="name">The namespace.</param>
    public NamespaceRecord? Owners(NamespaceName name)
    {
        ArgumentNullException.ThrowIfNull(name);
        return _namespaces.TryGetValue(name.Text, out Owned? owned) ? owned.Record : null;
    }

    /// <summary>Returns the log index at which a version was published, or -1.</summary>
    /// <param name="component">The component.</param>
    /// <param name="version">The version.</param>
    public long FindVersion(ComponentName component, SemanticVersion version) => _versions.GetValueOrDefault(KeyOf(component, version), -1);

    /// <summary>The components with at least one published version.</summary>
    internal IReadOnlyCollection<ComponentName> Components => _published.Keys;

    /// <summary>Returns the published versions of a component in log order; empty if there are none.</summary>
    /// <param name="component">The component.</param>
    public IReadOnlyList<SemanticVersion> VersionsOf(ComponentName component)
    {
        ArgumentNullException.ThrowIfNull(component);
        return _published.TryGetValue(component, out List<SemanticVersion>? versions) ? versions.AsReadOnly() : [];
    }

    /// <summary>Computes the root over the states of all namespaces, which a snapshot signs. Costs one hash per namespace and one per tree
    /// node.</summary>
    public byte[] ComputeRoot()
    {
        byte[] root = new byte[Rfc9162.HashBytes];
        Rfc9162.HashRoot(TreeHash.Sha256, Leaves(), root);
        return root;
    }

    /// <summary>Returns the state of a namespace with the proof that the map contains it, or <see langword="null"/> if the namespace has no
    /// owner. Costs as much as <see cref="ComputeRoot"/>.</summary>
    /// <param name="name">The namespace.</param>
    public NamespaceProof? Prove(NamespaceName name)
    {
        ArgumentNullException.ThrowIfNull(name);
        int index = _namespaces.Keys.TakeWhile(other => other != name.Text).Count();
        if (index == _namespaces.Count)
        {
            return null;
        }

        byte[] leaves = Leaves();
        List<LeafRange> ranges = LogRanges.OfInclusion(index, _namespaces.Count);
        byte[] path = new byte[ranges.Count * Rfc9162.HashBytes];
        for (int at = 0; at < ranges.Count; at++)
        {
            int start = (int)ranges[at].Start * Rfc9162.HashBytes, end = (int)ranges[at].End * Rfc9162.HashBytes;
            Rfc9162.HashRoot(TreeHash.Sha256, leaves.AsSpan(start..end), path.AsSpan(at * Rfc9162.HashBytes, Rfc9162.HashBytes));
        }

        return new NamespaceProof(_namespaces[name.Text].State, index, _namespaces.Count, path);
    }

    private static string KeyOf(ComponentName component, SemanticVersion version) => $"{component} {version}";

    private static string Describe(LogEntryFault fault, LogEntry entry) => fault switch
    {
        LogEntryFault.NamespaceTaken =>
            $"the namespace '{entry.Namespace}' already has an owner; only its owners can publish its next record",
        LogEntryFault.UnknownNamespace => $"the namespace '{entry.Namespace}' has no owner; register it first",
        LogEntryFault.WrongSerial =>
            $"the serial of the record of '{entry.Namespace}' does not follow the last one; read the newest record and try again",
        LogEntryFault.OwnersMissing =>
            $"fewer owners of '{entry.Namespace}' than the threshold have signed with keys that are valid at this index of the log",
        LogEntryFault.NewOwnersMissing =>
            $"fewer new owners of '{entry.Namespace}' than the new threshold have signed; they must consent",
        LogEntryFault.UnknownKey => $"the namespace '{entry.Namespace}' never had the revoked key",
        LogEntryFault.FutureIndex => "the revocation starts at a log index after the index of the entry that declares it",
        LogEntryFault.DuplicateVersion => "this version is already published and cannot change; publish another version",
        LogEntryFault.UnknownVersion => "this version was never published",
        _ => $"the namespace '{entry.Namespace}' has the maximum number of records or revocations",
    };

    private LogEntryFault CheckRecord(NamespaceRecord record, DsseEnvelope envelope)
    {
        // The new owners must consent: otherwise a record could name the keys of others, or keys that its signers do not hold.
        LogEntryFault agreed = CountSigners(envelope, record.Keys) >= record.Threshold
            ? LogEntryFault.None
            : LogEntryFault.NewOwnersMissing;
        if (!_namespaces.TryGetValue(record.Namespace.Text, out Owned? owned))
        {
            return record.Serial == 1 ? agreed : LogEntryFault.UnknownNamespace;
        }

        return record.Serial == 1 ? LogEntryFault.NamespaceTaken
            : record.Serial != owned.Record.Serial + 1 ? LogEntryFault.WrongSerial
            : owned.State.Records.Count == NamespaceState.MaxRecords ? LogEntryFault.TooMany
            : !IsSignedByOwners(owned, envelope) ? LogEntryFault.OwnersMissing
            : agreed;
    }

    private LogEntryFault CheckOwned(LogEntry entry, DsseEnvelope envelope)
    {
        if (!_namespaces.TryGetValue(entry.Namespace.Text, out Owned? owned))
        {
            return LogEntryFault.UnknownNamespace;
        }

        if (!IsSignedByOwners(owned, envelope))
        {
            return LogEntryFault.OwnersMissing;
        }

        return entry switch
        {
            KeyRevocation revocation => CheckRevocation(owned, revocation),
            PublishEntry publish => _versions.ContainsKey(KeyOf(publish.Name, publish.Version))
                ? LogEntryFault.DuplicateVersion
                : LogEntryFault.None,
            VersionMarkEntry mark => FindVersion(mark.Name, mark.Version) < 0 ? LogEntryFault.UnknownVersion : LogEntryFault.None,
            _ => LogEntryFault.Malformed,
        };
    }

    private LogEntryFault CheckRevocation(Owned owned, KeyRevocation revocation) =>
        !owned.KeyIds.Contains(revocation.KeyId) ? LogEntryFault.UnknownKey
        : revocation.FromIndex > Size ? LogEntryFault.FutureIndex
        : owned.State.Revocations.Count == NamespaceState.MaxRevocations ? LogEntryFault.TooMany
        : LogEntryFault.None;

    private bool IsSignedByOwners(Owned owned, DsseEnvelope envelope) =>
        CountSigners(envelope, owned.Record.Keys.Where(key => owned.State.Counts(key.Id, Size))) >= owned.Record.Threshold;

    private static int CountSigners(DsseEnvelope envelope, IEnumerable<DocumentKey> keys) =>
        envelope.SignersAmong(LogEntry.DocumentType, keys).Count;

    private void Take(LogEntry entry, ReadOnlySpan<byte> bytes)
    {
        switch (entry)
        {
            case NamespaceRecord record:
                byte[] leaf = new byte[Rfc9162.HashBytes];
                Rfc9162.HashLeaf(TreeHash.Sha256, bytes, leaf);
                _namespaces[record.Namespace.Text] = Owned.With(_namespaces.GetValueOrDefault(record.Namespace.Text), record,
                    new RecordLocation(Size, Convert.ToHexStringLower(leaf)));
                break;
            case KeyRevocation revocation:
                Owned owned = _namespaces[revocation.Namespace.Text];
                NamespaceState state = owned.State;
                _namespaces[revocation.Namespace.Text] = owned with
                {
                    State = new NamespaceState(state.Name, state.Records,
                        [.. state.Revocations, new RevokedKey(revocation.KeyId, revocation.FromIndex, Size)]),
                };
                break;
            case PublishEntry publish:
                _versions.Add(KeyOf(publish.Name, publish.Version), Size);
                if (!_published.TryGetValue(publish.Name, out List<SemanticVersion>? versions))
                {
                    _published.Add(publish.Name, versions = []);
                }

                versions.Add(publish.Version);
                break;
            default:
                // A yanked or deprecated version stays published. Callers that list versions read yanks and deprecations from the log or
                // the registry.
                break;
        }
    }

    private byte[] Leaves()
    {
        byte[] leaves = new byte[_namespaces.Count * Rfc9162.HashBytes];
        int at = 0;
        foreach (Owned owned in _namespaces.Values)
        {
            Rfc9162.HashLeaf(TreeHash.Sha256, owned.State.Encode(), leaves.AsSpan(at, Rfc9162.HashBytes));
            at += Rfc9162.HashBytes;
        }

        return leaves;
    }

    /// <summary>An owned namespace: its newest record, its state, and the ids of all keys it has ever had.</summary>
    private sealed record Owned(NamespaceRecord Record, NamespaceState State, HashSet<string> KeyIds)
    {
        public static Owned With(Owned? before, NamespaceRecord record, RecordLocation place) => new(
            record,
            new NamespaceState(record.Namespace, [.. before?.State.Records ?? [], place], before?.State.Revocations ?? []),
            [.. before?.KeyIds ?? [], .. record.Keys.Select(key => key.Id)]);
    }
}

using System.Diagnostics.CodeAnalysis;
using Estream.Core;
using Estream.Marketplace.Files;
using Estream.Marketplace.Json;
using Estream.Marketplace.Trust.Dsse;

namespace Estream.Marketplace.Trust.Roles;

/// <summary>
/// Verifies the documents of a registry with the client workflow of The Update Framework (TUF): from a trusted root, through a chain of
/// signed roots, to the current timestamp, snapshot and policy. Stores what it has verified, so older documents are rejected later
/// (docs/formats/roles.md). Thread-safe, and safe with other processes.
/// </summary>
public sealed class TrustClient
{
    private const int Attempts = 8;

    private readonly TrustAnchor _anchor;
    private readonly ITrustStore _store;
    private readonly IClock _clock;

    /// <summary>Creates a client of one registry.</summary>
    /// <param name="anchor">The initial trust.</param>
    /// <param name="store">The storage of the verified documents.</param>
    /// <param name="clock">The clock; null for the system clock.</param>
    public TrustClient(TrustAnchor anchor, TrustStore store, IClock? clock = null)
        : this(anchor, (ITrustStore)store, clock)
    {
    }

    internal TrustClient(TrustAnchor anchor, ITrustStore store, IClock? clock)
    {
        ArgumentNullException.ThrowIfNull(anchor);
        ArgumentNullException.ThrowIfNull(store);
        (_anchor, _store, _clock) = (anchor, store, clock ?? SystemClock.Instance);
    }

    /// <summary>Fetches and verifies the newest documents of a registry. Stores them only after all checks pass. A newer root is stored as
    /// soon as its chain is verified, even if later checks fail, so revoked keys stay revoked.</summary>
    /// <param name="source">The documents of the registry.</param>
    /// <param name="cancellation">Cancels the operation.</param>
    /// <exception cref="EstreamException">The registry cannot be reached, the storage failed, or the stored state is damaged.</exception>
    /// <returns>The trusted roles, or the first failed check.</returns>
    public Task<TrustOutcome> RefreshAsync(IFileSource source, CancellationToken cancellation = default) =>
        RefreshAsync(source, null, cancellation);

    /// <summary>As the public overload, with one more check before anything is stored.</summary>
    /// <param name="source">The documents of the registry.</param>
    /// <param name="isAgreed">Gets the previously trusted snapshot, if it is still valid, and the roles about to be trusted. Returns why
    /// they are rejected, or null. Null for no check.</param>
    /// <param name="cancellation">Cancels the operation.</param>
    internal async Task<TrustOutcome> RefreshAsync(IFileSource source,
        Func<SnapshotDocument?, TrustedRoles, ValueTask<RoleFault?>>? isAgreed, CancellationToken cancellation)
    {
        ArgumentNullException.ThrowIfNull(source);
        for (int attempt = 0; attempt < Attempts; attempt++)
        {
            byte[]? read = _store.Read();
            TrustState? known = TrustState.Parse(read, _store.Path);
            RoleFault? fault = Begin(known, out TrustedSet? set, out DateTimeOffset now);
            if (fault is not null)
            {
                return new TrustOutcome(fault);
            }

            fault = await TakeRootsAsync(set!, source, cancellation).ConfigureAwait(false);
            fault ??= set!.EndRoots(known);
            fault ??= await TakeRolesAsync(set!, known, source, cancellation).ConfigureAwait(false);
            fault ??= isAgreed is null ? null : await isAgreed(set!.KnownSnapshot, new TrustedRoles(set, now)).ConfigureAwait(false);
            TrustState? next = fault is null ? StateOf(set!, now) : RootsOnly(known, set!);
            if (next is null || _store.TryReplace(read, next.ToJson()))
            {
                return fault is null ? new TrustOutcome(new TrustedRoles(set!, now)) : new TrustOutcome(fault);
            }
        }

        throw new EstreamLeaseException(
            $"Other processes changed the trust state of the registry '{_anchor.Root.Registry}' {Attempts} times meanwhile. Try again.",
            path: null);
    }

    /// <summary>Returns the last stored documents of the registry after verifying them again, without any network access.</summary>
    /// <exception cref="EstreamException">The storage failed, or the stored state is damaged.</exception>
    public TrustOutcome Load()
    {
        TrustState? known = TrustState.Parse(_store.Read(), _store.Path);
        RoleFault? fault = Begin(known, out TrustedSet? set, out DateTimeOffset now) ?? set!.EndRoots(known) ?? Replay(set!, known);
        return fault is null ? new TrustOutcome(new TrustedRoles(set!, now)) : new TrustOutcome(fault);
    }

    /// <summary>Downloads a file that the policy names.</summary>
    /// <param name="source">The files of the registry.</param>
    /// <param name="roles">The trusted roles of the registry.</param>
    /// <param name="path">The path of the file in <see cref="TargetsDocument.Files"/>.</param>
    /// <param name="destination">Receives the bytes, only after their digest is verified.</param>
    /// <param name="cancellation">Cancels the operation.</param>
    /// <returns>Why the file is rejected, or null.</returns>
    /// <exception cref="EstreamException">The registry cannot be reached.</exception>
    public static async Task<RoleFault?> DownloadAsync(IFileSource source, TrustedRoles roles, string path, Stream destination,
        CancellationToken cancellation = default)
    {
        ArgumentNullException.ThrowIfNull(source);
        ArgumentNullException.ThrowIfNull(roles);
        ArgumentNullException.ThrowIfNull(destination);
        if (!roles.Targets.Files.TryGetValue(path, out DocumentReference? reference))
        {
            return new RoleFault(RoleFaultKind.Missing, path, "the registry does not list this file");
        }

        (byte[] bytes, RoleFault? fault) = await RoleFetch.GetAsync(source, $"files/{reference.Sha256}", reference.Length, cancellation)
            .ConfigureAwait(false);
        fault ??= RoleChecks.Referred(bytes, path, reference);
        if (fault is null)
        {
            await destination.WriteAsync(bytes, cancellation).ConfigureAwait(false);
        }

        return fault;
    }

    private RoleFault? Begin(TrustState? known, out TrustedSet? set, out DateTimeOffset now)
    {
        DateTimeOffset clock = JsonTime.Now(_clock);
        now = new[] { clock, _anchor.NotBefore, known?.LatestTime ?? default }.Max();
        SignedRole<RootDocument> root = new(_anchor.Root, _anchor.RootEnvelope.ToArray());
        set = null;
        if (known is not null)
        {
            if (RoleChecks.SelfSigned(known.Root, TrustStore.FileName, out RootDocument? kept) is { } fault)
            {
                return fault;
            }

            if (kept!.Registry != _anchor.Root.Registry)
            {
                return new RoleFault(RoleFaultKind.Malformed, TrustStore.FileName,
                    $"it belongs to the registry '{kept.Registry}'; '{_anchor.Root.Registry}' is expected");
            }

            if (kept.Version == root.Document.Version && !root.SaysTheSameAs(kept))
            {
                return new RoleFault(RoleFaultKind.Equivocation, TrustStore.FileName,
                    $"its root {kept.Version} differs from the one that this program knows");
            }

            root = kept.Version > root.Document.Version ? new SignedRole<RootDocument>(kept, known.Root) : root;
        }

        set = new TrustedSet(_anchor, root, now);
        return null;
    }

    /// <summary>Follows the roots from the current one to the newest. Each root is signed by the keys of the previous one.</summary>
    internal static async Task<RoleFault?> TakeRootsAsync(TrustedSet set, IFileSource source, CancellationToken cancellation)
    {
        for (int rotation = 0; rotation < RoleLimits.MaxRotations; rotation++)
        {
            string file = RoleDocument.FileName(DocumentType.Root.Name, set.Root.Document.Version + 1);
            (byte[] bytes, RoleFault? fault) = await RoleFetch.GetAsync(source, file, RoleLimits.MaxRootBytes, cancellation)
                .ConfigureAwait(false);
            if (fault is { Kind: RoleFaultKind.Missing })
            {
                return null;
            }

            fault ??= set.TakeRoot(bytes);
            if (fault is not null)
            {
                return fault;
            }
        }

        return new RoleFault(RoleFaultKind.TooMany, RoleDocument.FileName(DocumentType.Root.Name, set.Root.Document.Version),
            $"it is followed by more than {RoleLimits.MaxRotations} roots");
    }

    private static async Task<RoleFault?> TakeRolesAsync(TrustedSet set, TrustState? known, IFileSource source,
        CancellationToken cancellation)
    {
        string file = RoleDocument.FileName(DocumentType.Timestamp.Name, 0);
        (byte[] bytes, RoleFault? fault) = await RoleFetch.GetAsync(source, file, RoleLimits.MaxTimestampBytes, cancellation)
            .ConfigureAwait(false);
        fault ??= set.TakeTimestamp(bytes);
        if (fault is not null)
        {
            return fault;
        }

        DocumentReference snapshot = set.Timestamp.Document.Snapshot;
        file = RoleDocument.FileName(DocumentType.Snapshot.Name, snapshot.Version);
        (bytes, fault) = await KnownOrGetAsync(source, file, snapshot, known?.Snapshot, cancellation).ConfigureAwait(false);
        fault ??= set.TakeSnapshot(bytes);
        TargetsTraversal walk = new(set);
        while (fault is null && walk.Next() is { } next)
        {
            if (!set.Snapshot.Document.Targets.TryGetValue(next.Role, out DocumentReference? reference))
            {
                return new RoleFault(RoleFaultKind.Missing, next.Role, "a delegation names it, but the snapshot does not");
            }

            byte[]? kept = set.Targets.GetValueOrDefault(next.Role)?.Envelope ?? known?.Targets.GetValueOrDefault(next.Role);
            (bytes, fault) = await KnownOrGetAsync(source, RoleDocument.FileName(next.Role, reference.Version), reference, kept,
                cancellation).ConfigureAwait(false);
            fault ??= set.TakeTargets(next.Role, next.Keys, bytes);
        }

        return fault ?? walk.Fault;
    }

    /// <summary>Returns the stored document if it matches the reference; otherwise fetches the document. The caller checks a stored
    /// document and a fetched document in the same way.</summary>
    private static async ValueTask<(byte[] Bytes, RoleFault? Fault)> KnownOrGetAsync(IFileSource source, string file,
        DocumentReference reference, byte[]? known, CancellationToken cancellation) =>
        known is not null && reference.Has(known) ? (known, null) : await RoleFetch.GetAsync(source, file, reference.Length, cancellation)
            .ConfigureAwait(false);

    private static RoleFault? Replay(TrustedSet set, TrustState? known)
    {
        if (known is not { Timestamp: { } timestamp, Snapshot: { } snapshot })
        {
            return new RoleFault(RoleFaultKind.Missing, TrustStore.FileName, "no documents of the registry are stored yet");
        }

        RoleFault? fault = set.TakeTimestamp(timestamp) ?? set.TakeSnapshot(snapshot);
        TargetsTraversal walk = new(set);
        while (fault is null && walk.Next() is { } next)
        {
            fault = known.Targets.TryGetValue(next.Role, out byte[]? targets) && set.Snapshot.Document.Targets.ContainsKey(next.Role)
                ? set.TakeTargets(next.Role, next.Keys, targets)
                : RoleFetch.Missing(next.Role);
        }

        return fault ?? walk.Fault;
    }

    private static TrustState StateOf(TrustedSet set, DateTimeOffset now) => new()
    {
        Root = set.Root.Envelope,
        Timestamp = set.Timestamp.Envelope,
        Snapshot = set.Snapshot.Envelope,
        Targets = set.Targets.ToDictionary(pair => pair.Key, pair => pair.Value.Envelope, StringComparer.Ordinal),
        LatestTime = now,
    };

    private TrustState? RootsOnly(TrustState? known, TrustedSet set)
    {
        byte[] before = known?.Root ?? _anchor.RootEnvelope.ToArray();
        return set.Root.Envelope.AsSpan().SequenceEqual(before)
            ? null
            : (known ?? new TrustState { Root = before }) with { Root = set.Root.Envelope };
    }
}

/// <summary>The result of refreshing a registry: its trusted roles, or the reason for its rejection. Immutable.</summary>
public sealed class TrustOutcome
{
    internal TrustOutcome(TrustedRoles roles) => Roles = roles;

    internal TrustOutcome(RoleFault fault) => Fault = fault;

    /// <summary>Whether the documents passed every check.</summary>
    [MemberNotNullWhen(true, nameof(Roles))]
    [MemberNotNullWhen(false, nameof(Fault))]
    public bool IsTrusted => Roles is not null;

    /// <summary>The trusted roles; null if a check failed.</summary>
    public TrustedRoles? Roles { get; }

    /// <summary>The first failed check; null if all passed.</summary>
    public RoleFault? Fault { get; }
}

/// <summary>Fetches documents of a registry with a size limit.</summary>
internal static class RoleFetch
{
    /// <summary>Returns the bytes of a document, or why they are rejected.</summary>
    public static async ValueTask<(byte[] Bytes, RoleFault? Fault)> GetAsync(IFileSource source, string file, long maxBytes,
        CancellationToken cancellation)
    {
        try
        {
            byte[]? bytes = await source.ReadAsync(file, (int)maxBytes, cancellation).ConfigureAwait(false);
            return (bytes ?? [], bytes is null ? Missing(file) : null);
        }
        catch (EstreamContentException refused) when (!refused.IsUnanswered)
        {
            return ([], new RoleFault(RoleFaultKind.Size, file, refused.Message));
        }
    }

    public static RoleFault Missing(string file) => new(RoleFaultKind.Missing, file, "it is missing");
}

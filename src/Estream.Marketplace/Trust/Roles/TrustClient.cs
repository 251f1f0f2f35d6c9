using System.Diagnostics.CodeAnalysis;
using Estream.Core;
using Estream.Marketplace.Files;
using Estream.Marketplace.Json;
using Estream.Marketplace.Trust.Dsse;

namespace Estream.Marketplace.Trust.Roles;

/// <summary>
/// Believes a registry, by the client workflow of The Update Framework: from a root it was given, through roots that are signed one by the
/// other, to the timestamp, the snapshot and the policy of now. What it has believed it keeps, so nothing older is taken later
/// (docs/formats/roles.md). Thread-safe, and safe with other processes.
/// </summary>
public sealed class TrustClient
{
    private const int Attempts = 8;

    private readonly TrustAnchor _anchor;
    private readonly ITrustStore _store;
    private readonly IClock _clock;

    /// <summary>A client of one registry.</summary>
    /// <param name="anchor">Where trust begins.</param>
    /// <param name="store">Where it is kept.</param>
    /// <param name="clock">The time; the system's where it is null.</param>
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

    /// <summary>Asks a registry what is the newest. What it says is kept when all of it was checked; a newer root also by itself, as soon
    /// as the chain to it was, so that keys that were taken back stay so.</summary>
    /// <param name="source">Where its documents are got from.</param>
    /// <param name="cancellation">Ends the wait.</param>
    /// <exception cref="EstreamException">The registry cannot be reached, the storage refused, or what was kept is damaged.</exception>
    public Task<TrustOutcome> RefreshAsync(IFileSource source, CancellationToken cancellation = default) =>
        RefreshAsync(source, null, cancellation);

    /// <summary>As the public one, with one more check before anything is kept.</summary>
    /// <param name="source">Where its documents are got from.</param>
    /// <param name="isAgreed">Is given the snapshot that was believed before, where there is one that still counts, and what is to be
    /// believed now; answers why it is not. Null for none.</param>
    /// <param name="cancellation">Ends the wait.</param>
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
            $"Other processes have changed what is known of the registry '{_anchor.Root.Registry}' {Attempts} times meanwhile. Try again.",
            path: null);
    }

    /// <summary>What the registry said last, all checks made again with what is kept alone: nothing is asked for anywhere.</summary>
    /// <exception cref="EstreamException">The storage refused, or what was kept is damaged.</exception>
    public TrustOutcome Load()
    {
        TrustState? known = TrustState.Parse(_store.Read(), _store.Path);
        RoleFault? fault = Begin(known, out TrustedSet? set, out DateTimeOffset now) ?? set!.EndRoots(known) ?? Replay(set!, known);
        return fault is null ? new TrustOutcome(new TrustedRoles(set!, now)) : new TrustOutcome(fault);
    }

    /// <summary>Gets a file that the policy names.</summary>
    /// <param name="source">Where it is got from.</param>
    /// <param name="roles">What the registry says.</param>
    /// <param name="path">The file's path in <see cref="TargetsDocument.Files"/>.</param>
    /// <param name="destination">Takes its bytes, when they are those that were said of it, and nothing before.</param>
    /// <param name="cancellation">Ends the wait.</param>
    /// <returns>Why it is not the file, or null.</returns>
    /// <exception cref="EstreamException">The registry cannot be reached.</exception>
    public static async Task<RoleFault?> DownloadAsync(IFileSource source, TrustedRoles roles, string path, Stream destination,
        CancellationToken cancellation = default)
    {
        ArgumentNullException.ThrowIfNull(source);
        ArgumentNullException.ThrowIfNull(roles);
        ArgumentNullException.ThrowIfNull(destination);
        if (!roles.Targets.Files.TryGetValue(path, out DocumentReference? reference))
        {
            return new RoleFault(RoleFaultKind.Missing, path, "the registry names no such file");
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
                    $"it is of the registry '{kept.Registry}', and '{_anchor.Root.Registry}' is asked");
            }

            if (kept.Version == root.Document.Version && !root.SaysTheSameAs(kept))
            {
                return new RoleFault(RoleFaultKind.Equivocation, TrustStore.FileName,
                    $"its root {kept.Version} is another one than this program knows");
            }

            root = kept.Version > root.Document.Version ? new SignedRole<RootDocument>(kept, known.Root) : root;
        }

        set = new TrustedSet(_anchor, root, now);
        return null;
    }

    /// <summary>Follows the roots from the one a set has to the newest, each signed by the one before.</summary>
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
            $"more than {RoleLimits.MaxRotations} roots follow each other");
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
                return new RoleFault(RoleFaultKind.Missing, next.Role, "it is delegated to, and the snapshot does not name it");
            }

            byte[]? kept = set.Targets.GetValueOrDefault(next.Role)?.Envelope ?? known?.Targets.GetValueOrDefault(next.Role);
            (bytes, fault) = await KnownOrGetAsync(source, RoleDocument.FileName(next.Role, reference.Version), reference, kept,
                cancellation).ConfigureAwait(false);
            fault ??= set.TakeTargets(next.Role, next.Keys, bytes);
        }

        return fault ?? walk.Fault;
    }

    /// <summary>A document that is kept already need not be got again; it is checked as if it had been.</summary>
    private static async ValueTask<(byte[] Bytes, RoleFault? Fault)> KnownOrGetAsync(IFileSource source, string file,
        DocumentReference reference, byte[]? known, CancellationToken cancellation) =>
        known is not null && reference.Has(known) ? (known, null) : await RoleFetch.GetAsync(source, file, reference.Length, cancellation)
            .ConfigureAwait(false);

    private static RoleFault? Replay(TrustedSet set, TrustState? known)
    {
        if (known is not { Timestamp: { } timestamp, Snapshot: { } snapshot })
        {
            return new RoleFault(RoleFaultKind.Missing, TrustStore.FileName, "nothing is known of the registry yet");
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

/// <summary>What came of asking a registry: what it says, or why it is not believed. Immutable.</summary>
public sealed class TrustOutcome
{
    internal TrustOutcome(TrustedRoles roles) => Roles = roles;

    internal TrustOutcome(RoleFault fault) => Fault = fault;

    /// <summary>Whether every check was passed.</summary>
    [MemberNotNullWhen(true, nameof(Roles))]
    [MemberNotNullWhen(false, nameof(Fault))]
    public bool IsTrusted => Roles is not null;

    /// <summary>What the registry says.</summary>
    public TrustedRoles? Roles { get; }

    /// <summary>The first check that was not passed.</summary>
    public RoleFault? Fault { get; }
}

/// <summary>Gets documents of a registry, and no more of them than there may be.</summary>
internal static class RoleFetch
{
    /// <summary>A document's bytes, or why they are not taken.</summary>
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

    public static RoleFault Missing(string file) => new(RoleFaultKind.Missing, file, "it is not there");
}

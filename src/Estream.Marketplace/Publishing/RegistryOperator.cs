using System.Globalization;
using Estream.Circuits.Governance;
using Estream.Core;
using Estream.Marketplace.Files;
using Estream.Marketplace.Governance;
using Estream.Marketplace.Json;
using Estream.Marketplace.Manifests;
using Estream.Marketplace.Names;
using Estream.Marketplace.Packages;
using Estream.Marketplace.Registries;
using Estream.Marketplace.Trust.Bundles;
using Estream.Marketplace.Trust.Dsse;
using Estream.Marketplace.Trust.Log;
using Estream.Marketplace.Trust.Namespaces;
using Estream.Marketplace.Trust.Releases;
using Estream.Marketplace.Trust.Roles;

namespace Estream.Marketplace.Publishing;

/// <summary>
/// Runs a registry from a folder: takes what owners of namespaces have signed, has it looked at and decided about, appends it to the log, renews snapshot and timestamp, and gives releases with their bundles to where they are fetched from.
/// </summary>
/// <remarks>
/// One process at a time for a folder, which the log's lock sees to. <see cref="PublishAsync"/>, <see cref="ApproveAsync"/> and <see cref="DecideAgainAsync"/> may be called by several threads, and take their turns; of all else one call at a time, and none beside them. It has no keys of owners and can publish nothing in their name. An entry is in the log before anything else is written:
/// after <c>kill -9</c> at any moment, handing the same release in again goes on where it ended. It asks no witnesses.
/// </remarks>
public sealed class RegistryOperator : IDisposable
{
    private static readonly TimeSpan s_fresh = TimeSpan.FromDays(1);

    private readonly string _served;
    private readonly IClock _clock;
    private readonly RegistryKeys _keys;
    private readonly ComponentLog _log;
    private readonly RoleDirectory _roles;
    private readonly PublishOptions _options;
    private readonly PublishGate _gate;
    private readonly PublishPace _pace;
    private readonly PendingReleases _pending;
    private readonly ApprovalStore _approvals;
    private readonly SemaphoreSlim _turn = new(1, 1);
    private int _waiting;
    private readonly CatalogFolder _catalog;

    private RegistryOperator(string folder, RootDocument root, RegistryKeys keys, ComponentLog log, IClock clock, PublishOptions options)
    {
        (_served, Root, _keys, _log, _clock, _options, _gate) = (PublicFolder(folder), root, keys, log, clock, options, new PublishGate(options));
        (_pace, _pending, _approvals) = (new PublishPace(Path.Combine(folder, "pace.json"), clock), new PendingReleases(Path.Combine(folder, "pending")), new ApprovalStore(Path.Combine(folder, "approvals")));
        _roles = new RoleDirectory(RolesFolder(_served), clock);
        _catalog = new CatalogFolder(_served);
        Registry = new DirectoryRegistry(_served);
    }

    /// <summary>The first root: whose signatures count, and what the registry is called.</summary>
    public RootDocument Root { get; }

    /// <summary>The envelope of the first root, which whoever trusts the registry begins with.</summary>
    public ReadOnlyMemory<byte> FirstRoot => _roles.FirstRoot();

    /// <summary>The registry's own place: the public part of its folder.</summary>
    public DirectoryRegistry Registry { get; }

    /// <summary>What follows from the log: owners and versions. It changes with each call.</summary>
    public NamespaceMap Namespaces => _log.Map;

    /// <summary>The part of a registry's folder that a web server serves.</summary>
    /// <param name="folder">The folder.</param>
    public static string PublicFolder(string folder) => Path.Combine(folder, "public");

    /// <summary>Opens a registry to run it.</summary>
    /// <param name="folder">Its folder (<see cref="RegistryFounding"/>).</param>
    /// <param name="clock">The time.</param>
    /// <param name="cancellation">Ends the reading of the log.</param>
    /// <param name="options">What looks at releases besides what always does; null where that is nothing.</param>
    /// <exception cref="EstreamException">There is no registry, others may use its keys, another process runs it, or its files are damaged.</exception>
    /// <exception cref="ArgumentException">An option is out of range.</exception>
    public static async Task<RegistryOperator> OpenAsync(string folder, IClock clock, CancellationToken cancellation, PublishOptions? options = null)
    {
        ArgumentException.ThrowIfNullOrEmpty(folder);
        ArgumentNullException.ThrowIfNull(clock);
        options ??= new PublishOptions();
        options.Validate();
        string served = PublicFolder(folder);
        if (!Directory.Exists(RolesFolder(served)))
        {
            throw new EstreamStorageException($"There is no registry in '{folder}'. Check the path, or begin one with 'estream marketplace registry create'.", folder, StorageFailure.NotFound);
        }

        RootDocument root = ReadRoot(served, clock);
        RegistryKeys keys = RegistryKeys.Load(folder, root.Registry, clock);
        try
        {
            return new RegistryOperator(folder, root, keys, await ComponentLog.OpenAsync(keys.LogOptions(served), cancellation).ConfigureAwait(false), clock, options);
        }
        catch
        {
            keys.Dispose();
            throw;
        }
    }

    /// <summary>
    /// Takes a release and gives it to a registry, where the governance circuit approves of it; where it waits, it is kept, and nothing of it is in the log or served. What is published already, with the same content and the same words, is given again and changes nothing in the log.
    /// </summary>
    /// <param name="release">What its author has signed, verified here.</param>
    /// <param name="registry">Where it is put besides, with what says so; null for nowhere.</param>
    /// <param name="cancellation">Ends it; handed in again it goes on.</param>
    /// <exception cref="EstreamRegistryException">The version is there with another content, who has signed may not publish it, or it is refused: says why.</exception>
    public Task<PublishedRelease> PublishAsync(SignedRelease release, IComponentRegistry? registry, CancellationToken cancellation)
    {
        ArgumentNullException.ThrowIfNull(release);
        return InTurnAsync(busy => TakeAsync(release, registry, busy, cancellation), cancellation);
    }

    /// <summary>Takes an approval, and publishes the release it is about where that is enough.</summary>
    /// <param name="approval">The envelope of a <see cref="ReleaseApproval"/>, from anywhere: it counts by whose signatures it has.</param>
    /// <param name="registry">Where the release is put; the registry's own place where null.</param>
    /// <param name="cancellation">Ends it.</param>
    /// <returns>What came of the release.</returns>
    /// <exception cref="EstreamRegistryException">The release does not wait here, or nobody has signed who may approve of it.</exception>
    public Task<PublishedRelease> ApproveAsync(ReadOnlyMemory<byte> approval, IComponentRegistry? registry, CancellationToken cancellation) => InTurnAsync(
        async busy =>
        {
            if (!DsseEnvelope.TryRead(approval.Span, ReleaseApproval.MaxBytes, out DsseEnvelope? envelope, out string? reason) || !ReleaseApproval.TryRead(envelope.UnverifiedPayload.Span, out ReleaseApproval? said, out reason))
            {
                throw new EstreamRegistryException(RegistryFault.Malformed, $"That is no approval: {reason}. Make one with 'estream marketplace approve'.", _served);
            }

            SignedRelease release = _pending.Find(said.Release) ?? await FindPublishedAsync(said, cancellation).ConfigureAwait(false)
                ?? throw new EstreamRegistryException(RegistryFault.NotFound, $"The release {said.Release} of {said.Name} {said.Version} is not in '{Root.Registry}', and does not wait there. See what does: estream marketplace pending.", _served);
            CategoryPolicy policy = PolicyOf(await ReadRolesAsync(cancellation).ConfigureAwait(false), release);
            if (ReleaseApproval.ApproversOf(said.Release, OwnersOf(release), [approval], policy.Reviewers).Count == 0)
            {
                throw new EstreamRegistryException(RegistryFault.Forbidden, $"Nobody has signed who may approve of {release.Manifest}: the policy of '{Root.Registry}' names {policy.Reviewers.Count} reviewers for a {release.Statement.Package.Category}, and owners of its namespace are none.", _served);
            }

            _approvals.Add(release.Statement, envelope, policy.Reviewers);
            return await TakeAsync(release, registry, busy, cancellation).ConfigureAwait(false);
        },
        cancellation);

    /// <summary>Has everything that waits decided again, by the same rules: for what could not be looked at, and for what has been approved.</summary>
    /// <param name="registry">Where releases are put; the registry's own place where null.</param>
    /// <param name="cancellation">Ends it.</param>
    /// <returns>What came of each. What is refused is let go, and has no place here but its decision.</returns>
    public Task<IReadOnlyList<PublishedRelease>> DecideAgainAsync(IComponentRegistry? registry, CancellationToken cancellation) => InTurnAsync<IReadOnlyList<PublishedRelease>>(
        async _ =>
        {
            List<PublishedRelease> decided = [];
            foreach (string digest in _pending.Digests())
            {
                SignedRelease release = _pending.Find(digest)!;
                try
                {
                    decided.Add(await TakeAsync(release, registry, null, cancellation).ConfigureAwait(false));
                }
                catch (EstreamRegistryException refused) when (refused.Fault is RegistryFault.Forbidden or RegistryFault.AlreadyPublished)
                {
                    _pending.Remove(digest);
                    decided.Add(Unpublished(release, new PublishDecision(PublishVerdict.Rejected, [], 0, 0, [refused.Message])));
                }
            }

            return decided;
        },
        cancellation);

    /// <summary>The releases that wait, as their authors handed them in.</summary>
    /// <exception cref="EstreamCorruptionException">The files of one are damaged.</exception>
    public IReadOnlyList<SignedRelease> Pending() => [.. _pending.Digests().Select(digest => _pending.Find(digest)).OfType<SignedRelease>()];

    /// <summary>Takes an entry that changes no release: a namespace's first owners or next ones, or a key that does not count any more.</summary>
    /// <param name="entry">The envelope, signed by those who have to.</param>
    /// <param name="cancellation">Ends it.</param>
    /// <returns>Where it is in the log.</returns>
    /// <exception cref="EstreamRegistryException">It has no place in the log: says why.</exception>
    public async Task<long> SubmitAsync(ReadOnlyMemory<byte> entry, CancellationToken cancellation)
    {
        // What publishes goes the way on which it is decided about.
        if (LogEntry.TryRead(entry.Span, out _, out LogEntry? said, out _) && said is PublishEntry publication)
        {
            throw new EstreamRegistryException(RegistryFault.Forbidden, $"{publication.Name} {publication.Version} is not published by its entry alone: hand in the release, which is looked at.", _served);
        }

        long index = Submit(entry);
        _ = await RenewRolesAsync(cancellation).ConfigureAwait(false);
        return index;
    }

    /// <summary>Takes a release back, or offers it again, as its owners have signed it, in the registry's own place.</summary>
    /// <param name="entry">The envelope of a <see cref="YankEntry"/> or a <see cref="DeprecationEntry"/>.</param>
    /// <param name="registry">Where it is marked besides; null for nowhere.</param>
    /// <param name="cancellation">Ends it.</param>
    /// <exception cref="EstreamRegistryException">It has no place in the log, or the release is not in the registry.</exception>
    /// <exception cref="ArgumentException">It is another kind of entry.</exception>
    public async Task<PublishResult> MarkAsync(ReadOnlyMemory<byte> entry, IComponentRegistry? registry, CancellationToken cancellation)
    {
        _ = LogEntry.TryRead(entry.Span, out _, out LogEntry? said, out _);
        Func<IComponentRegistry, ValueTask<PublishResult>> mark = said switch
        {
            YankEntry yank => place => place.YankAsync(yank.Name, yank.Version, yank.IsYanked ? yank.Reason : null, cancellation),
            DeprecationEntry deprecation => place => place.DeprecateAsync(deprecation.Name, deprecation.Version, deprecation.IsDeprecated ? deprecation.Message : null, cancellation),
            _ => throw new ArgumentException("The entry takes nothing back and deprecates nothing.", nameof(entry)),
        };
        _ = Submit(entry);
        PublishResult result = await mark(Registry).ConfigureAwait(false);
        _ = await RenewRolesAsync(cancellation).ConfigureAwait(false);
        return registry is null ? result : await GiveAsync(registry, mark, cancellation).ConfigureAwait(false);
    }

    /// <summary>Renews what has an age: snapshot, timestamp, and the bundles in the registry's own place. A release that the policy does not let anybody install any more keeps the bundle it has, which grows too old.</summary>
    /// <param name="cancellation">Ends it.</param>
    /// <returns>What was made anew, and what was not.</returns>
    public async Task<RegistryRenewal> RenewAsync(CancellationToken cancellation)
    {
        SignedNote checkpoint = await RenewRolesAsync(cancellation).ConfigureAwait(false);
        int renewed = 0;
        List<string> refused = [];
        foreach (ComponentName name in await Registry.SearchAsync("", RegistryLimits.MaxComponents, cancellation).ConfigureAwait(false))
        {
            foreach (RegistryRelease release in await Registry.ListAsync(name, cancellation).ConfigureAwait(false))
            {
                ComponentBundle there = ReadBundle(release, await Registry.ReadBundleAsync(release, cancellation).ConfigureAwait(false));
                byte[] package = await Registry.ReadPackageAsync(release, cancellation).ConfigureAwait(false);
                try
                {
                    byte[] bundle = await BuildBundleAsync(checkpoint, name, release.Version, there[BundlePart.Release], package, cancellation).ConfigureAwait(false);
                    WholeFile.Write(FileStorage.Instance, Path.Combine(_served, RegistryPaths.Bundle(name, release.Version)), bundle);
                    renewed++;
                }
                catch (EstreamRegistryException unwanted) when (unwanted.Fault == RegistryFault.Forbidden)
                {
                    refused.Add(unwanted.Message);
                }
            }
        }

        return new RegistryRenewal(renewed, refused);
    }

    /// <summary>The policy as it counts: signed by the keys of targets, and checked as a client checks it.</summary>
    /// <param name="cancellation">Ends the wait.</param>
    /// <exception cref="EstreamRegistryException">It is not to be believed, as where it has expired.</exception>
    public async Task<TargetsDocument> ReadPolicyAsync(CancellationToken cancellation) => (await ReadRolesAsync(cancellation).ConfigureAwait(false)).Targets;

    /// <summary>Says anew what is asked of the releases of each category, for 90 days.</summary>
    /// <param name="change">The policies of the categories, made of what was said before.</param>
    /// <param name="keepers">Keys of the role targets: who runs the registry need not have them.</param>
    /// <param name="cancellation">Ends it.</param>
    /// <returns>The new policy.</returns>
    /// <exception cref="EstreamRegistryException">No client would believe it: too few of the keys have signed, or it asks for more reviewers than it names.</exception>
    public async Task<TargetsDocument> ChangePolicyAsync(Func<TargetsDocument, IReadOnlyDictionary<string, CategoryPolicy>> change, IReadOnlyCollection<DocumentSigner> keepers, CancellationToken cancellation)
    {
        ArgumentNullException.ThrowIfNull(change);
        ArgumentNullException.ThrowIfNull(keepers);
        TargetsDocument before = await ReadPolicyAsync(cancellation).ConfigureAwait(false);
        TargetsDocument next = before with { Version = before.Version + 1, Expires = JsonTime.Now(_clock) + RegistryFounding.TargetsLifetime, Categories = change(before) };
        if (!TargetsDocument.TryRead(next.ToPayload(), out _, out string? reason))
        {
            throw new EstreamRegistryException(RegistryFault.Forbidden, $"That is no policy: {reason}. Name as many reviewers as have to approve, each with a key of their own.", _served);
        }

        SignedNote checkpoint = _log.Sign();
        _log.Publish();
        RoleFault? fault = await _roles.PublishAsync(_keys.Publication(checkpoint, _log.Map) with { Targets = [next.Sign(keepers)] }, cancellation).ConfigureAwait(false);
        return fault is null ? next : throw new EstreamRegistryException(RegistryFault.Forbidden, $"No client would believe this policy of '{Root.Registry}': {fault}. Sign it with the keys of targets.", _served);
    }

    /// <summary>The digest of the release that was published last, which the next one names; null where there is none.</summary>
    /// <param name="name">The component.</param>
    /// <param name="next">The version that comes next: what was published behind it does not count.</param>
    /// <param name="registry">Where the releases are; the registry's own place where null.</param>
    /// <param name="cancellation">Ends the wait.</param>
    public async Task<string?> LastReleaseAsync(ComponentName name, SemanticVersion next, IComponentRegistry? registry, CancellationToken cancellation)
    {
        IComponentRegistry place = registry ?? Registry;
        long end = _log.Map.FindVersion(name, next);
        RegistryRelease? last = (await place.ListAsync(name, cancellation).ConfigureAwait(false))
            .Where(release => release.Version != next && (end < 0 || _log.Map.FindVersion(name, release.Version) < end))
            .MaxBy(release => _log.Map.FindVersion(name, release.Version));
        if (last is null)
        {
            return null;
        }

        ComponentBundle bundle = ReadBundle(last, await place.ReadBundleAsync(last, cancellation).ConfigureAwait(false));
        return DsseEnvelope.TryRead(bundle[BundlePart.Release].Span, ReleaseStatement.MaxFileBytes, out DsseEnvelope? envelope, out _)
            && ReleaseStatement.TryRead(envelope.UnverifiedPayload.Span, out ReleaseStatement? statement, out _) ? statement.Digest()
            : throw Damaged(last, "its release statement is none");
    }

    /// <summary>Lets another process run it, and overwrites its keys in memory. Idempotent.</summary>
    public void Dispose()
    {
        _log.Dispose();
        _keys.Dispose();
        _turn.Dispose();
    }

    internal static string RolesFolder(string served) => Path.Combine(served, RegistryPaths.RolesFolder);

    internal static string LogFolder(string served) => Path.Combine(served, RegistryPaths.LogFolder);

    // What is only proposed there is not said to be there.
    private async ValueTask<PublishResult> GiveAsync(IComponentRegistry place, Func<IComponentRegistry, ValueTask<PublishResult>> give, CancellationToken cancellation)
    {
        PublishResult result = await give(place).ConfigureAwait(false);
        if (result.Outcome != PublishOutcome.Proposed)
        {
            await place.WriteFilesAsync(await RegistryFileSet.ReadAsync(Registry, cancellation).ConfigureAwait(false), cancellation).ConfigureAwait(false);
        }

        return result;
    }

    private static PublishedRelease Unpublished(SignedRelease release, PublishDecision decision) =>
        new(release.Manifest.Name, release.Manifest.Version, -1, release.Statement.Digest(), new PublishResult(PublishOutcome.Pending), decision);

    // One after the other: what is decided about a release is so until it is in the log. Who comes when many wait is told so, and is not looked at.
    private async Task<T> InTurnAsync<T>(Func<string?, Task<T>> act, CancellationToken cancellation)
    {
        string? busy = Interlocked.Increment(ref _waiting) <= _options.MaxWaiting ? null
            : string.Create(CultureInfo.InvariantCulture, $"more than {_options.MaxWaiting} releases are looked at or wait for it: have it decided again later");
        try
        {
            await _turn.WaitAsync(cancellation).ConfigureAwait(false);
            try
            {
                return await act(busy).ConfigureAwait(false);
            }
            finally
            {
                _ = _turn.Release();
            }
        }
        finally
        {
            _ = Interlocked.Decrement(ref _waiting);
        }
    }

    private async Task<PublishedRelease> TakeAsync(SignedRelease release, IComponentRegistry? registry, string? busy, CancellationToken cancellation)
    {
        ComponentName name = release.Manifest.Name;
        SemanticVersion version = release.Manifest.Version;
        string digest = release.Statement.Digest();
        long index = _log.Map.FindVersion(name, version);
        PublishDecision? decision = null;
        if (index < 0)
        {
            RequireOwned(release);
            decision = await DecideAsync(release, busy, cancellation).ConfigureAwait(false);
            if (decision.Verdict == PublishVerdict.Rejected)
            {
                _pending.Remove(digest);
                throw Forbidden(string.Join("; ", decision.Reasons), release);
            }

            if (decision.Verdict != PublishVerdict.Approved)
            {
                _pending.Add(release);
                return Unpublished(release, decision);
            }

            _pace.Add(NamespaceName.Of(name));
            index = Submit(release.Entry);
        }
        else
        {
            await RequireSameAsync(release, index, cancellation).ConfigureAwait(false);
        }

        SignedNote checkpoint = await RenewRolesAsync(cancellation).ConfigureAwait(false);
        byte[] bundle = await BuildBundleAsync(checkpoint, name, version, release.Package.Signature!.Value, release.Bytes, cancellation).ConfigureAwait(false);
        RegistryPublication publication = new(ReleaseFacts.ToRegistry(release.Manifest, release.Package.Identity, release.Bytes.Span, _clock), release.Bytes, bundle);
        PublishResult result = await Registry.PublishAsync(publication, cancellation).ConfigureAwait(false);

        // Only now it is named: who reads meanwhile is never sent to what is not there yet.
        await RenewRolesAsync(cancellation).ConfigureAwait(false);
        result = registry is null ? result : await GiveAsync(registry, place => place.PublishAsync(publication, cancellation), cancellation).ConfigureAwait(false);
        _pending.Remove(digest);
        return new PublishedRelease(name, version, index, digest, result, decision);
    }

    private async Task<PublishDecision> DecideAsync(SignedRelease release, string? busy, CancellationToken cancellation)
    {
        CategoryPolicy policy = PolicyOf(await ReadRolesAsync(cancellation).ConfigureAwait(false), release);
        IReadOnlyList<SemanticVersion> published = _log.Map.VersionsOf(release.Manifest.Name);
        (ReleaseChanges? changes, string? fault) = await CompareAsync(release, published, cancellation).ConfigureAwait(false);
        int approvals = ReleaseApproval.ApproversOf(release.Statement.Digest(), OwnersOf(release), [_approvals.Find(release.Statement).ToJson()], policy.Reviewers).Count;
        ReleaseCandidate candidate = new(
            release, CountingKeys(NamespaceName.Of(release.Manifest.Name)), policy, approvals, published, changes, fault, _pace.Count(NamespaceName.Of(release.Manifest.Name)), await AlikeAsync(release, published, cancellation).ConfigureAwait(false), busy);
        return await _gate.DecideAsync(candidate, cancellation).ConfigureAwait(false);
    }

    // Later ones are known by the name they have.
    private async Task<IReadOnlyList<NameLikeness>> AlikeAsync(SignedRelease release, IReadOnlyList<SemanticVersion> published, CancellationToken cancellation) =>
        published.Count > 0 ? [] : (await RegistryNames.ReadAsync(_log.Map, Registry, cancellation).ConfigureAwait(false)).LikenessesOf(release.Manifest.Name);

    // One that is published already may need more approvals than it had: the policy is another one now.
    private async Task<SignedRelease?> FindPublishedAsync(ReleaseApproval said, CancellationToken cancellation)
    {
        RegistryRelease? there = !ComponentName.TryParse(said.Name, out ComponentName? name, out _) ? null
            : (await Registry.ListAsync(name, cancellation).ConfigureAwait(false)).FirstOrDefault(one => one.Version.ToString() == said.Version);
        if (there is null)
        {
            return null;
        }

        LoggedEntry logged = await Client().ReadEntryAsync(LastCheckpoint(), _log.Map.FindVersion(there.Name, there.Version), cancellation).ConfigureAwait(false);
        using MemoryStream package = new(await Registry.ReadPackageAsync(there, cancellation).ConfigureAwait(false), writable: false);
        return SignedRelease.TryRead(package, logged.Content, out SignedRelease? release, out _) && release.Statement.Digest() == said.Release ? release : null;
    }

    // What was released before is read where it lies, and is what the log says of it.
    private async Task<(ReleaseChanges? Changes, string? Fault)> CompareAsync(SignedRelease release, IReadOnlyList<SemanticVersion> published, CancellationToken cancellation)
    {
        ComponentName name = release.Manifest.Name;
        if (ReleaseChanges.PatchedBy(release.Manifest.Version, published) is not { } patched)
        {
            return (ReleaseChanges.First, null);
        }

        RegistryRelease? there = (await Registry.ListAsync(name, cancellation).ConfigureAwait(false)).FirstOrDefault(one => one.Version == patched);
        if (there is null)
        {
            return (null, $"{name} {patched}, which it is a patch of, is not in {Registry.Location}: put it there again");
        }

        ComponentBundle bundle = ReadBundle(there, await Registry.ReadBundleAsync(there, cancellation).ConfigureAwait(false));
        LoggedEntry logged = await Client().ReadEntryAsync(LastCheckpoint(), _log.Map.FindVersion(name, patched), cancellation).ConfigureAwait(false);
        return DsseEnvelope.TryRead(bundle[BundlePart.Release].Span, ReleaseStatement.MaxFileBytes, out DsseEnvelope? envelope, out _)
            && ReleaseStatement.TryRead(envelope.UnverifiedPayload.Span, out ReleaseStatement? before, out _)
            && LogEntry.TryRead(logged.Content.Span, out _, out LogEntry? entry, out _) && entry is PublishEntry publication && publication.StatementSha256 == before.Digest()
            ? (ReleaseChanges.Between(before.Package, release.Statement.Package), null)
            : (null, $"what {Registry.Location} has of {name} {patched} is not what the log says of it: restore it from a mirror");
    }

    private IReadOnlyList<DocumentKey> OwnersOf(SignedRelease release) => _log.Map.Owners(NamespaceName.Of(release.Manifest.Name))?.Keys ?? [];

    private CategoryPolicy PolicyOf(TrustedRoles roles, SignedRelease release) => roles.PolicyOf(ComponentCategories.NameOf(release.Manifest.Category))
        ?? throw Forbidden($"the policy of '{Root.Registry}' does not name the category {ComponentCategories.NameOf(release.Manifest.Category)}, and nothing of it is published. Whoever holds the key of targets can say more: estream marketplace registry policy.", release);

    /// <summary>What the registry says, checked as a client checks it: the policy is what its offline keys have signed, and no file beside it.</summary>
    private async Task<TrustedRoles> ReadRolesAsync(CancellationToken cancellation)
    {
        TrustClient client = new(new TrustAnchor(_roles.FirstRoot().Span), new MemoryTrustStore(), _clock);
        TrustOutcome outcome = await client.RefreshAsync(_roles.Source, cancellation).ConfigureAwait(false);
        if (!outcome.IsTrusted)
        {
            // A timestamp counts for a day, and is renewed here.
            _ = await RenewRolesAsync(cancellation).ConfigureAwait(false);
            outcome = await client.RefreshAsync(_roles.Source, cancellation).ConfigureAwait(false);
        }

        return outcome.Roles ?? throw new EstreamRegistryException(RegistryFault.Malformed, $"The policy of '{Root.Registry}' is not to be believed: {outcome.Fault}. Renew what has expired, and try again.", _served);
    }

    private Checkpoint LastCheckpoint() => Checkpoint.TryParse(_log.LastSigned!.Text, out Checkpoint? checkpoint, out _) ? checkpoint : throw new InvalidOperationException("The log's own checkpoint is none.");

    private static RootDocument ReadRoot(string served, IClock clock)
    {
        try
        {
            return new TrustAnchor(new RoleDirectory(RolesFolder(served), clock).FirstRoot().Span).Root;
        }
        catch (ArgumentException damaged)
        {
            throw new EstreamCorruptionException($"The first root in '{RolesFolder(served)}' is damaged: {damaged.Message.Split(" (Parameter", 2)[0]} Restore it from a copy.", RolesFolder(served));
        }
    }

    private static EstreamRegistryException Forbidden(string reason, SignedRelease release) => new(
        RegistryFault.Forbidden, $"{release.Manifest} is not published: {reason}", release.Manifest.Name.ToString());

    private ComponentBundle ReadBundle(RegistryRelease release, byte[] bytes) => ComponentBundle.TryRead(bytes, out ComponentBundle? bundle, out string? reason) ? bundle : throw Damaged(release, reason);

    private EstreamRegistryException Damaged(RegistryRelease release, string reason) => new(
        RegistryFault.Malformed, $"The bundle of {release} in {Registry.Location} is damaged: {reason}. Restore it from a mirror.", RegistryPaths.Bundle(release.Name, release.Version));

    // What its owners have not signed never comes into the log: there it would stay.
    private void RequireOwned(SignedRelease release)
    {
        NamespaceName owned = NamespaceName.Of(release.Manifest.Name);
        if (_log.Map.Owners(owned) is not { } owners)
        {
            throw Forbidden($"nobody owns the namespace '{owned}'. Claim it first: estream marketplace key claim {owned}.", release);
        }

        ReleaseOutcome outcome = ReleaseVerifier.Verify(release.Package.Signature!.Value.Span, ReleaseFacts.Of(release.Manifest, release.Package), CountingKeys(owned), owners.Threshold);
        if (!outcome.IsVerified)
        {
            throw Forbidden($"its signature is not that of who owns '{owned}', or not of these files. {outcome.Fault}. Sign with {string.Create(CultureInfo.InvariantCulture, $"{owners.Threshold}")} of its keys, and pack again what was changed since.", release);
        }

        // What is logged is what is given away: an entry of another release would stay there for good.
        if (!LogEntry.TryRead(release.Entry.Span, out _, out LogEntry? entry, out _) || entry is not PublishEntry publication || publication.Name != release.Manifest.Name || !Same(publication, release))
        {
            throw Forbidden("the entry that was handed in is of another release.", release);
        }
    }

    private DocumentKey[] CountingKeys(NamespaceName owned) => _log.Map.Owners(owned) is { } owners && _log.Map.Find(owned) is { } state ? [.. owners.Keys.Where(key => state.Counts(key.Id, _log.Map.Size))] : [];

    private static bool Same(PublishEntry entry, SignedRelease release) =>
        entry.Version == release.Manifest.Version && entry.Root256 == release.Package.Identity.Root256 && entry.StatementSha256 == release.Statement.Digest();

    private async Task RequireSameAsync(SignedRelease release, long index, CancellationToken cancellation)
    {
        LoggedEntry logged = await Client().ReadEntryAsync(LastCheckpoint(), index, cancellation).ConfigureAwait(false);
        bool isSame = LogEntry.TryRead(logged.Content.Span, out _, out LogEntry? entry, out _) && entry is PublishEntry there && Same(there, release);
        if (!isSame)
        {
            throw new EstreamRegistryException(
                RegistryFault.AlreadyPublished, $"{release.Manifest} is in the log of '{Root.Registry}' already, as entry {index}, with another content or another statement. A version is the same for good: publish another one.", _served);
        }
    }

    private long Submit(ReadOnlyMemory<byte> entry)
    {
        LogEntryFault fault = _log.Submit(entry.Span, out long index, out string reason);
        return fault switch
        {
            LogEntryFault.None => index,
            LogEntryFault.DuplicateVersion => throw new EstreamRegistryException(RegistryFault.AlreadyPublished, $"The registry '{Root.Registry}' does not take it: {reason}.", _served),
            LogEntryFault.UnknownVersion => throw new EstreamRegistryException(RegistryFault.NotFound, $"The registry '{Root.Registry}' does not take it: {reason}.", _served),
            _ => throw new EstreamRegistryException(RegistryFault.Forbidden, $"The registry '{Root.Registry}' does not take it: {reason}.", _served),
        };
    }

    /// <summary>Signs the log as it is, and has snapshot and timestamp say so. A client is asked before anything of it is shown.</summary>
    private async Task<SignedNote> RenewRolesAsync(CancellationToken cancellation)
    {
        SignedNote checkpoint = _log.Sign();
        _log.Publish();
        RoleFault? fault = await _roles.PublishAsync(_keys.Publication(checkpoint, _log.Map) with { Catalog = await _catalog.WriteAsync(_log.Map, cancellation).ConfigureAwait(false) }, cancellation).ConfigureAwait(false);
        return fault is null ? checkpoint
            : throw new EstreamRegistryException(RegistryFault.Malformed, $"No client would believe the registry '{Root.Registry}' as it is: {fault}. Renew what has expired, and try again.", _served);
    }

    private async Task<byte[]> BuildBundleAsync(
        SignedNote checkpoint, ComponentName name, SemanticVersion version, ReadOnlyMemory<byte> statement, ReadOnlyMemory<byte> package, CancellationToken cancellation)
    {
        byte[] timestamp = ReadRole(RoleDocument.FileName(DocumentType.Timestamp.Name, 0));
        long newest = DsseEnvelope.TryRead(timestamp, RoleLimits.MaxTimestampBytes, out DsseEnvelope? envelope, out _) && TimestampDocument.TryRead(envelope.UnverifiedPayload.Span, out TimestampDocument? document, out _)
            ? document.Snapshot.Version : throw new EstreamCorruptionException($"The timestamp in '{_served}' is none. Restore it from a copy.", _served);
        byte[] snapshot = ReadRole(RoleDocument.FileName(DocumentType.Snapshot.Name, newest));
        byte[] targets = SnapshotDocument.TryRead(DsseEnvelope.TryRead(snapshot, snapshot.Length, out DsseEnvelope? signed, out _) ? signed.UnverifiedPayload.Span : [], out SnapshotDocument? names, out _)
            && names.Targets.TryGetValue(TargetsDocument.TopName, out DocumentReference? policy)
            ? ReadRole(RoleDocument.FileName(TargetsDocument.TopName, policy.Version)) : throw new EstreamCorruptionException($"The snapshot in '{_served}' is none. Restore it from a copy.", _served);
        DsseEnvelope? approvals = DsseEnvelope.TryRead(statement.Span, ReleaseStatement.MaxFileBytes, out DsseEnvelope? release, out _) && ReleaseStatement.TryRead(release.UnverifiedPayload.Span, out ReleaseStatement? said, out _)
            ? _approvals.Find(said) : null;
        ComponentBundle bundle = await new BundleBuilder(Client(), _log.Map, checkpoint, snapshot, timestamp, targets).BuildAsync(name, version, statement, approvals, cancellation).ConfigureAwait(false)
            ?? throw new EstreamRegistryException(RegistryFault.NotFound, $"{name} {version} is not in the log of '{Root.Registry}'. Publish it first.", _served);

        // What a client would refuse is not put anywhere.
        using MemoryStream stream = new(package.ToArray(), writable: false);
        BundleVerdict verdict = new BundleVerifier(BundleTrust.Of(Root), _clock, s_fresh).Verify(bundle, stream);
        return verdict.IsAccepted ? bundle.Encode() : throw new EstreamRegistryException(RegistryFault.Forbidden, $"{name} {version} is not given to anybody: a client would refuse it. {verdict.Reason}", _served);
    }

    private byte[] ReadRole(string file) => WholeFile.Read(FileStorage.Instance, Path.Combine(RolesFolder(_served), file), RoleLimits.MaxTargetsBytes)
        ?? throw new EstreamCorruptionException($"The registry in '{_served}' lacks '{file}'. Restore it from a copy.", _served);

    private LogClient Client() => new(new DirectoryFileSource(LogFolder(_served)));
}

/// <summary>What came of renewing a registry. Immutable.</summary>
/// <param name="Bundles">Bundles that were made anew.</param>
/// <param name="Refused">Why others were not: a client would refuse them by the policy as it is now.</param>
public sealed record RegistryRenewal(int Bundles, IReadOnlyList<string> Refused);

/// <summary>A release that was taken, or waits. Immutable.</summary>
/// <param name="Name">The component.</param>
/// <param name="Version">The version.</param>
/// <param name="LogIndex">Where it is in the log; -1 where it is not.</param>
/// <param name="Digest">The digest of its statement.</param>
/// <param name="Result">What the registry says.</param>
/// <param name="Decision">What was decided about it; null where that was done before.</param>
public sealed record PublishedRelease(ComponentName Name, SemanticVersion Version, long LogIndex, string Digest, PublishResult Result, PublishDecision? Decision = null);

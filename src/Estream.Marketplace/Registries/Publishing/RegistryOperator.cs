using System.Globalization;
using Estream.Core;
using Estream.Esf.Schema;
using Estream.Marketplace.Governance;
using Estream.Marketplace.Registries;
using Estream.Marketplace.Trust.Dsse;
using Estream.Marketplace.Trust.Namespaces;
using Estream.Marketplace.Trust.Releases;
using Estream.Marketplace.Trust.Roles;

namespace Estream.Marketplace.Publishing;

/// <summary>
/// Runs a registry from a folder: takes what owners of namespaces have signed, has it looked at and decided about, appends it to the log,
/// renews snapshot and timestamp, and gives releases with their bundles to where they are fetched from.
/// </summary>
/// <remarks>
/// One process at a time for a folder, which the log's lock sees to. Thread-safe but for <see cref="Namespaces"/>, which changes meanwhile,
/// and <see cref="Dispose"/>: calls take their turns. It has no keys of owners and can publish nothing in their name. An entry is in the
/// log before anything else is written: after <c>kill -9</c> at any moment, handing the same release in again goes on where it ended. It
/// asks no witnesses.
/// </remarks>
public sealed class RegistryOperator : IDisposable
{
    private readonly PublishOptions _options;
    private readonly RegistryKeys _keys;
    private readonly ComponentLog _log;
    private readonly LogSubmission _entries;
    private readonly RegistryRoles _roles;
    private readonly PublishedReleases _published;
    private readonly ReleaseBundles _bundles;
    private readonly ReleaseSubmission _intake;
    private readonly PendingReleases _pending;
    private readonly SemaphoreSlim _turn = new(1, 1);
    private int _waiting;

    private RegistryOperator(string folder, RootDocument root, RegistryKeys keys, ComponentLog log, IClock clock, PublishOptions options)
    {
        string served = PublicFolder(folder);
        (_options, _keys, _log, _pending) = (options, keys, log, new PendingReleases(Path.Combine(folder, "pending")));
        ApprovalStore approvals = new(Path.Combine(folder, "approvals"));
        _entries = new LogSubmission(log, root.Registry, served);
        _roles = new RegistryRoles(folder, root, keys, log, clock);
        _published = new PublishedReleases(log, root.Registry, served);
        _bundles = new ReleaseBundles(served, clock, log, _roles, _published, approvals);
        ReleaseDecisions decisions =
            new(log, _roles, _published, new PublishGate(options), new PublishRateLimiter(Path.Combine(folder, "pace.json"), clock),
            approvals);
        _intake = new ReleaseSubmission(served, clock, log, _entries, _roles, _published, _bundles, decisions, _pending);
    }

    /// <summary>The newest root: whose signatures count now, and what the registry is called.</summary>
    public RootDocument Root => _roles.Root;

    /// <summary>The envelope of the first root, which whoever trusts the registry begins with.</summary>
    public ReadOnlyMemory<byte> FirstRoot => _roles.FirstRoot();

    /// <summary>The registry's own place: the public part of its folder.</summary>
    public DirectoryRegistry Registry => _published.Place;

    /// <summary>What follows from the log: owners and versions. It changes with each call.</summary>
    public NamespaceMap Namespaces => _log.Map;

    /// <summary>The part of a registry's folder that a web server serves.</summary>
    /// <param name="folder">The folder.</param>
    public static string PublicFolder(string folder) => Path.Combine(folder, "public");

    /// <summary>Opens a registry to run it.</summary>
    /// <param name="folder">Its folder (<see cref="RegistryInitializer"/>).</param>
    /// <param name="clock">The time.</param>
    /// <param name="cancellation">Ends the reading of the log.</param>
    /// <param name="options">What looks at releases besides what always does; null where that is nothing.</param>
    /// <exception cref="EstreamException">There is no registry, others may use its keys, another process runs it, or its files are
    /// damaged.</exception>
    /// <exception cref="ArgumentException">An option is out of range.</exception>
    public static async Task<RegistryOperator> OpenAsync(string folder, IClock clock, CancellationToken cancellation,
        PublishOptions? options = null)
    {
        ArgumentException.ThrowIfNullOrEmpty(folder);
        ArgumentNullException.ThrowIfNull(clock);
        options ??= new PublishOptions();
        options.Validate();
        string served = PublicFolder(folder);
        if (!Directory.Exists(RolesFolder(served)))
        {
            throw new EstreamStorageException(
                $"There is no registry in '{folder}'. Check the path, or begin one with 'estream marketplace registry create'.", folder,
                StorageFailure.NotFound);
        }

        RootDocument root = await RegistryRoots.ReadNewestAsync(served, clock, cancellation).ConfigureAwait(false);
        RegistryKeys keys = RegistryKeys.Load(folder, root.Registry, clock);
        ComponentLog? log = null;
        try
        {
            log = await ComponentLog.OpenAsync(keys.LogOptions(served), cancellation).ConfigureAwait(false);

            RegistryRoots.RequireWhole(served, log, clock);

            // The log is locked now: who has exchanged keys meanwhile has ended.
            root = await RegistryRoots.ReadNewestAsync(served, clock, cancellation).ConfigureAwait(false);
            OperatorKeys.Settle(folder, root);
            keys.Reload(folder);
            return new RegistryOperator(folder, root, keys, log, clock, options);
        }
        catch
        {
            log?.Dispose();
            keys.Dispose();
            throw;
        }
    }

    /// <summary>
    /// Takes a release and gives it to a registry, where the governance circuit approves of it; where it waits, it is kept, and nothing of
    /// it is in the log or served. What is published already, with the same content and the same words, is given again and changes nothing
    /// in the log.
    /// </summary>
    /// <param name="release">What its author has signed, verified here.</param>
    /// <param name="registry">Where it is put besides, with what says so; null for nowhere.</param>
    /// <param name="cancellation">Ends it; handed in again it goes on.</param>
    /// <exception cref="EstreamRegistryException">The version is there with another content, who has signed may not publish it, or it is
    /// refused: says why.</exception>
    public Task<PublishedRelease> PublishAsync(SignedRelease release, IComponentRegistry? registry, CancellationToken cancellation)
    {
        ArgumentNullException.ThrowIfNull(release);
        return LookAsync(busy => _intake.TakeAsync(release, registry, busy, cancellation), cancellation);
    }

    /// <summary>Takes an approval, and publishes the release it is about where that is enough.</summary>
    /// <param name="approval">The envelope of a <see cref="ReleaseApproval"/>, from anywhere: it counts by whose signatures it has.</param>
    /// <param name="registry">Where the release is put; the registry's own place where null.</param>
    /// <param name="cancellation">Ends it.</param>
    /// <returns>What came of the release.</returns>
    /// <exception cref="EstreamRegistryException">The release does not wait here, or nobody has signed who may approve of it.</exception>
    public Task<PublishedRelease> ApproveAsync(ReadOnlyMemory<byte> approval, IComponentRegistry? registry,
        CancellationToken cancellation) =>
        LookAsync(busy => _intake.ApproveAsync(approval, registry, busy, cancellation), cancellation);

    /// <summary>Has everything that waits decided again, by the same rules: for what could not be looked at, and for what has been
    /// approved.</summary>
    /// <param name="registry">Where releases are put; the registry's own place where null.</param>
    /// <param name="cancellation">Ends it.</param>
    /// <returns>What came of each. What is refused is let go, and has no place here but its decision.</returns>
    public Task<IReadOnlyList<PublishedRelease>> DecideAgainAsync(IComponentRegistry? registry, CancellationToken cancellation) =>
        LookAsync(_ => _intake.DecideAgainAsync(registry, cancellation), cancellation);

    /// <summary>The releases that wait, as their authors handed them in.</summary>
    /// <exception cref="EstreamCorruptionException">The files of one are damaged.</exception>
    public IReadOnlyList<SignedRelease> Pending() =>
        [.. _pending.Digests().Select(digest => _pending.Find(digest)).OfType<SignedRelease>()];

    /// <summary>Takes an entry that changes no release: a namespace's first owners or next ones, or a key that does not count any
    /// more.</summary>
    /// <param name="entry">The envelope, signed by those who have to.</param>
    /// <param name="cancellation">Ends it.</param>
    /// <returns>Where it is in the log.</returns>
    /// <exception cref="EstreamRegistryException">It has no place in the log: says why.</exception>
    public Task<long> SubmitAsync(ReadOnlyMemory<byte> entry, CancellationToken cancellation) => InTurnAsync(
        async () =>
        {
            long index = _entries.TakeUnlessRelease(entry);
            _ = await _roles.RenewAsync(cancellation).ConfigureAwait(false);
            return index;
        },
        cancellation);

    /// <summary>Takes a release back, or offers it again, as its owners have signed it, in the registry's own place.</summary>
    /// <param name="entry">The envelope of a <see cref="YankEntry"/> or a <see cref="DeprecationEntry"/>.</param>
    /// <param name="registry">Where it is marked besides; null for nowhere.</param>
    /// <param name="cancellation">Ends it.</param>
    /// <exception cref="EstreamRegistryException">It has no place in the log, or the release is not in the registry.</exception>
    /// <exception cref="ArgumentException">It is another kind of entry.</exception>
    public Task<PublishResult> MarkAsync(ReadOnlyMemory<byte> entry, IComponentRegistry? registry, CancellationToken cancellation) =>
        InTurnAsync(() => _intake.MarkAsync(entry, registry, cancellation), cancellation);

    /// <summary>Renews what has an age: snapshot, timestamp, and the bundles in the registry's own place. A release that the policy does
    /// not let anybody install any more keeps the bundle it has, which grows too old.</summary>
    /// <param name="cancellation">Ends it.</param>
    /// <returns>What was made anew, and what was not.</returns>
    public Task<RegistryRenewal> RenewAsync(CancellationToken cancellation) => InTurnAsync(() => RenewNowAsync(cancellation), cancellation);

    /// <summary>
    /// Says the next root of the registry, for a year, with new keys for some roles, and makes all bundles anew: none that the old keys of
    /// snapshot, timestamp or targets have signed counts any more for whoever knows the new root. New keys lie in the folder in the place
    /// of the old ones.
    /// </summary>
    /// <param name="roles">Whose keys are exchanged; none where the root alone is to count longer.</param>
    /// <param name="keepers">Keys of the role root as it is now, which have to agree: who runs the registry need not have them.</param>
    /// <param name="cancellation">Ends it; said again it goes on, with the new keys it has made.</param>
    /// <returns>What was made anew, and what was not.</returns>
    /// <exception cref="EstreamRegistryException">No client would follow it: too few of the keys of root have signed; or a role has several
    /// keys (<see cref="RegistryFault.Forbidden"/>).</exception>
    public Task<RegistryRenewal> RotateAsync(IEnumerable<RegistryRole> roles, IReadOnlyCollection<DocumentSigner> keepers,
        CancellationToken cancellation)
    {
        ArgumentNullException.ThrowIfNull(roles);
        ArgumentNullException.ThrowIfNull(keepers);
        HashSet<RegistryRole> rotated = [.. roles];
        return InTurnAsync(
            async () =>
            {
                await _roles.RotateAsync(rotated, keepers, cancellation).ConfigureAwait(false);
                return await RenewNowAsync(cancellation).ConfigureAwait(false);
            },
            cancellation);
    }

    /// <summary>The policy as it counts: signed by the keys of targets, and checked as a client checks it.</summary>
    /// <param name="cancellation">Ends the wait.</param>
    /// <exception cref="EstreamRegistryException">It is not to be believed, as where it has expired.</exception>
    public Task<TargetsDocument> ReadPolicyAsync(CancellationToken cancellation) =>
        InTurnAsync(async () => (await _roles.ReadAsync(cancellation).ConfigureAwait(false)).Targets, cancellation);

    /// <summary>Says anew what is asked of the releases of each category, for 90 days.</summary>
    /// <param name="change">The policies of the categories, made of what was said before.</param>
    /// <param name="keepers">Keys of the role targets: who runs the registry need not have them.</param>
    /// <param name="cancellation">Ends it.</param>
    /// <returns>The new policy.</returns>
    /// <exception cref="EstreamRegistryException">No client would believe it: too few of the keys have signed, or it asks for more
    /// reviewers than it names.</exception>
    public Task<TargetsDocument> ChangePolicyAsync(Func<TargetsDocument, IReadOnlyDictionary<string, CategoryPolicy>> change,
        IReadOnlyCollection<DocumentSigner> keepers, CancellationToken cancellation)
    {
        ArgumentNullException.ThrowIfNull(change);
        ArgumentNullException.ThrowIfNull(keepers);
        return InTurnAsync(() => _roles.ChangePolicyAsync(change, keepers, cancellation), cancellation);
    }

    /// <summary>The digest of the release that was published last, which the next one names; null where there is none.</summary>
    /// <param name="name">The component.</param>
    /// <param name="next">The version that comes next: what was published behind it does not count.</param>
    /// <param name="registry">Where the releases are; the registry's own place where null.</param>
    /// <param name="cancellation">Ends the wait.</param>
    public Task<string?> LastReleaseAsync(ComponentName name, SemanticVersion next, IComponentRegistry? registry,
        CancellationToken cancellation) =>
        InTurnAsync(() => _published.LastAsync(name, next, registry ?? Registry, cancellation), cancellation);

    /// <summary>Lets another process run it, and overwrites its keys in memory. Idempotent.</summary>
    public void Dispose()
    {
        _log.Dispose();
        _keys.Dispose();
        _turn.Dispose();
    }

    internal static string RolesFolder(string served) => Path.Combine(served, RegistryPaths.RolesFolder);

    internal static string LogFolder(string served) => Path.Combine(served, RegistryPaths.LogFolder);

    private async Task<RegistryRenewal> RenewNowAsync(CancellationToken cancellation) =>
        await _bundles.RenewAsync(await _roles.RenewAsync(cancellation).ConfigureAwait(false), cancellation).ConfigureAwait(false);

    // Who comes when many wait to be looked at is told so, and is not looked at.
    private async Task<T> LookAsync<T>(Func<string?, Task<T>> act, CancellationToken cancellation)
    {
        string? busy = Interlocked.Increment(ref _waiting) <= _options.MaxWaiting ? null
            : string.Create(CultureInfo.InvariantCulture,
                $"more than {_options.MaxWaiting} releases are looked at or wait for it: have it decided again later");
        try
        {
            return await InTurnAsync(() => act(busy), cancellation).ConfigureAwait(false);
        }
        finally
        {
            _ = Interlocked.Decrement(ref _waiting);
        }
    }

    // One after the other: what is decided about a release is so until it is in the log, and of two who renewed the roles at once one would
    // write over the other.
    private async Task<T> InTurnAsync<T>(Func<Task<T>> act, CancellationToken cancellation)
    {
        await _turn.WaitAsync(cancellation).ConfigureAwait(false);
        try
        {
            return await act().ConfigureAwait(false);
        }
        finally
        {
            _ = _turn.Release();
        }
    }
}

/// <summary>What came of renewing a registry. Immutable.</summary>
/// <param name="Bundles">Bundles that were made anew.</param>
/// <param name="Refused">Why others were not: a client would refuse them by the policy as it is now.</param>
public sealed record RegistryRenewal(int Bundles, IReadOnlyList<string> Refused);

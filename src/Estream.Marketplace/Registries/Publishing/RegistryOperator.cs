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
/// Runs a registry from a folder: receives signed submissions of namespace owners, checks and decides releases, appends them to the log,
/// renews snapshot and timestamp, and publishes releases with their bundles.
/// </summary>
/// <remarks>
/// One process at a time per folder, enforced by the lock of the log. Thread-safe except for <see cref="Namespaces"/>, which changes during
/// calls, and <see cref="Dispose"/>; calls run one at a time. The operator has no keys of owners and cannot publish in their name. The log
/// entry is written before anything else: after <c>kill -9</c> at any moment, submitting the same release again resumes where it stopped.
/// Does not ask witnesses.
/// </remarks>
public sealed partial class RegistryOperator : IDisposable
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

    /// <summary>The newest root: the name of the registry and its current keys.</summary>
    public RootDocument Root => _roles.Root;

    /// <summary>The envelope of the first root, which clients start their trust with.</summary>
    public ReadOnlyMemory<byte> FirstRoot => _roles.FirstRoot();

    /// <summary>The registry in the public part of the folder.</summary>
    public DirectoryRegistry Registry => _published.Place;

    /// <summary>The state derived from the log: owners and versions. Changes with each call.</summary>
    public NamespaceMap Namespaces => _log.Map;

    /// <summary>Returns the part of a registry's folder that a web server serves.</summary>
    /// <param name="folder">The folder.</param>
    public static string PublicFolder(string folder) => Path.Combine(folder, "public");

    /// <summary>Opens a registry to run it.</summary>
    /// <param name="folder">The folder (<see cref="RegistryInitializer"/>).</param>
    /// <param name="clock">The clock.</param>
    /// <param name="cancellation">Cancels the call.</param>
    /// <param name="options">The additional checks of releases; null for none.</param>
    /// <exception cref="EstreamException">There is no registry in the folder, other users can access its keys, another process runs it, or
    /// its files are damaged.</exception>
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
                $"There is no registry in '{folder}'. Check the path, or create one with 'estream marketplace registry create'.", folder,
                StorageFailure.NotFound);
        }

        RootDocument root = await RegistryRoots.ReadNewestAsync(served, clock, cancellation).ConfigureAwait(false);
        RegistryKeys keys = RegistryKeys.Load(folder, root.Registry, clock);
        ComponentLog? log = null;
        try
        {
            log = await ComponentLog.OpenAsync(keys.LogOptions(served), cancellation).ConfigureAwait(false);

            RegistryRoots.RequireWhole(served, log, clock);

            // The log is locked now, so no other process rotates keys. Read the root again, because another process may have rotated keys
            // before the lock was taken.
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
    /// Submits a release, and publishes it if the governance circuit approves it. A pending release is stored; no part of it is logged or
    /// served. Submitting a published release again, with the same content and statement, publishes it again and does not change the log.
    /// </summary>
    /// <param name="release">The release that its author signed; verified here.</param>
    /// <param name="registry">A further registry to publish to, with the metadata; null for none.</param>
    /// <param name="cancellation">Cancels the call; submitting the release again resumes it.</param>
    /// <exception cref="EstreamRegistryException">The version is published with other content, the signers may not publish it, or the
    /// release is rejected. The message says why.</exception>
    public Task<PublishedRelease> PublishAsync(SignedRelease release, IComponentRegistry? registry, CancellationToken cancellation)
    {
        ArgumentNullException.ThrowIfNull(release);
        return LookAsync(busy => _intake.TakeAsync(release, registry, busy, cancellation), cancellation);
    }

    /// <summary>Submits an approval, and publishes its release if no further approval is needed.</summary>
    /// <param name="approval">The envelope of a <see cref="ReleaseApproval"/>; the sender does not matter, only the signatures.</param>
    /// <param name="registry">A further registry to publish to; null for none.</param>
    /// <param name="cancellation">Cancels the call.</param>
    /// <returns>The state of the release.</returns>
    /// <exception cref="EstreamRegistryException">The release is not pending here, or no signer may approve it.</exception>
    public Task<PublishedRelease> ApproveAsync(ReadOnlyMemory<byte> approval, IComponentRegistry? registry,
        CancellationToken cancellation) =>
        LookAsync(busy => _intake.ApproveAsync(approval, registry, busy, cancellation), cancellation);

    /// <summary>Decides all pending releases again by the same rules. Call this when checks that could not run before can run now, or after
    /// reviewers have approved a release.</summary>
    /// <param name="registry">A further registry to publish to; null for none.</param>
    /// <param name="cancellation">Cancels the call.</param>
    /// <returns>The result for each release. A rejected release is no longer pending.</returns>
    public Task<IReadOnlyList<PublishedRelease>> DecideAgainAsync(IComponentRegistry? registry, CancellationToken cancellation) =>
        LookAsync(_ => _intake.DecideAgainAsync(registry, null, cancellation), cancellation);

    /// <summary>Returns the pending releases, as their authors submitted them.</summary>
    /// <exception cref="EstreamCorruptionException">The files of a pending release are damaged.</exception>
    public IReadOnlyList<SignedRelease> Pending() =>
        [.. _pending.Digests().Select(digest => _pending.Find(digest)).OfType<SignedRelease>()];

    /// <summary>Submits a log entry that changes no release: the first or next owners of a namespace, or the revocation of a key.</summary>
    /// <param name="entry">The signed envelope.</param>
    /// <param name="cancellation">Cancels the call.</param>
    /// <returns>The index of the entry in the log.</returns>
    /// <exception cref="EstreamRegistryException">The log refuses the entry. The message says why.</exception>
    public Task<long> SubmitAsync(ReadOnlyMemory<byte> entry, CancellationToken cancellation) => InTurnAsync(
        async () =>
        {
            long index = _entries.TakeUnlessRelease(entry);
            _ = await _roles.RenewAsync(cancellation).ConfigureAwait(false);
            return index;
        },
        cancellation);

    /// <summary>Logs and applies an entry, signed by the owners, that yanks or deprecates a release or undoes the yank or the
    /// deprecation.</summary>
    /// <param name="entry">The envelope of a <see cref="YankEntry"/> or a <see cref="DeprecationEntry"/>.</param>
    /// <param name="registry">A further registry to change; null for none.</param>
    /// <param name="cancellation">Cancels the call.</param>
    /// <exception cref="EstreamRegistryException">The log refuses the entry, or the release is not in the registry.</exception>
    /// <exception cref="ArgumentException">The entry is of another kind.</exception>
    public Task<PublishResult> MarkAsync(ReadOnlyMemory<byte> entry, IComponentRegistry? registry, CancellationToken cancellation) =>
        InTurnAsync(() => _intake.MarkAsync(entry, registry, cancellation), cancellation);

    /// <summary>Renews what expires: snapshot, timestamp, and the bundles in the registry. A release that the policy no longer permits
    /// keeps its bundle, which becomes too old.</summary>
    /// <param name="cancellation">Cancels the call.</param>
    /// <returns>What was renewed, and what was not.</returns>
    public Task<RegistryRenewal> RenewAsync(CancellationToken cancellation) => InTurnAsync(() => RenewNowAsync(cancellation), cancellation);

    /// <summary>
    /// Publishes the next root of the registry, valid for a year, with new keys for some roles, and renews all bundles. Clients that know
    /// the new root no longer accept anything signed with the replaced keys of snapshot, timestamp or targets. The new key files replace
    /// the old ones in the folder.
    /// </summary>
    /// <param name="roles">The roles with new keys; empty to extend only the lifetime of the root.</param>
    /// <param name="keepers">Keys of the current root role, which must sign the new root. They need not be kept with the registry.</param>
    /// <param name="cancellation">Cancels the call; calling it again resumes with the keys already created.</param>
    /// <returns>What was renewed, and what was not.</returns>
    /// <exception cref="EstreamRegistryException">Clients would not accept the root because too few root keys signed it, or a role has
    /// several keys (<see cref="RegistryFault.Forbidden"/>).</exception>
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

    /// <summary>Returns the current policy, signed by the targets keys and verified as a client does.</summary>
    /// <param name="cancellation">Cancels the call.</param>
    /// <exception cref="EstreamRegistryException">The policy is not trusted, for example because it has expired.</exception>
    public Task<TargetsDocument> ReadPolicyAsync(CancellationToken cancellation) =>
        InTurnAsync(async () => (await _roles.ReadAsync(cancellation).ConfigureAwait(false)).Targets, cancellation);

    /// <summary>Publishes a new policy for the releases of each category and the tiers of components, valid for 90 days.</summary>
    /// <param name="change">Returns the new policy from the current one. Only its categories and its tier rules are used.</param>
    /// <param name="keepers">Keys of the targets role. They need not be kept with the registry.</param>
    /// <param name="cancellation">Cancels the call.</param>
    /// <returns>The new policy.</returns>
    /// <exception cref="EstreamRegistryException">Clients would not accept the policy: too few keys signed it, or it requires more
    /// reviewers than it names.</exception>
    public Task<TargetsDocument> ChangePolicyAsync(Func<TargetsDocument, TargetsDocument> change,
        IReadOnlyCollection<DocumentSigner> keepers, CancellationToken cancellation)
    {
        ArgumentNullException.ThrowIfNull(change);
        ArgumentNullException.ThrowIfNull(keepers);
        return InTurnAsync(() => _roles.ChangePolicyAsync(change, keepers, cancellation), cancellation);
    }

    /// <summary>Returns the digest of the last published release, which the next release names as its predecessor; null if there is
    /// none.</summary>
    /// <param name="name">The component.</param>
    /// <param name="next">The version of the next release. Releases published after it are ignored.</param>
    /// <param name="registry">The registry with the releases; null for this registry.</param>
    /// <param name="cancellation">Cancels the call.</param>
    public Task<string?> LastReleaseAsync(ComponentName name, SemanticVersion next, IComponentRegistry? registry,
        CancellationToken cancellation) =>
        InTurnAsync(() => _published.LastAsync(name, next, registry ?? Registry, cancellation), cancellation);

    /// <summary>Releases the registry for other processes, and overwrites its keys in memory. Idempotent.</summary>
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

    // If too many calls are waiting, the release is stored as pending without being checked.
    private async Task<T> LookAsync<T>(Func<string?, Task<T>> act, CancellationToken cancellation)
    {
        string? busy = Interlocked.Increment(ref _waiting) <= _options.MaxWaiting ? null
            : string.Create(CultureInfo.InvariantCulture,
                $"more than {_options.MaxWaiting} releases are being checked or wait for a check: decide it again later");
        try
        {
            return await InTurnAsync(() => act(busy), cancellation).ConfigureAwait(false);
        }
        finally
        {
            _ = Interlocked.Decrement(ref _waiting);
        }
    }

    // Calls run one at a time: a decision must hold until the release is in the log, and two concurrent renewals would overwrite each
    // other's roles.
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

/// <summary>The result of renewing a registry. Immutable.</summary>
/// <param name="Bundles">The number of renewed bundles.</param>
/// <param name="Refused">Why other bundles were not renewed: clients would refuse them under the current policy.</param>
public sealed record RegistryRenewal(int Bundles, IReadOnlyList<string> Refused);

using System.Globalization;
using Estream.Core;
using Estream.Marketplace.Files;
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
/// Runs a registry from a folder: takes what owners of namespaces have signed, appends it to the log, renews snapshot and timestamp, and gives releases with their bundles to where they are fetched from.
/// </summary>
/// <remarks>
/// One process at a time for a folder, which the log's lock sees to; one call at a time. It has no keys of owners and can publish nothing in their name. An entry is in the log before anything else is written:
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
    private readonly CatalogFolder _catalog;

    private RegistryOperator(string folder, RootDocument root, RegistryKeys keys, ComponentLog log, IClock clock)
    {
        (_served, Root, _keys, _log, _clock) = (PublicFolder(folder), root, keys, log, clock);
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
    /// <exception cref="EstreamException">There is no registry, others may use its keys, another process runs it, or its files are damaged.</exception>
    public static async Task<RegistryOperator> OpenAsync(string folder, IClock clock, CancellationToken cancellation)
    {
        ArgumentException.ThrowIfNullOrEmpty(folder);
        ArgumentNullException.ThrowIfNull(clock);
        string served = PublicFolder(folder);
        if (!Directory.Exists(RolesFolder(served)))
        {
            throw new EstreamStorageException($"There is no registry in '{folder}'. Check the path, or begin one with 'estream marketplace registry create'.", folder, StorageFailure.NotFound);
        }

        RootDocument root = ReadRoot(served, clock);
        RegistryKeys keys = RegistryKeys.Load(folder, root.Registry, clock);
        try
        {
            return new RegistryOperator(folder, root, keys, await ComponentLog.OpenAsync(keys.LogOptions(served), cancellation).ConfigureAwait(false), clock);
        }
        catch
        {
            keys.Dispose();
            throw;
        }
    }

    /// <summary>Takes a release and puts it into the registry's own place, and says there that it has it. What is published already, with the same content and the same words, is put again and changes nothing in the log.</summary>
    /// <param name="release">What its author has signed, verified here.</param>
    /// <param name="registry">Where it is put besides, with what says so; null for nowhere.</param>
    /// <param name="cancellation">Ends it; handed in again it goes on.</param>
    /// <exception cref="EstreamRegistryException">The version is there with another content, or who has signed may not publish it.</exception>
    public async Task<PublishedRelease> PublishAsync(SignedRelease release, IComponentRegistry? registry, CancellationToken cancellation)
    {
        ArgumentNullException.ThrowIfNull(release);
        ComponentName name = release.Manifest.Name;
        SemanticVersion version = release.Manifest.Version;
        long index = _log.Map.FindVersion(name, version);
        if (index < 0)
        {
            RequireOwned(release);
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
        return new PublishedRelease(name, version, index, release.Statement.Digest(), result);
    }

    /// <summary>Takes an entry that changes no release: a namespace's first owners or next ones, or a key that does not count any more.</summary>
    /// <param name="entry">The envelope, signed by those who have to.</param>
    /// <param name="cancellation">Ends it.</param>
    /// <returns>Where it is in the log.</returns>
    /// <exception cref="EstreamRegistryException">It has no place in the log: says why.</exception>
    public async Task<long> SubmitAsync(ReadOnlyMemory<byte> entry, CancellationToken cancellation)
    {
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

    /// <summary>Renews what has an age: snapshot, timestamp, and the bundles in the registry's own place.</summary>
    /// <param name="cancellation">Ends it.</param>
    /// <returns>How many bundles were made anew.</returns>
    public async Task<int> RenewAsync(CancellationToken cancellation)
    {
        SignedNote checkpoint = await RenewRolesAsync(cancellation).ConfigureAwait(false);
        int renewed = 0;
        foreach (ComponentName name in await Registry.SearchAsync("", RegistryLimits.MaxComponents, cancellation).ConfigureAwait(false))
        {
            foreach (RegistryRelease release in await Registry.ListAsync(name, cancellation).ConfigureAwait(false))
            {
                ComponentBundle there = ReadBundle(release, await Registry.ReadBundleAsync(release, cancellation).ConfigureAwait(false));
                byte[] package = await Registry.ReadPackageAsync(release, cancellation).ConfigureAwait(false);
                byte[] bundle = await BuildBundleAsync(checkpoint, name, release.Version, there[BundlePart.Release], package, cancellation).ConfigureAwait(false);
                WholeFile.Write(FileStorage.Instance, Path.Combine(_served, RegistryPaths.Bundle(name, release.Version)), bundle);
                renewed++;
            }
        }

        return renewed;
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

        NamespaceState state = _log.Map.Find(owned)!;
        DocumentKey[] counting = [.. owners.Keys.Where(key => state.Counts(key.Id, _log.Map.Size))];
        ReleaseOutcome outcome = ReleaseVerifier.Verify(release.Package.Signature!.Value.Span, ReleaseFacts.Of(release.Manifest, release.Package), counting, owners.Threshold);
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

    private static bool Same(PublishEntry entry, SignedRelease release) =>
        entry.Version == release.Manifest.Version && entry.Root256 == release.Package.Identity.Root256 && entry.StatementSha256 == release.Statement.Digest();

    private async Task RequireSameAsync(SignedRelease release, long index, CancellationToken cancellation)
    {
        Checkpoint end = Checkpoint.TryParse(_log.LastSigned!.Text, out Checkpoint? checkpoint, out _) ? checkpoint : throw new InvalidOperationException("The log's own checkpoint is none.");
        LoggedEntry logged = await Client().ReadEntryAsync(end, index, cancellation).ConfigureAwait(false);
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
        ComponentBundle bundle = await new BundleBuilder(Client(), _log.Map, checkpoint, snapshot, timestamp).BuildAsync(name, version, statement, cancellation).ConfigureAwait(false)
            ?? throw new EstreamRegistryException(RegistryFault.NotFound, $"{name} {version} is not in the log of '{Root.Registry}'. Publish it first.", _served);

        // What a client would refuse is not put anywhere.
        using MemoryStream stream = new(package.ToArray(), writable: false);
        BundleVerdict verdict = new BundleVerifier(BundleTrust.Of(Root), _clock, s_fresh).Verify(bundle, stream);
        return verdict.IsAccepted ? bundle.Encode() : throw new EstreamRegistryException(RegistryFault.Forbidden, $"{name} {version} is not given to anybody: a client would refuse it. {verdict.Reason}", _served);
    }

    private byte[] ReadRole(string file) => WholeFile.Read(FileStorage.Instance, Path.Combine(RolesFolder(_served), file), RoleLimits.MaxSnapshotBytes)
        ?? throw new EstreamCorruptionException($"The registry in '{_served}' lacks '{file}'. Restore it from a copy.", _served);

    private LogClient Client() => new(new DirectoryFileSource(LogFolder(_served)));
}

/// <summary>A release that was taken. Immutable.</summary>
/// <param name="Name">The component.</param>
/// <param name="Version">The version.</param>
/// <param name="LogIndex">Where it is in the log.</param>
/// <param name="Digest">The digest of its statement.</param>
/// <param name="Result">What the registry says.</param>
public sealed record PublishedRelease(ComponentName Name, SemanticVersion Version, long LogIndex, string Digest, PublishResult Result);

using System.Diagnostics.CodeAnalysis;
using Estream.Esf.Schema;
using Estream.Marketplace.Files;
using Estream.Marketplace.Governance;
using Estream.Marketplace.Registries;
using Estream.Marketplace.Trust.Bundles;
using Estream.Marketplace.Trust.Dsse;
using Estream.Marketplace.Trust.Log;
using Estream.Marketplace.Trust.Namespaces;
using Estream.Marketplace.Trust.Releases;

namespace Estream.Marketplace.Publishing;

/// <summary>Reads the published releases of a registry and checks that they match its log. One call at a time.</summary>
/// <param name="log">The log.</param>
/// <param name="name">The name of the registry.</param>
/// <param name="served">The folder that a web server serves.</param>
internal sealed class PublishedReleases(ComponentLog log, string name, string served)
{
    /// <summary>The registry in the served folder.</summary>
    public DirectoryRegistry Place { get; } = new(served);

    /// <summary>Creates a client that reads and proves entries of the log.</summary>
    public LogClient Client() => new(new DirectoryFileSource(RegistryOperator.LogFolder(served)));

    /// <exception cref="EstreamRegistryException">The bundle is damaged.</exception>
    public async ValueTask<ComponentBundle> ReadBundleAsync(IComponentRegistry place, RegistryRelease release,
        CancellationToken cancellation) =>
        ComponentBundle.TryRead(await place.ReadBundleAsync(release, cancellation).ConfigureAwait(false), out ComponentBundle? bundle,
            out string? reason) ? bundle : throw Damaged(release, reason);

    /// <summary>Returns the published release that an approval is about; null if it is not published here. A published release may need
    /// further approvals if the policy has changed.</summary>
    public async Task<SignedRelease?> FindAsync(ReleaseApproval said, CancellationToken cancellation)
    {
        RegistryRelease? there = !ComponentName.TryParse(said.Name, out ComponentName? component, out _) ? null
            : (await Place.ListAsync(component, cancellation).ConfigureAwait(false)).FirstOrDefault(one =>
                one.Version.ToString() == said.Version);
        if (there is null)
        {
            return null;
        }

        LoggedEntry logged = await ReadEntryAsync(log.Map.FindVersion(there.Name, there.Version), cancellation).ConfigureAwait(false);
        using MemoryStream package = new(await Place.ReadPackageAsync(there, cancellation).ConfigureAwait(false), writable: false);
        return SignedRelease.TryRead(package, logged.Content, out SignedRelease? release, out _)
            && release.Statement.Digest() == said.Release ? release : null;
    }

    /// <summary>Returns what a release changes compared with the release that it patches, or why the changes are unknown. Checks the
    /// earlier release against the log.</summary>
    public async Task<(ReleaseChanges? Changes, string? Fault)> CompareAsync(SignedRelease release,
        IReadOnlyList<SemanticVersion> published, CancellationToken cancellation)
    {
        ComponentName component = release.Manifest.Name;
        if (ReleaseChanges.PatchedBy(release.Manifest.Version, published) is not { } patched)
        {
            return (ReleaseChanges.First, null);
        }

        RegistryRelease? there =
            (await Place.ListAsync(component, cancellation).ConfigureAwait(false)).FirstOrDefault(one => one.Version == patched);
        if (there is null)
        {
            return (null, $"{component} {patched}, which the release patches, is not in {Place.Location}: restore it");
        }

        ComponentBundle bundle = await ReadBundleAsync(Place, there, cancellation).ConfigureAwait(false);
        LoggedEntry logged = await ReadEntryAsync(log.Map.FindVersion(component, patched), cancellation).ConfigureAwait(false);
        return TryStatement(bundle, out ReleaseStatement? before)
            && LogEntry.TryRead(logged.Content.Span, out _, out LogEntry? entry, out _) && entry is PublishEntry publication
            && publication.StatementSha256 == before.Digest()
            ? (ReleaseChanges.Between(before.Package, release.Statement.Package), null)
            : (null, $"{component} {patched} in the registry {Place.Location} differs from the logged one: restore it from a mirror");
    }

    /// <summary>Returns the digest of the last published release; see <see cref="RegistryOperator.LastReleaseAsync"/>.</summary>
    public async Task<string?> LastAsync(ComponentName component, SemanticVersion next, IComponentRegistry place,
        CancellationToken cancellation)
    {
        long end = log.Map.FindVersion(component, next);
        RegistryRelease? last = (await place.ListAsync(component, cancellation).ConfigureAwait(false))
            .Where(release => release.Version != next && (end < 0 || log.Map.FindVersion(component, release.Version) < end))
            .MaxBy(release => log.Map.FindVersion(component, release.Version));
        if (last is null)
        {
            return null;
        }

        return TryStatement(await ReadBundleAsync(place, last, cancellation).ConfigureAwait(false), out ReleaseStatement? statement)
            ? statement.Digest()
            : throw Damaged(last, "its release statement is not valid");
    }

    /// <summary>Requires that a log entry publishes exactly this release.</summary>
    /// <exception cref="EstreamRegistryException">The entry publishes another release.</exception>
    public async Task RequireSameAsync(SignedRelease release, long index, CancellationToken cancellation)
    {
        LoggedEntry logged = await ReadEntryAsync(index, cancellation).ConfigureAwait(false);
        bool isSame = LogEntry.TryRead(logged.Content.Span, out _, out LogEntry? entry, out _) && entry is PublishEntry there
            && IsOf(there, release);
        if (!isSame)
        {
            throw new EstreamRegistryException(
                RegistryFault.AlreadyPublished,
                $"{release.Manifest} is already in the log of '{name}', as entry {index}, with other content or another statement. A "
                + "published version never changes. Publish a new version.", served);
        }
    }

    /// <summary>Returns whether an entry publishes exactly this release: the same version, content and statement.</summary>
    public static bool IsOf(PublishEntry entry, SignedRelease release) =>
        entry.Version == release.Manifest.Version && entry.Root256 == release.Package.Identity.Root256
            && entry.StatementSha256 == release.Statement.Digest();

    private static bool TryStatement(ComponentBundle bundle, [NotNullWhen(true)] out ReleaseStatement? statement)
    {
        statement = null;
        return DsseEnvelope.TryRead(bundle[BundlePart.Release].Span, ReleaseStatement.MaxFileBytes, out DsseEnvelope? envelope, out _)
            && ReleaseStatement.TryRead(envelope.UnverifiedPayload.Span, out statement, out _);
    }

    private ValueTask<LoggedEntry> ReadEntryAsync(long index, CancellationToken cancellation) =>
        Client().ReadEntryAsync(LastCheckpoint(), index, cancellation);

    private Checkpoint LastCheckpoint() => Checkpoint.TryParse(log.LastSigned!.Text, out Checkpoint? checkpoint, out _)
        ? checkpoint
        : throw new InvalidOperationException("The log's own checkpoint is not valid.");

    private EstreamRegistryException Damaged(RegistryRelease release, string reason) => new(
        RegistryFault.Malformed, $"The bundle of {release} in {Place.Location} is damaged: {reason}. Restore it from a mirror.",
        RegistryPaths.Bundle(release.Name, release.Version));
}

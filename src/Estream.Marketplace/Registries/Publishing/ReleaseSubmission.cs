using Estream.Core;
using Estream.Esf.Schema;
using Estream.Marketplace.Governance;
using Estream.Marketplace.Registries;
using Estream.Marketplace.Trust.Dsse;
using Estream.Marketplace.Trust.Log;
using Estream.Marketplace.Trust.Namespaces;
using Estream.Marketplace.Trust.Releases;

namespace Estream.Marketplace.Publishing;

/// <summary>
/// Processes signed submissions about releases: decides a release, then publishes it, stores it as pending or rejects it; and yanks or
/// deprecates published releases. This is the only path into the log for a release. One call at a time.
/// </summary>
internal sealed class ReleaseSubmission(string served, IClock clock, ComponentLog log, LogSubmission entries, RegistryRoles roles,
    PublishedReleases published, ReleaseBundles bundles, ReleaseDecisions decisions, PendingReleases pending)
{
    /// <summary>Submits a release. A release that is already published with the same content and statement is published again.</summary>
    /// <param name="release">The release that its author signed.</param>
    /// <param name="registry">A further registry to publish to; null for none.</param>
    /// <param name="busy">Why the release cannot be checked now; null if it can.</param>
    /// <param name="cancellation">Cancels the call; submitting the release again resumes it.</param>
    public async Task<PublishedRelease> TakeAsync(SignedRelease release, IComponentRegistry? registry, string? busy,
        CancellationToken cancellation)
    {
        ComponentName name = release.Manifest.Name;
        SemanticVersion version = release.Manifest.Version;
        string digest = release.Statement.Digest();
        long index = log.Map.FindVersion(name, version);
        PublishDecision? decision = null;
        if (index < 0)
        {
            decision = await decisions.DecideAsync(release, busy, cancellation).ConfigureAwait(false);
            if (decision.Verdict == PublishVerdict.Rejected)
            {
                pending.Remove(digest);
                throw ReleaseDecisions.Forbidden(string.Join("; ", decision.Reasons), release, decision);
            }

            if (decision.Verdict != PublishVerdict.Approved)
            {
                pending.Add(release);
                return Unpublished(release, decision);
            }

            decisions.Note(release);
            index = entries.Take(release.Entry);
        }
        else
        {
            await published.RequireSameAsync(release, index, cancellation).ConfigureAwait(false);
        }

        SignedNote checkpoint = await roles.RenewAsync(cancellation).ConfigureAwait(false);
        byte[] bundle = await bundles.BuildAsync(checkpoint, name, version, release.Package.Signature!.Value, release.Bytes, cancellation)
            .ConfigureAwait(false);
        RegistryPublication publication =
            new(ReleaseFacts.ToRegistry(release.Manifest, release.Package.Identity, release.Bytes.Span, clock), release.Bytes, bundle);
        PublishResult result = await published.Place.PublishAsync(publication, cancellation).ConfigureAwait(false);

        // Publish the catalogue only after the release is in the registry, so that the catalogue never refers clients to a missing release.
        _ = await roles.RenewAsync(cancellation).ConfigureAwait(false);
        result = registry is null ? result : await GiveAsync(registry, place => place.PublishAsync(publication, cancellation), cancellation)
            .ConfigureAwait(false);
        pending.Remove(digest);
        return new PublishedRelease(name, version, index, digest, result, decision);
    }

    /// <summary>Stores an approval, and submits its release again.</summary>
    public async Task<PublishedRelease> ApproveAsync(ReadOnlyMemory<byte> approval, IComponentRegistry? registry, string? busy,
        CancellationToken cancellation)
    {
        if (!DsseEnvelope.TryRead(approval.Span, ReleaseApproval.MaxBytes, out DsseEnvelope? envelope, out string? reason)
            || !ReleaseApproval.TryRead(envelope.UnverifiedPayload.Span, out ReleaseApproval? said, out reason))
        {
            throw new EstreamRegistryException(RegistryFault.Malformed,
                $"The approval is not valid: {reason}. Create one with 'estream marketplace approve'.", served);
        }

        SignedRelease release = pending.Find(said.Release) ?? await published.FindAsync(said, cancellation).ConfigureAwait(false)
            ?? throw new EstreamRegistryException(RegistryFault.NotFound,
                $"The release {said.Release} of {said.Name} {said.Version} is neither published nor pending in '{roles.Root.Registry}'. "
                + "List pending releases with: estream marketplace pending.", served);
        await decisions.ApproveAsync(release, envelope, approval, served, cancellation).ConfigureAwait(false);
        return await TakeAsync(release, registry, busy, cancellation).ConfigureAwait(false);
    }

    /// <summary>Submits all pending releases again; a rejected release is removed.</summary>
    /// <param name="registry">A further registry to publish to; null for none.</param>
    /// <param name="isSkipped">Selects the digests that are not submitted again; null for none.</param>
    /// <param name="cancellation">Cancels the call.</param>
    public async Task<IReadOnlyList<PublishedRelease>> DecideAgainAsync(IComponentRegistry? registry, Func<string, bool>? isSkipped,
        CancellationToken cancellation)
    {
        List<PublishedRelease> decided = [];
        foreach (string digest in pending.Digests().Where(digest => isSkipped?.Invoke(digest) != true))
        {
            SignedRelease release = pending.Find(digest)!;
            try
            {
                decided.Add(await TakeAsync(release, registry, null, cancellation).ConfigureAwait(false));
            }
            catch (EstreamRegistryException refused) when (refused.Fault is RegistryFault.Forbidden or RegistryFault.AlreadyPublished)
            {
                pending.Remove(digest);
                decided.Add(Unpublished(release,
                    refused.Decision ?? new PublishDecision(PublishVerdict.Rejected, [], 0, 0, [refused.Message])));
            }
        }

        return decided;
    }

    /// <summary>Yanks or deprecates a release, or undoes the yank or the deprecation.</summary>
    /// <exception cref="ArgumentException">The entry is neither a yank nor a deprecation.</exception>
    public async Task<PublishResult> MarkAsync(ReadOnlyMemory<byte> entry, IComponentRegistry? registry, CancellationToken cancellation)
    {
        _ = LogEntry.TryRead(entry.Span, out _, out LogEntry? said, out _);
        Func<IComponentRegistry, ValueTask<PublishResult>> mark = said switch
        {
            YankEntry yank => place => place.YankAsync(yank.Name, yank.Version, yank.IsYanked ? yank.Reason : null, cancellation),
            DeprecationEntry deprecation => place =>
                place.DeprecateAsync(deprecation.Name, deprecation.Version, deprecation.IsDeprecated ? deprecation.Message : null,
                    cancellation),
            _ => throw new ArgumentException("The entry is neither a yank nor a deprecation.", nameof(entry)),
        };
        _ = entries.Take(entry);
        PublishResult result = await mark(published.Place).ConfigureAwait(false);
        _ = await roles.RenewAsync(cancellation).ConfigureAwait(false);
        return registry is null ? result : await GiveAsync(registry, mark, cancellation).ConfigureAwait(false);
    }

    private static PublishedRelease Unpublished(SignedRelease release, PublishDecision decision) =>
        new(release.Manifest.Name, release.Manifest.Version, -1, release.Statement.Digest(), new PublishResult(PublishOutcome.Pending),
            decision);

    // A release that is only proposed must not be listed in the metadata.
    private async ValueTask<PublishResult> GiveAsync(IComponentRegistry place, Func<IComponentRegistry, ValueTask<PublishResult>> give,
        CancellationToken cancellation)
    {
        PublishResult result = await give(place).ConfigureAwait(false);
        if (result.Outcome != PublishOutcome.Proposed)
        {
            await place.WriteFilesAsync(await RegistryFileSet.ReadAsync(published.Place, cancellation).ConfigureAwait(false), cancellation)
                .ConfigureAwait(false);
        }

        return result;
    }
}

/// <summary>A submitted release: published, pending or rejected. Immutable.</summary>
/// <param name="Name">The component.</param>
/// <param name="Version">The version.</param>
/// <param name="LogIndex">The index of its entry in the log; -1 if it is not in the log.</param>
/// <param name="Digest">The digest of its statement.</param>
/// <param name="Result">The result of publishing.</param>
/// <param name="Decision">The decision; null if the release was decided before.</param>
public sealed record PublishedRelease(ComponentName Name, SemanticVersion Version, long LogIndex, string Digest, PublishResult Result,
    PublishDecision? Decision = null);

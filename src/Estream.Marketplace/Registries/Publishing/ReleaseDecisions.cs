using System.Globalization;
using Estream.Esf.Schema;
using Estream.Marketplace.Governance;
using Estream.Marketplace.Manifests;
using Estream.Marketplace.Names;
using Estream.Marketplace.Registries;
using Estream.Marketplace.Trust.Dsse;
using Estream.Marketplace.Trust.Namespaces;
using Estream.Marketplace.Trust.Releases;
using Estream.Marketplace.Trust.Roles;

namespace Estream.Marketplace.Publishing;

/// <summary>Tells the gate what only a registry knows of a release: its owners, the policy, the approvals, what was published before. One
/// call at a time.</summary>
/// <param name="log">The log.</param>
/// <param name="roles">The policy.</param>
/// <param name="published">What was published before.</param>
/// <param name="gate">Decides.</param>
/// <param name="pace">How much was published today.</param>
/// <param name="approvals">What reviewers have signed.</param>
internal sealed class ReleaseDecisions(ComponentLog log, RegistryRoles roles, PublishedReleases published, PublishGate gate,
    PublishRateLimiter pace, ApprovalStore approvals)
{
    /// <summary>Decides about a release that its owners have signed.</summary>
    /// <param name="release">The release.</param>
    /// <param name="busy">Why nobody can look at it now; null where it is looked at.</param>
    /// <param name="cancellation">Ends it.</param>
    /// <exception cref="EstreamRegistryException">Its owners have not signed it, or nothing of its category is published: says
    /// why.</exception>
    public async Task<PublishDecision> DecideAsync(SignedRelease release, string? busy, CancellationToken cancellation)
    {
        RequireOwned(release);
        NamespaceName owned = NamespaceName.Of(release.Manifest.Name);
        CategoryPolicy policy = await PolicyAsync(release, cancellation).ConfigureAwait(false);
        IReadOnlyList<SemanticVersion> versions = log.Map.VersionsOf(release.Manifest.Name);
        (ReleaseChanges? changes, string? fault) = await published.CompareAsync(release, versions, cancellation).ConfigureAwait(false);
        int given = ReleaseApproval.ApproversOf(release.Statement.Digest(), OwnersOf(release), [approvals.Find(release.Statement).ToJson()],
            policy.Reviewers).Count;

        // Later versions are known by the name they have.
        IReadOnlyList<NameSimilarity> alike = versions.Count > 0
            ? []
            : (await RegistryNames.ReadAsync(log.Map, published.Place, cancellation)
                .ConfigureAwait(false)).SimilaritiesOf(release.Manifest.Name);
        return await gate.DecideAsync(
            new ReleaseCandidate(release, CountingKeys(owned), policy, given, versions, changes, fault, pace.Count(owned), alike, busy),
            cancellation).ConfigureAwait(false);
    }

    /// <summary>Keeps an approval.</summary>
    /// <exception cref="EstreamRegistryException">Nobody has signed it who may approve of the release.</exception>
    public async Task ApproveAsync(SignedRelease release, DsseEnvelope approval, ReadOnlyMemory<byte> bytes, string served,
        CancellationToken cancellation)
    {
        CategoryPolicy policy = await PolicyAsync(release, cancellation).ConfigureAwait(false);
        if (ReleaseApproval.ApproversOf(release.Statement.Digest(), OwnersOf(release), [bytes], policy.Reviewers).Count == 0)
        {
            throw new EstreamRegistryException(RegistryFault.Forbidden,
                $"Nobody has signed who may approve of {release.Manifest}: the policy of '{roles.Root.Registry}' names "
                + $"{policy.Reviewers.Count} reviewers for a {release.Statement.Package.Category}, and owners of its namespace are "
                + "none.", served);
        }

        approvals.Add(release.Statement, approval, policy.Reviewers);
    }

    /// <summary>Notes that a release is published.</summary>
    public void Note(SignedRelease release) => pace.Add(NamespaceName.Of(release.Manifest.Name));

    internal static EstreamRegistryException Forbidden(string reason, SignedRelease release) => new(
        RegistryFault.Forbidden, $"{release.Manifest} is not published: {reason}", release.Manifest.Name.ToString());

    private IReadOnlyList<DocumentKey> OwnersOf(SignedRelease release) => log.Map.Owners(NamespaceName.Of(release.Manifest.Name))?.Keys
        ?? [];

    private DocumentKey[] CountingKeys(NamespaceName owned) => log.Map.Owners(owned) is { } owners && log.Map.Find(owned) is { } state
        ? [.. owners.Keys.Where(key => state.Counts(key.Id, log.Map.Size))]
        : [];

    private async Task<CategoryPolicy> PolicyAsync(SignedRelease release, CancellationToken cancellation)
    {
        string category = ComponentCategories.NameOf(release.Manifest.Category);
        return (await roles.ReadAsync(cancellation).ConfigureAwait(false)).PolicyOf(category)
            ?? throw Forbidden(
                $"the policy of '{roles.Root.Registry}' does not name the category {category}, and nothing of it is published. Whoever "
                + "holds the key of targets can say more: estream marketplace registry policy.", release);
    }

    // What its owners have not signed never comes into the log: there it would stay.
    private void RequireOwned(SignedRelease release)
    {
        NamespaceName owned = NamespaceName.Of(release.Manifest.Name);
        if (log.Map.Owners(owned) is not { } owners)
        {
            throw Forbidden($"nobody owns the namespace '{owned}'. Claim it first: estream marketplace key claim {owned}.", release);
        }

        ReleaseOutcome outcome = ReleaseVerifier.Verify(release.Package.Signature!.Value.Span,
            ReleaseFacts.Of(release.Manifest, release.Package), CountingKeys(owned), owners.Threshold);
        if (!outcome.IsVerified)
        {
            throw Forbidden(
                $"its signature is not that of who owns '{owned}', or not of these files. {outcome.Fault}. Sign with "
                + $"{string.Create(CultureInfo.InvariantCulture, $"{owners.Threshold}")} of its keys, and pack again what was changed "
                + "since.", release);
        }

        // What is logged is what is given away: an entry of another release would stay there for good.
        if (!LogEntry.TryRead(release.Entry.Span, out _, out LogEntry? entry, out _) || entry is not PublishEntry publication
            || publication.Name != release.Manifest.Name || !PublishedReleases.IsOf(publication, release))
        {
            throw Forbidden("the entry that was handed in is of another release.", release);
        }
    }
}

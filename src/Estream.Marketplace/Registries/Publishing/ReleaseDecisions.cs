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

/// <summary>Decides releases: gives the gate the facts that only the registry knows, which are owners, policy, approvals and earlier
/// releases. One call at a time.</summary>
/// <param name="log">The log.</param>
/// <param name="roles">The roles, with the policy.</param>
/// <param name="published">The published releases.</param>
/// <param name="gate">The gate that decides.</param>
/// <param name="pace">The rate limit of publications.</param>
/// <param name="approvals">The approvals of reviewers.</param>
internal sealed class ReleaseDecisions(ComponentLog log, RegistryRoles roles, PublishedReleases published, PublishGate gate,
    PublishRateLimiter pace, ApprovalStore approvals)
{
    /// <summary>Decides a release that its owners signed.</summary>
    /// <param name="release">The release.</param>
    /// <param name="busy">Why the release cannot be checked now; null if it can be checked.</param>
    /// <param name="cancellation">Cancels the call.</param>
    /// <exception cref="EstreamRegistryException">The owners did not sign the release, or the policy does not permit its category. The
    /// message says why.</exception>
    public async Task<PublishDecision> DecideAsync(SignedRelease release, string? busy, CancellationToken cancellation)
    {
        RequireOwned(release);
        NamespaceName owned = NamespaceName.Of(release.Manifest.Name);
        CategoryPolicy policy = await PolicyAsync(release, cancellation).ConfigureAwait(false);
        IReadOnlyList<SemanticVersion> versions = log.Map.VersionsOf(release.Manifest.Name);
        (ReleaseChanges? changes, string? fault) = await published.CompareAsync(release, versions, cancellation).ConfigureAwait(false);
        int given = ReleaseApproval.ApproversOf(release.Statement.Digest(), OwnersOf(release), [approvals.Find(release.Statement).ToJson()],
            policy.Reviewers).Count;

        // Compare the name only for the first version of a component; later versions use a known name.
        IReadOnlyList<NameSimilarity> alike = versions.Count > 0
            ? []
            : (await RegistryNames.ReadAsync(log.Map, published.Place, cancellation)
                .ConfigureAwait(false)).SimilaritiesOf(release.Manifest.Name);
        return await gate.DecideAsync(
            new ReleaseCandidate(release, CountingKeys(owned), policy, given, versions, changes, fault, pace.Count(owned), alike, busy),
            cancellation).ConfigureAwait(false);
    }

    /// <summary>Stores an approval.</summary>
    /// <exception cref="EstreamRegistryException">No signer may approve the release.</exception>
    public async Task ApproveAsync(SignedRelease release, DsseEnvelope approval, ReadOnlyMemory<byte> bytes, string served,
        CancellationToken cancellation)
    {
        CategoryPolicy policy = await PolicyAsync(release, cancellation).ConfigureAwait(false);
        if (ReleaseApproval.ApproversOf(release.Statement.Digest(), OwnersOf(release), [bytes], policy.Reviewers).Count == 0)
        {
            throw new EstreamRegistryException(RegistryFault.Forbidden,
                $"No signer may approve {release.Manifest}: the policy of '{roles.Root.Registry}' names "
                + $"{policy.Reviewers.Count} reviewers for a {release.Statement.Package.Category}, and owners of its namespace cannot "
                + "approve.", served);
        }

        approvals.Add(release.Statement, approval, policy.Reviewers);
    }

    /// <summary>Counts a published release for the rate limit.</summary>
    public void Note(SignedRelease release) => pace.Add(NamespaceName.Of(release.Manifest.Name));

    internal static EstreamRegistryException Forbidden(string reason, SignedRelease release, PublishDecision? decision = null) => new(
        RegistryFault.Forbidden, $"{release.Manifest} is not published: {reason}", release.Manifest.Name.ToString())
    {
        Decision = decision,
    };

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
                $"the policy of '{roles.Root.Registry}' does not name the category {category}, so no release of it can be published. Have "
                + "the holder of the targets key add it: estream marketplace registry policy.", release);
    }

    // Entries in the log are permanent, so a release that its owners did not sign must never be logged.
    private void RequireOwned(SignedRelease release)
    {
        NamespaceName owned = NamespaceName.Of(release.Manifest.Name);
        if (log.Map.Owners(owned) is not { } owners)
        {
            throw Forbidden($"the namespace '{owned}' has no owner. Claim it first: estream marketplace key claim {owned}.", release);
        }

        ReleaseOutcome outcome = ReleaseVerifier.Verify(release.Package.Signature!.Value.Span,
            ReleaseFacts.Of(release.Manifest, release.Package), CountingKeys(owned), owners.Threshold);
        if (!outcome.IsVerified)
        {
            throw Forbidden(
                $"its signature is not by the owners of '{owned}', or not for these files. {outcome.Fault}. Sign with "
                + $"{string.Create(CultureInfo.InvariantCulture, $"{owners.Threshold}")} of their keys, and pack again after "
                + "changes.", release);
        }

        // The submitted log entry must publish exactly this release. An entry of another release would stay in the log permanently.
        if (!LogEntry.TryRead(release.Entry.Span, out _, out LogEntry? entry, out _) || entry is not PublishEntry publication
            || publication.Name != release.Manifest.Name || !PublishedReleases.IsOf(publication, release))
        {
            throw Forbidden("the submitted log entry is for another release.", release);
        }
    }
}

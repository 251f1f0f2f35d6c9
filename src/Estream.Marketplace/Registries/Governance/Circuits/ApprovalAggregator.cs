using System.Globalization;
using System.Text;
using Estream.Circuits;
using Estream.Esf.Schema;
using Estream.Marketplace.Widgets;

namespace Estream.Marketplace.Governance;

/// <summary>The node that counts the approvals of a release and decides it.</summary>
internal sealed class ApprovalAggregator(PublisherRegistry registry, PublishedWidgets published, int required)
{
    public void Run(ref NodeCall call)
    {
        WidgetTrusted.View review = WidgetTrusted.View.Of(call.Message);
        List<string> reasons = ReasonsOf(in review);
        List<string> details = DetailsOf(in review);
        List<(byte[] Id, byte[] Signature)> approvers = [];
        string? level = null;
        if (reasons.Count == 0)
        {
            approvers = ApproversOf(in review);
            level = LevelOf(in review, approvers.Count, details);
        }

        call.Make(Write(call.Buffer, in review, reasons, details, approvers, level));
        if (level is not null && SemanticVersion.TryParse(Encoding.UTF8.GetString(review.Version), out SemanticVersion? version, out _))
        {
            published.Add(Encoding.UTF8.GetString(review.WidgetId), version!, call.Position);
        }
    }

    private static List<string> ReasonsOf(in WidgetTrusted.View review)
    {
        ReadOnlySpan<(bool Applies, string Reason)> reasons =
        [
            (review.InvalidPublisherIdentity, WidgetRejection.InvalidPublisherIdentity),
            (review.IncompleteManifest, WidgetRejection.IncompleteManifest),
            (review.BundleIntegrityFailed, WidgetRejection.BundleIntegrityFailed),
            (review.BundleTooLarge, WidgetRejection.BundleTooLarge),
            (review.InvalidRoleDeclaration, WidgetRejection.InvalidRoleDeclaration),
            (review.VersionNotIncremented, WidgetRejection.VersionNotIncremented),
            (review.CspViolation, WidgetRejection.CspViolation),
            (review.MissingPeerDependency, WidgetRejection.MissingPeerDependency),
        ];
        List<string> applying = [];
        foreach ((bool applies, string reason) in reasons)
        {
            if (applies)
            {
                applying.Add(reason);
            }
        }

        return applying;
    }

    private static List<string> DetailsOf(in WidgetTrusted.View review)
    {
        List<string> details = [];
        AddLines(details, review.IdentityDetails);
        AddLines(details, review.ManifestDetails);
        AddLines(details, review.BundleDetails);
        if (review.InvalidRoleDeclaration)
        {
            details.Add("a required role does not exist; the roles are viewer, operator, developer, registrar, governance, admin");
        }

        if (review.VersionNotIncremented)
        {
            details.Add(review.HasLatestPublishedVersion
                ? $"the version '{Encoding.UTF8.GetString(review.Version)}' is not higher than the published "
                    + $"version {Encoding.UTF8.GetString(review.LatestPublishedVersion)}"
                : $"'{Encoding.UTF8.GetString(review.Version)}' is not a version of Semantic Versioning 2.0");
        }

        return details;
    }

    private static void AddLines(List<string> details, ReadOnlySpan<byte> lines)
    {
        if (!lines.IsEmpty)
        {
            details.AddRange(Encoding.UTF8.GetString(lines).Split('\n'));
        }
    }

    // Returns the approvers of a release, each key once, however often it signed. An approver's key must be registered for approvals, and
    // its signature must verify for this release.
    private List<(byte[] Id, byte[] Signature)> ApproversOf(in WidgetTrusted.View review)
    {
        HashSet<Hash32> counted = [];
        List<(byte[] Id, byte[] Signature)> approvers = [];
        int looked = 0;
        foreach (var approval in review.Approvals)
        {
            if (looked++ == WidgetPublishLimits.MaxApprovals)
            {
                break;
            }

            if (registry.Find(approval.ApproverId) is { Role: PublisherRole.Approver } key
                && !counted.Contains(Hash32.Of(approval.ApproverId))
                && key.HasSigned(review.ReleaseDigest, WidgetRelease.ApproveContext, approval.Signature))
            {
                _ = counted.Add(Hash32.Of(approval.ApproverId));
                approvers.Add((approval.ApproverId.ToArray(), approval.Signature.ToArray()));
            }
        }

        return approvers;
    }

    // Returns the trust level of the release: the publisher's own level or the level gained by approvals, but at most the requested level.
    private string LevelOf(in WidgetTrusted.View review, int approvals, List<string> details)
    {
        string own = Encoding.UTF8.GetString(review.PublisherTrustLevel);
        string requested = Encoding.UTF8.GetString(review.RequestedTrustLevel);
        string earned = own == WidgetTrust.Community && approvals >= required ? WidgetTrust.Verified : own;
        string level = WidgetTrust.Lower(earned, requested);
        if (level != requested)
        {
            details.Add(WidgetTrust.IsLevel(requested)
                ? string.Create(CultureInfo.InvariantCulture,
                    $"'{level}' instead of '{requested}': {approvals} valid approvals, and 'verified' requires {required}; "
                    + $"'trusted' is reserved for the organization")
                : $"'{level}', because the trust level '{requested}' does not exist");
        }

        return level;
    }

    private static int Write(
        Span<byte> room, in WidgetTrusted.View review, List<string> reasons, List<string> details,
        List<(byte[] Id, byte[] Signature)> approvers, string? level)
    {
        WidgetPublishDecision.Writer decision = WidgetPublishDecision.Write(room);
        decision.SetWidgetId(review.WidgetId);
        decision.SetVersion(review.Version);
        decision.SetPublisherId(review.PublisherId);
        decision.SetManifestHash(review.ManifestHash);
        decision.SetBundleHash(review.BundleHash);
        decision.BundleSizeBytes = review.BundleSizeBytes;
        var roles = decision.BeginRequiredRoles();
        foreach (ReadOnlySpan<byte> role in review.RequiredRoles)
        {
            roles.Add(role);
        }

        decision.EndRequiredRoles(in roles);
        decision.SetReleaseDigest(review.ReleaseDigest);
        decision.Approved = level is not null;
        if (level is not null)
        {
            decision.SetTrustLevel(level);
        }

        var listed = decision.BeginRejectionReasons();
        foreach (string reason in reasons)
        {
            listed.Add(Encoding.UTF8.GetBytes(reason));
        }

        decision.EndRejectionReasons(in listed);
        var ids = decision.BeginApproverIds();
        foreach ((byte[] id, _) in approvers)
        {
            ids.Add(id);
        }

        decision.EndApproverIds(in ids);
        var signatures = decision.BeginApproverSignatures();
        foreach ((_, byte[] signature) in approvers)
        {
            signatures.Add(signature);
        }

        decision.EndApproverSignatures(in signatures);
        if (review.HasLatestPublishedVersion)
        {
            decision.SetLatestPublishedVersion(review.LatestPublishedVersion);
        }

        var told = decision.BeginDetails();
        foreach (string detail in details)
        {
            told.Add(Encoding.UTF8.GetBytes(detail));
        }

        decision.EndDetails(in told);
        return decision.Length;
    }
}

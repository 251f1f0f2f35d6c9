using Estream.Circuits;
using Estream.Crypto;
using Estream.Marketplace.Governance;
using Estream.Marketplace.Widgets;

namespace Estream.Marketplace.Tests.Governance;

/// <summary>A publish request, valid unless the test changes it.</summary>
internal sealed record WidgetSubmission
{
    public string WidgetId { get; init; } = "@acme/impact-counter";

    public string Version { get; init; } = "1.0.0";

    public MlDsa87PrivateKey Publisher { get; init; } = WidgetKeys.Acme;

    public byte[] Manifest { get; init; } = WidgetStore.File("counter.manifest.yaml");

    public byte[] Bundle { get; init; } = WidgetStore.File("counter.js");

    public ulong? DeclaredBytes { get; init; }

    public string[] Roles { get; init; } = ["operator"];

    public string Level { get; init; } = WidgetTrust.Community;

    /// <summary>The key that signs as the publisher, if it is not the publisher's own key.</summary>
    public MlDsa87PrivateKey? Signer { get; init; }

    public IReadOnlyList<(byte[] Id, byte[] Signature)> Approvals { get; init; } = [];

    public WidgetRelease Release => new()
    {
        WidgetId = WidgetId,
        Version = Version,
        PublisherId = WidgetKeys.IdOf(Publisher),
        ManifestHash = WidgetRelease.HashOf(Manifest),
        BundleHash = WidgetRelease.HashOf(Bundle),
        BundleSizeBytes = DeclaredBytes ?? (ulong)Bundle.Length,
        RequiredRoles = Roles,
        RequestedTrustLevel = Level,
    };

    /// <summary>Returns a copy with approvals of these keys.</summary>
    public WidgetSubmission ApprovedBy(params MlDsa87PrivateKey[] approvers) =>
        this with
        {
            Approvals = [.. Approvals, .. approvers.Select(key => (WidgetKeys.IdOf(key), Signed(key, WidgetRelease.ApproveContext)))],
        };

    /// <summary>Returns a copy with another version, also in the manifest.</summary>
    public WidgetSubmission At(string version) =>
        this with { Version = version, Manifest = WidgetStore.Replaced(Manifest, "\"1.0.0\"", $"\"{version}\"") };

    public byte[] Message()
    {
        WidgetRelease release = Release;
        byte[] message = new byte[WidgetPublishLimits.MaxRequestBytes * 2];
        WidgetPublishRequest.Writer request = WidgetPublishRequest.Write(message);
        request.SetWidgetId(WidgetId);
        request.SetVersion(Version);
        request.SetPublisherId(release.PublisherId.Span);
        request.SetManifestHash(release.ManifestHash.Span);
        request.SetBundleHash(release.BundleHash.Span);
        request.BundleSizeBytes = release.BundleSizeBytes;
        var roles = request.BeginRequiredRoles();
        foreach (string role in Roles)
        {
            roles.Add(System.Text.Encoding.UTF8.GetBytes(role));
        }

        request.EndRequiredRoles(in roles);
        request.SetRequestedTrustLevel(Level);
        request.SetPublisherSignature(Signed(Signer ?? Publisher, WidgetRelease.PublishContext));
        var approvals = request.BeginApprovals();
        foreach ((byte[] id, byte[] signature) in Approvals)
        {
            var approval = approvals.Begin();
            approval.SetApproverId(id);
            approval.SetSignature(signature);
            approvals.End(in approval);
        }

        request.EndApprovals(in approvals);
        return message[..request.Length];
    }

    // Signs deterministically, so that golden vectors stay the same.
    public byte[] Signed(MlDsa87PrivateKey key, ReadOnlySpan<byte> context)
    {
        byte[] signature = new byte[MlDsa87.SignatureBytes];
        key.SignDeterministic(Release.Digest(), context, signature);
        return signature;
    }
}

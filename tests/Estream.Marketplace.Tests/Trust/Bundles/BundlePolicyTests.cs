using Estream.Marketplace.Trust.Bundles;
using Estream.Marketplace.Trust.Dsse;
using Estream.Marketplace.Trust.Releases;
using Estream.Marketplace.Trust.Roles;

namespace Estream.Marketplace.Tests.Trust.Bundles;

/// <summary>The category policy of a registry is enforced at installation, from the bytes of the bundle and the pinned root
/// alone.</summary>
public sealed class BundlePolicyTests : IDisposable
{
    private readonly BundleRig _rig = new();

    public void Dispose() => _rig.Dispose();

    [Fact]
    public async Task Policy_requires_approvals_by_distinct_reviewers()
    {
        DocumentSigner[] reviewers = _rig.Reviewers;
        _rig.Policy = Asks(2, reviewers[..2]);
        await ExpectAsync(BundleFault.Approvals, []);
        await ExpectAsync(BundleFault.Approvals, [reviewers[0]]);
        await ExpectAsync(BundleFault.Approvals, [reviewers[0], reviewers[2]]);
        await ExpectAsync(BundleFault.None, [reviewers[0], reviewers[1]]);
        await ExpectAsync(BundleFault.None, [reviewers[2], reviewers[0], reviewers[1]]);
    }

    [Fact]
    public async Task Approval_by_an_owner_of_the_namespace_does_not_count()
    {
        // The third owner has not signed the release but is still an owner.
        _rig.Policy = Asks(1, _rig.Owners[2], _rig.Owners[0], _rig.Reviewers[0]);
        await ExpectAsync(BundleFault.Approvals, [_rig.Owners[2]]);
        await ExpectAsync(BundleFault.Approvals, [_rig.Owners[0]]);
        await ExpectAsync(BundleFault.None, [_rig.Reviewers[0]]);
    }

    [Fact]
    public async Task Approval_of_another_release_or_document_type_does_not_count()
    {
        _rig.Policy = Asks(1, _rig.Reviewers[0]);
        _rig.Approvals = release =>
            DsseEnvelope.Sign(DocumentType.Approval, ReleaseApproval.Of(release with { BuildRef = "elsewhere" }).ToPayload(),
                _rig.Reviewers[0]);
        await ExpectAsync(BundleFault.Approvals);
        _rig.Approvals = release => DsseEnvelope.Sign(DocumentType.Release, release.ToPayload(), _rig.Reviewers[0]);
        await ExpectAsync(BundleFault.Approvals);
        _rig.Approvals = release => DsseEnvelope.Sign(DocumentType.Approval, ReleaseApproval.Of(release).ToPayload(), _rig.Reviewers[0]);
        await ExpectAsync(BundleFault.None);
    }

    [Fact]
    public async Task Release_of_an_unknown_category_is_rejected()
    {
        _rig.Policy = null;
        await ExpectAsync(BundleFault.Policy);
    }

    [Fact]
    public async Task Policy_not_named_by_the_snapshot_is_rejected()
    {
        _rig.Policy = Asks(1, _rig.Reviewers[0]);
        ComponentBundle strict = (await _rig.BuildAsync()).WithPackage(BundleRig.Package());
        using BundleRig other = new();
        ComponentBundle loose = (await other.BuildAsync()).WithPackage(BundleRig.Package());
        Assert.Equal(BundleFault.Approvals, _rig.Verifier().Verify(strict.Encode()).Fault);
        Assert.Equal(BundleFault.None, _rig.Verifier().Verify(loose.Encode()).Fault);

        // A validly signed policy with fewer requirements replaces the policy that the snapshot names.
        Assert.Equal(BundleFault.Policy,
            _rig.Verifier().Verify(With(strict, BundlePart.Targets, loose[BundlePart.Targets]).Encode()).Fault);
        Assert.Equal(BundleFault.Policy,
            _rig.Verifier().Verify(With(strict, BundlePart.Targets, strict[BundlePart.Snapshot]).Encode()).Fault);
    }

    [Fact]
    public async Task Policy_with_another_version_or_role_or_expired_is_rejected()
    {
        _rig.Targets = targets => targets with { Version = 4 };
        await ExpectAsync(BundleFault.Policy);
        _rig.Targets = targets => targets with { Role = "industrial", Categories = new Dictionary<string, CategoryPolicy>() };
        await ExpectAsync(BundleFault.Policy);
        _rig.Targets = targets => targets with { Expires = _rig.Clock.Now };
        await ExpectAsync(BundleFault.Policy);
        _rig.Targets = targets => targets with { Expires = _rig.Clock.Now.AddSeconds(1) };
        await ExpectAsync(BundleFault.None);
    }

    private static CategoryPolicy Asks(int approvals, params DocumentSigner[] reviewers) =>
        new(approvals, [.. reviewers.Select(reviewer => reviewer.Key)], TrustTier.Verified);

    private static ComponentBundle With(ComponentBundle bundle, BundlePart part, ReadOnlyMemory<byte> content) =>
        ComponentBundle.Create(Enum.GetValues<BundlePart>().ToDictionary(one => one, one => one == part ? content : bundle[one]));

    private Task ExpectAsync(BundleFault fault, DocumentSigner[] approvers)
    {
        _rig.Approvals = release => DsseEnvelope.Sign(DocumentType.Approval, ReleaseApproval.Of(release).ToPayload(), approvers);
        return ExpectAsync(fault);
    }

    // Uses a new registry for each case, because one registry can publish a version only once.
    private async Task ExpectAsync(BundleFault fault)
    {
        using BundleRig rig = new() { Policy = _rig.Policy, Approvals = _rig.Approvals, Targets = _rig.Targets };
        BundleVerdict verdict = rig.Verifier().Verify((await rig.BuildAsync()).WithPackage(BundleRig.Package()).Encode());
        Assert.True(verdict.Fault == fault, $"{verdict.Fault}: {verdict.Reason}");
    }
}

using Estream.Marketplace.Tests.Trust.Roles;
using Estream.Marketplace.Trust.Dsse;
using Estream.Marketplace.Trust.Releases;
using Estream.Marketplace.Trust.Roles;

namespace Estream.Marketplace.Tests.Trust.Releases;

/// <summary>Approvals are signatures over the release digest, counted by distinct keys of the reviewers in the policy.</summary>
public sealed class ReleaseApprovalTests : IDisposable
{
    private readonly RegistryRig _rig = new();
    private readonly DocumentSigner _author = DocumentSigner.Generate();
    private readonly DocumentSigner[] _reviewers = [DocumentSigner.Generate(), DocumentSigner.Generate(), DocumentSigner.Generate()];
    private readonly ReleaseStatement _statement = new() { Package = ReleaseVerifierTests.Package };
    private readonly ReleaseOutcome _release;

    public ReleaseApprovalTests()
    {
        _release = ReleaseVerifier.Verify(_statement.Sign(_author), ReleaseVerifierTests.Package, [_author.Key], 1);
    }

    public void Dispose()
    {
        _rig.Dispose();
        _author.Dispose();
        Array.ForEach(_reviewers, reviewer => reviewer.Dispose());
    }

    [Fact]
    public async Task Release_needs_the_number_of_approvals_in_the_policy()
    {
        TrustedRoles roles = await RolesAsync(2, _reviewers.Take(2));
        byte[] first = Approval(_reviewers[0]), second = Approval(_reviewers[1]), stranger = Approval(_reviewers[2]);
        Assert.Null(Missing(roles, first, second));
        Assert.Null(Missing(roles, Approval(_reviewers[0], _reviewers[1])));
        Assert.Contains("0 of the 2", Missing(roles)!.Reason, StringComparison.Ordinal);
        Assert.Contains("1 of the 2", Missing(roles, first)!.Reason, StringComparison.Ordinal);
        Assert.Contains("1 of the 2", Missing(roles, first, Approval(_reviewers[0]), first)!.Reason, StringComparison.Ordinal);
        Assert.Contains("1 of the 2", Missing(roles, first, stranger)!.Reason, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Approval_of_another_release_does_not_count()
    {
        TrustedRoles roles = await RolesAsync(1, _reviewers);
        ReleaseStatement other = _statement with { Package = ReleaseVerifierTests.Package with { Root256 = new string('8', 64) } };
        Assert.Equal(ReleaseFaultKind.Approvals, Missing(roles, ReleaseApproval.Of(other).Sign(_reviewers[0]))!.Kind);
        Assert.Null(Missing(roles, Approval(_reviewers[0])));
    }

    [Fact]
    public async Task Release_signature_and_approval_by_its_author_do_not_count()
    {
        TrustedRoles roles = await RolesAsync(1, [_author, _reviewers[0]]);
        Assert.Equal(ReleaseFaultKind.Approvals, Missing(roles, _statement.Sign(_reviewers[0]))!.Kind);
        Assert.Equal(ReleaseFaultKind.Approvals, Missing(roles, Approval(_author))!.Kind);
        Assert.Null(Missing(roles, Approval(_author, _reviewers[0])));
    }

    [Fact]
    public async Task Invalid_approvals_are_ignored_up_to_the_document_limit()
    {
        TrustedRoles roles = await RolesAsync(1, _reviewers);
        byte[] broken = Approval(_reviewers[0]);
        broken[^40] ^= 1;
        Assert.Equal(ReleaseFaultKind.Approvals,
            Missing(roles, broken, [], "{}"u8.ToArray(), DsseEnvelope.Sign(DocumentType.Approval, "{}"u8, _reviewers[0]).ToJson())!.Kind);
        byte[][] many = [.. Enumerable.Repeat("{}"u8.ToArray(), ReleaseApproval.MaxDocuments), Approval(_reviewers[0])];
        Assert.Equal(ReleaseFaultKind.Approvals, Missing(roles, many)!.Kind);
        Assert.Null(Missing(roles, many[1..]));
    }

    [Fact]
    public async Task Category_without_a_policy_is_not_installed()
    {
        TrustedRoles roles = await RolesAsync(0, []);
        Assert.Null(Missing(roles));
        ReleaseStatement skill = _statement with { Package = ReleaseVerifierTests.Package with { Category = "skill" } };
        ReleaseOutcome outcome = ReleaseVerifier.Verify(skill.Sign(_author), skill.Package, [_author.Key], 1);
        Assert.Equal(ReleaseFaultKind.Category, ReleaseApproval.Missing(outcome, [], roles)!.Kind);
        ReleaseOutcome refused = ReleaseVerifier.Verify([], skill.Package, [_author.Key], 1);
        Assert.Throws<ArgumentException>(() => ReleaseApproval.Missing(refused, [], roles));
    }

    [Fact]
    public async Task Policy_that_requires_more_approvals_than_reviewers_is_rejected()
    {
        _rig.Targets = _rig.Targets with
        {
            Categories = new Dictionary<string, CategoryPolicy> { ["app"] = new(2, [_reviewers[0].Key], TrustTier.Core) },
        };
        _rig.Publish();
        Assert.Contains("requires 2 of 1", (await _rig.RefusedAsync(RoleFaultKind.Malformed)).Reason, StringComparison.Ordinal);
    }

    private byte[] Approval(params DocumentSigner[] reviewers) => ReleaseApproval.Of(_statement).Sign(reviewers);

    private ReleaseFault? Missing(TrustedRoles roles, params byte[][] documents) =>
        ReleaseApproval.Missing(_release, documents.Select(document => (ReadOnlyMemory<byte>)document), roles);

    private async Task<TrustedRoles> RolesAsync(int approvals, IEnumerable<DocumentSigner> reviewers)
    {
        _rig.Targets = _rig.Targets with
        {
            Categories = new Dictionary<string, CategoryPolicy>
            {
                ["wire-adapter"] = new(approvals, [.. reviewers.Select(reviewer => reviewer.Key)], TrustTier.Verified),
            },
        };
        _rig.Publish();
        return await _rig.RefreshAsync();
    }
}

using Estream.Crypto;
using Estream.Marketplace.Publishing;
using Estream.Marketplace.Registries;
using Estream.Marketplace.Tests.Publishing;
using Estream.Marketplace.Trust.Dsse;
using Estream.Marketplace.Trust.Releases;
using Estream.Marketplace.Trust.Roles;

namespace Estream.Marketplace.Tests.Governance;

/// <summary>A release that needs approval is published only when enough distinct reviewers of the signed policy have signed its
/// digest.</summary>
public sealed class ApprovalFlowTests : IDisposable
{
    private readonly DocumentSigner[] _reviewers = [DocumentSigner.Generate(), DocumentSigner.Generate(), DocumentSigner.Generate()];

    public void Dispose() => Array.ForEach(_reviewers, reviewer => reviewer.Dispose());

    [Fact]
    public async Task Release_is_published_with_its_last_missing_approval()
    {
        using OperatorRig rig = await OperatorRig.CreateAsync();
        using RegistryOperator registry = await rig.OpenAsync();
        await rig.AskAsync(registry, "theme", 2, _reviewers);
        SignedRelease release = rig.Sign(OperatorRig.Package());
        await PipelineTests.AssertWaitsAsync(registry, await registry.PublishAsync(release, null, CancellationToken.None));
        PublishedRelease first = await ApproveAsync(registry, release, _reviewers[0]);
        await PipelineTests.AssertWaitsAsync(registry, first);
        Assert.Contains("1 of 2 reviewers", Assert.Single(first.Decision!.Reasons), StringComparison.Ordinal);

        // Approves again with the same key.
        await PipelineTests.AssertWaitsAsync(registry, await ApproveAsync(registry, release, _reviewers[0]));
        Assert.Equal(PublishOutcome.Published, (await ApproveAsync(registry, release, _reviewers[2])).Result.Outcome);
        Assert.True((await rig.VerifyAsync(registry, "1.0.0")).IsAccepted);
        Assert.Empty(registry.Pending());
        EstreamRegistryException unknown = await Assert.ThrowsAsync<EstreamRegistryException>(() =>
            ApproveAsync(registry, rig.Sign(OperatorRig.Package("1.0.1")), _reviewers[1]));
        Assert.Equal(RegistryFault.NotFound, unknown.Fault);
    }

    [Fact]
    public async Task Key_with_two_ids_counts_as_one_reviewer()
    {
        using OperatorRig rig = await OperatorRig.CreateAsync();
        using RegistryOperator registry = await rig.OpenAsync();
        using DocumentSigner alone = new(MlDsa87PrivateKey.ImportSeed(Seed)),
            twin = new(MlDsa87PrivateKey.ImportSeed(Seed), Ed25519PrivateKey.Generate());
        Assert.NotEqual(alone.Key.Id, twin.Key.Id);

        // A policy that lists one key twice is not valid.
        await Assert.ThrowsAsync<EstreamRegistryException>(() => rig.AskAsync(registry, "theme", 2, alone, twin));
        await Assert.ThrowsAsync<EstreamRegistryException>(() => rig.AskAsync(registry, "theme", 4, _reviewers));
        await rig.AskAsync(registry, "theme", 2, alone, _reviewers[0]);
        SignedRelease release = rig.Sign(OperatorRig.Package());
        await registry.PublishAsync(release, null, CancellationToken.None);
        await PipelineTests.AssertWaitsAsync(registry, await ApproveAsync(registry, release, alone, twin));
        await PipelineTests.AssertWaitsAsync(registry, await ApproveAsync(registry, release, twin));
        Assert.Equal(PublishOutcome.Published, (await ApproveAsync(registry, release, _reviewers[0])).Result.Outcome);
    }

    [Fact]
    public async Task Approval_is_refused_from_unlisted_reviewers_and_from_owners()
    {
        using OperatorRig rig = await OperatorRig.CreateAsync();
        using RegistryOperator registry = await rig.OpenAsync();
        await rig.AskAsync(registry, "theme", 1, rig.Owner, _reviewers[0]);
        SignedRelease release = rig.Sign(OperatorRig.Package());
        await registry.PublishAsync(release, null, CancellationToken.None);
        string keys = Path.Combine(rig.Folder, "keys");
        using DocumentSigner log = DocumentSigner.Load(Path.Combine(keys, "log.key")),
            snapshot = DocumentSigner.Load(Path.Combine(keys, "snapshot.key")),
            targets = DocumentSigner.Load(Path.Combine(keys, "targets.key"));
        foreach (DocumentSigner nobody in (DocumentSigner[])[rig.Owner, rig.Stranger, _reviewers[1], log, snapshot, targets])
        {
            EstreamRegistryException refused =
                await Assert.ThrowsAsync<EstreamRegistryException>(() => ApproveAsync(registry, release, nobody));
            Assert.Equal(RegistryFault.Forbidden, refused.Fault);
        }

        // An envelope of another type is not an approval, nor is an approval of another release.
        await Assert.ThrowsAsync<EstreamRegistryException>(() =>
            registry.ApproveAsync(release.Statement.Sign(_reviewers[0]), null, CancellationToken.None));
        await Assert.ThrowsAsync<EstreamRegistryException>(() =>
            ApproveAsync(registry, rig.Sign(OperatorRig.Package(style: "b {}")), _reviewers[0]));
        Assert.Single(registry.Pending());
        Assert.Equal(PublishOutcome.Published, (await ApproveAsync(registry, release, rig.Owner, _reviewers[0])).Result.Outcome);
    }

    [Fact]
    public async Task Owner_named_as_reviewer_by_the_policy_is_not_counted()
    {
        using OperatorRig rig = await OperatorRig.CreateAsync();
        using RegistryOperator registry = await rig.OpenAsync();
        await rig.AskAsync(registry, "theme", 2, rig.Owner, _reviewers[0], _reviewers[1]);
        SignedRelease release = rig.Sign(OperatorRig.Package());
        await registry.PublishAsync(release, null, CancellationToken.None);
        PublishedRelease waits = await ApproveAsync(registry, release, rig.Owner, _reviewers[0]);
        await PipelineTests.AssertWaitsAsync(registry, waits);
        Assert.Equal((1, 2), (waits.Decision!.Approvals, waits.Decision.ApprovalsRequired));
        Assert.Equal(PublishOutcome.Published, (await ApproveAsync(registry, release, _reviewers[1])).Result.Outcome);
    }

    [Fact]
    public async Task Approval_applies_to_one_content_and_skips_no_check()
    {
        TestScanner scanner = new();
        using OperatorRig rig = await OperatorRig.CreateAsync();
        using RegistryOperator registry = await rig.OpenAsync(new Estream.Marketplace.Governance.PublishOptions { Scanners = [scanner] });
        await rig.AskAsync(registry, "theme", 1, _reviewers);
        SignedRelease good = rig.Sign(OperatorRig.Package()), other = rig.Sign(OperatorRig.Package(style: "b {}"));
        await registry.PublishAsync(good, null, CancellationToken.None);
        await registry.PublishAsync(other, null, CancellationToken.None);
        scanner.Does = (_, _) => throw new InvalidOperationException("no memory");
        await PipelineTests.AssertWaitsAsync(registry, await ApproveAsync(registry, good, _reviewers[0]));
        scanner.Does = (_, _) => Task.FromResult<string?>(null);
        IReadOnlyList<PublishedRelease> decided = await registry.DecideAgainAsync(null, CancellationToken.None);
        Assert.Equal(PublishOutcome.Published, Assert.Single(decided, one => one.Digest == good.Statement.Digest()).Result.Outcome);
        Assert.Equal(good.Package.Identity.Root256,
            Assert.Single(await registry.Registry.ListAsync(good.Manifest.Name, CancellationToken.None)).Root256);

        // Another release with other content was published as this version, so the pending release of the same version is removed.
        Assert.Equal(PublishOutcome.Pending, Assert.Single(decided, one => one.Digest == other.Statement.Digest()).Result.Outcome);
        await registry.DecideAgainAsync(null, CancellationToken.None);
        Assert.Empty(registry.Pending());
    }

    [Fact]
    public async Task Policy_signed_with_an_online_key_is_ignored()
    {
        using OperatorRig rig = await OperatorRig.CreateAsync();
        using RegistryOperator registry = await rig.OpenAsync();
        await rig.AskAsync(registry, "theme", 1, _reviewers);
        using DocumentSigner snapshot = DocumentSigner.Load(Path.Combine(rig.Folder, "keys", "snapshot.key"));
        EstreamRegistryException refused = await Assert.ThrowsAsync<EstreamRegistryException>(() =>
            registry.ChangePolicyAsync(before => before with { Categories = new Dictionary<string, CategoryPolicy>() }, [snapshot],
                CancellationToken.None));
        Assert.Equal(RegistryFault.Forbidden, refused.Fault);
        Assert.Equal(1, (await registry.ReadPolicyAsync(CancellationToken.None)).Categories["theme"].Approvals);

        // A category that the policy does not name cannot be published.
        using DocumentSigner targets = DocumentSigner.Load(Path.Combine(rig.Folder, "keys", "targets.key"));
        await registry.ChangePolicyAsync(
            before => before with { Categories = before.Categories.Where(pair => pair.Key != "theme").ToDictionary() }, [targets],
            CancellationToken.None);
        Assert.Contains("does not name the category theme",
            (await Assert.ThrowsAsync<EstreamRegistryException>(() =>
                registry.PublishAsync(rig.Sign(OperatorRig.Package()), null, CancellationToken.None))).Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Client_requires_the_approvals_at_install()
    {
        using OperatorRig rig = await OperatorRig.CreateAsync();
        using RegistryOperator registry = await rig.OpenAsync();
        SignedRelease release = rig.Sign(OperatorRig.Package());
        await registry.PublishAsync(release, null, CancellationToken.None);
        string bundle = Path.Combine(rig.Folder, "public", "bundles", "@acme", "card", "1.0.0.escb");
        byte[] before = File.ReadAllBytes(bundle);

        // The policy now requires an approval. Existing bundles stay valid until they are too old, but are not renewed.
        await rig.AskAsync(registry, "theme", 1, _reviewers);
        RegistryRenewal renewal = await registry.RenewAsync(CancellationToken.None);
        Assert.Equal(0, renewal.Bundles);
        string refused = Assert.Single(renewal.Refused);
        Assert.Contains("0 of the 1 reviewers", refused, StringComparison.Ordinal);

        // The message advises the operator to get an approval; a client's message would say not to install the release.
        Assert.EndsWith(". Have reviewers approve it: estream marketplace approve @acme/card@1.0.0.", refused, StringComparison.Ordinal);
        Assert.DoesNotContain("Do not install", refused, StringComparison.Ordinal);
        Assert.Equal(before, File.ReadAllBytes(bundle));
        Assert.Equal(PublishOutcome.Unchanged, (await ApproveAsync(registry, release, _reviewers[0])).Result.Outcome);
        Assert.Equal(1, (await registry.RenewAsync(CancellationToken.None)).Bundles);
        Assert.NotEqual(before, File.ReadAllBytes(bundle));
        Assert.True((await rig.VerifyAsync(registry, "1.0.0")).IsAccepted);
    }

    private static byte[] Seed => [.. Enumerable.Repeat((byte)7, MlDsa87.SeedBytes)];

    private static Task<PublishedRelease> ApproveAsync(RegistryOperator registry, SignedRelease release,
        params DocumentSigner[] reviewers) =>
        registry.ApproveAsync(ReleaseApproval.Of(release.Statement).Sign(reviewers), null, CancellationToken.None);
}

using Estream.Core;
using Estream.Marketplace.Governance;
using Estream.Marketplace.Publishing;
using Estream.Marketplace.Registries;
using Estream.Marketplace.Tests.Publishing;
using Estream.Marketplace.Trust.Dsse;
using Estream.Marketplace.Trust.Releases;

namespace Estream.Marketplace.Tests.Governance;

/// <summary>Attacks with a stolen key: a patch with more permissions, many releases, or a version inserted before another.</summary>
public sealed class ReleaseChangesTests : IDisposable
{
    private readonly DocumentSigner _reviewer = DocumentSigner.Generate();

    public void Dispose() => _reviewer.Dispose();

    [Theory]
    [InlineData("\"network:example.org\"", "", "may network:example.org")]
    [InlineData("", "\"@other/base\" = \"^1.0.0\"", "needs @other/base")]
    public async Task Patch_with_a_new_dependency_or_permission_needs_review(string permissions, string dependencies, string told)
    {
        using OperatorRig rig = await OperatorRig.CreateAsync();
        using RegistryOperator registry = await rig.OpenAsync();
        await rig.AskAsync(registry, "skill", 0, _reviewer);
        await PublishedAsync(registry, rig.Sign(OperatorRig.Skill("1.0.0")));
        SignedRelease patch = rig.Sign(OperatorRig.Skill("1.0.1", permissions, dependencies));
        PublishedRelease waits = await registry.PublishAsync(patch, null, CancellationToken.None);
        await PipelineTests.AssertWaitsAsync(registry, waits);
        Assert.Contains(waits.Decision!.Reasons, reason => reason.Contains(told, StringComparison.Ordinal));

        // A pre-release of the patch needs review too; a minor version does not.
        await PipelineTests.AssertWaitsAsync(registry,
            await registry.PublishAsync(rig.Sign(OperatorRig.Skill("1.0.1-rc.1", permissions, dependencies)), null,
                CancellationToken.None));
        Assert.Equal(PublishOutcome.Published,
            (await registry.ApproveAsync(ReleaseApproval.Of(patch.Statement).Sign(_reviewer), null,
                CancellationToken.None)).Result.Outcome);
        await PublishedAsync(registry, rig.Sign(OperatorRig.Skill("1.0.2", permissions, dependencies)));
        await PublishedAsync(registry, rig.Sign(OperatorRig.Skill("1.1.0", "\"network\"", dependencies)));
    }

    [Fact]
    public async Task Patch_without_additions_needs_no_review()
    {
        using OperatorRig rig = await OperatorRig.CreateAsync();
        using RegistryOperator registry = await rig.OpenAsync();
        await PublishedAsync(registry, rig.Sign(OperatorRig.Skill("1.0.0", "\"network:example.org\", \"fs:tmp\"")));
        await PublishedAsync(registry, rig.Sign(OperatorRig.Skill("1.0.1", "\"fs:tmp\"")));

        // Permissions that a patch dropped cannot return in the next patch without review.
        await PipelineTests.AssertWaitsAsync(registry,
            await registry.PublishAsync(rig.Sign(OperatorRig.Skill("1.0.2", "\"network:example.org\", \"fs:tmp\"")), null,
                CancellationToken.None));
    }

    [Fact]
    public async Task Release_is_pending_when_its_predecessor_cannot_be_compared()
    {
        using OperatorRig rig = await OperatorRig.CreateAsync();
        using RegistryOperator registry = await rig.OpenAsync();
        await PublishedAsync(registry, rig.Sign(OperatorRig.Skill("1.0.0")));
        await PublishedAsync(registry, rig.Sign(OperatorRig.Skill("2.0.0", "\"network\"")));
        string bundles = Path.Combine(rig.Folder, "public", "bundles", "@acme", "card");

        // An attacker with write access to the served files gives 1.0.0 the permissions of 2.0.0.
        byte[] real = File.ReadAllBytes(Path.Combine(bundles, "1.0.0.escb"));
        File.Copy(Path.Combine(bundles, "2.0.0.escb"), Path.Combine(bundles, "1.0.0.escb"), overwrite: true);
        SignedRelease patch = rig.Sign(OperatorRig.Skill("1.0.1"));
        PublishedRelease waits = await registry.PublishAsync(patch, null, CancellationToken.None);
        await PipelineTests.AssertWaitsAsync(registry, waits);
        Assert.Equal(CheckOutcome.Error, Assert.Single(waits.Decision!.Checks, check => check.Name == ReleaseChecks.Changes).Outcome);
        File.WriteAllBytes(Path.Combine(bundles, "1.0.0.escb"), real);
        Assert.Equal(PublishOutcome.Published, Assert.Single(await registry.DecideAgainAsync(null, CancellationToken.None)).Result.Outcome);
    }

    [Fact]
    public async Task Releases_above_the_daily_limit_are_pending()
    {
        using OperatorRig rig = await OperatorRig.CreateAsync();
        using (RegistryOperator registry = await rig.OpenAsync(new PublishOptions { MostADay = 2 }))
        {
            await rig.AskAsync(registry, "theme", 0, _reviewer);
            await PublishedAsync(registry, rig.Sign(OperatorRig.Package("1.0.0")));
            await PublishedAsync(registry, rig.Sign(OperatorRig.Package("1.1.0", name: "@acme/board")));
        }

        using RegistryOperator opened = await rig.OpenAsync(new PublishOptions { MostADay = 2 });
        SignedRelease third = rig.Sign(OperatorRig.Package("1.2.0")), fourth = rig.Sign(OperatorRig.Package("1.3.0"));
        PublishedRelease waits = await opened.PublishAsync(third, null, CancellationToken.None);
        await PipelineTests.AssertWaitsAsync(opened, waits);
        Assert.Contains(waits.Decision!.Reasons,
            reason => reason.Contains("has published 2 releases in 24 hours", StringComparison.Ordinal));
        Assert.Equal(PublishOutcome.Published,
            (await opened.ApproveAsync(ReleaseApproval.Of(third.Statement).Sign(_reviewer), null, CancellationToken.None)).Result.Outcome);
        await PipelineTests.AssertWaitsAsync(opened, await opened.PublishAsync(fourth, null, CancellationToken.None));

        // Setting the clock back does not lift the limit. More than 24 hours after the publications, they no longer count.
        rig.Clock.Now = rig.Clock.Now.AddHours(-2);
        await PipelineTests.AssertWaitsAsync(opened, Assert.Single(await opened.DecideAgainAsync(null, CancellationToken.None)));
        rig.Clock.Now = rig.Clock.Now.AddHours(26).AddSeconds(1);
        Assert.Equal(PublishOutcome.Published, Assert.Single(await opened.DecideAgainAsync(null, CancellationToken.None)).Result.Outcome);
    }

    [Fact]
    public async Task Damaged_rate_limit_file_publishes_nothing()
    {
        using OperatorRig rig = await OperatorRig.CreateAsync();
        using RegistryOperator registry = await rig.OpenAsync();
        await PublishedAsync(registry, rig.Sign(OperatorRig.Package("1.0.0")));
        string pace = Path.Combine(rig.Folder, "pace.json");
        byte[] whole = File.ReadAllBytes(pace);
        File.WriteAllText(pace, "{}");
        SignedRelease next = rig.Sign(OperatorRig.Package("1.1.0"));
        EstreamCorruptionException damaged =
            await Assert.ThrowsAsync<EstreamCorruptionException>(() => registry.PublishAsync(next, null, CancellationToken.None));
        Assert.Contains("pace.json", damaged.Message, StringComparison.Ordinal);
        Assert.Equal(-1, registry.Namespaces.FindVersion(next.Manifest.Name, next.Manifest.Version));
        File.WriteAllBytes(pace, whole);
        await PublishedAsync(registry, next);
    }

    [Fact]
    public async Task Version_must_be_higher_in_its_major_line_only()
    {
        using OperatorRig rig = await OperatorRig.CreateAsync();
        using RegistryOperator registry = await rig.OpenAsync();
        foreach (string version in (string[])["1.0.0", "1.2.0", "2.0.0-rc.1", "2.0.0", "1.2.1"])
        {
            await PublishedAsync(registry, rig.Sign(OperatorRig.Package(version)));
        }

        foreach (string version in (string[])["1.1.9", "1.2.1+other", "2.0.0-rc.2", "1.2.1-rc.1"])
        {
            EstreamRegistryException refused = await Assert.ThrowsAsync<EstreamRegistryException>(() =>
                registry.PublishAsync(rig.Sign(OperatorRig.Package(version)), null, CancellationToken.None));
            Assert.Contains($"{version} is not higher than", refused.Message, StringComparison.Ordinal);
            Assert.Equal(RegistryFault.Forbidden, refused.Fault);
        }

        Assert.Empty(registry.Pending());
        await PublishedAsync(registry, rig.Sign(OperatorRig.Package("1.3.0")));
    }

    private static async Task PublishedAsync(RegistryOperator registry, SignedRelease release)
    {
        PublishedRelease published = await registry.PublishAsync(release, null, CancellationToken.None);
        Assert.True(published.Result.Outcome == PublishOutcome.Published, string.Join('\n', published.Decision!.Reasons));
    }
}

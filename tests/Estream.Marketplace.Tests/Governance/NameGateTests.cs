using Estream.Marketplace.Publishing;
using Estream.Marketplace.Registries;
using Estream.Marketplace.Tests.Publishing;
using Estream.Marketplace.Trust.Dsse;
using Estream.Marketplace.Trust.Namespaces;
using Estream.Marketplace.Trust.Releases;

namespace Estream.Marketplace.Tests.Governance;

/// <summary>A new component whose name resembles one of another owner is published only after a reviewer approved it.</summary>
public sealed class NameGateTests : IDisposable
{
    private readonly DocumentSigner _reviewer = DocumentSigner.Generate();

    public void Dispose() => _reviewer.Dispose();

    [Theory]
    [InlineData("@acrne/card", "'@acrne/card' looks like @acme/card")]
    [InlineData("@ac-me/board", "the scope '@ac-me' looks like that of @acme/card")]
    public async Task First_version_with_a_similar_name_is_pending_and_names_the_other(string name, string expected)
    {
        using OperatorRig rig = await OperatorRig.CreateAsync();
        using RegistryOperator registry = await rig.OpenAsync();
        await PublishedAsync(registry, rig.Sign(OperatorRig.Package()));
        await ClaimAsync(rig, registry, name);

        // The policy requires no approvals, but the release is pending because of its name.
        await rig.AskAsync(registry, "theme", 0, _reviewer);
        SignedRelease first = Sign(rig, OperatorRig.Package(name: name)), second = Sign(rig, OperatorRig.Package("1.0.1", name: name));
        PublishedRelease waits = await registry.PublishAsync(first, null, CancellationToken.None);
        await PipelineTests.AssertWaitsAsync(registry, waits);
        Assert.Contains(waits.Decision!.Reasons, reason => reason.Contains(expected, StringComparison.Ordinal));
        Assert.Contains(waits.Decision.Reasons, reason => reason.StartsWith("0 of 1 reviewers have approved", StringComparison.Ordinal));
        await PipelineTests.AssertWaitsAsync(registry, Assert.Single(await registry.DecideAgainAsync(null, CancellationToken.None)));

        // Another version of a pending component is still a first version.
        await PipelineTests.AssertWaitsAsync(registry, await registry.PublishAsync(second, null, CancellationToken.None));
        Assert.Equal(PublishOutcome.Published,
            (await registry.ApproveAsync(ReleaseApproval.Of(first.Statement).Sign(_reviewer), null,
                CancellationToken.None)).Result.Outcome);
        await PublishedAsync(registry, second);
        await PublishedAsync(registry, rig.Sign(OperatorRig.Package("1.0.1")));
    }

    [Fact]
    public async Task Name_one_letter_from_a_popular_component_is_pending()
    {
        using OperatorRig rig = await OperatorRig.CreateAsync();
        using RegistryOperator registry = await rig.OpenAsync();
        await PublishedAsync(registry, rig.Sign(OperatorRig.Package()));
        await ClaimAsync(rig, registry, "@acmi/card");
        await ClaimAsync(rig, registry, "@acne/card");
        await ClaimAsync(rig, registry, "@other/answers");

        // Dependencies within one namespace do not make a component popular.
        await PublishedAsync(registry, rig.Sign(OperatorRig.Skill(name: "@acme/answers", dependencies: "\"@acme/card\" = \"^1\"")));
        await PublishedAsync(registry, Sign(rig, OperatorRig.Package(name: "@acmi/card")));
        await PublishedAsync(registry, Sign(rig, OperatorRig.Skill(name: "@other/answers", dependencies: "\"@acme/card\" = \"^1\"")));
        PublishedRelease waits =
            await registry.PublishAsync(Sign(rig, OperatorRig.Package(name: "@acne/card")), null, CancellationToken.None);
        await PipelineTests.AssertWaitsAsync(registry, waits);
        Assert.Contains(waits.Decision!.Reasons,
            reason => reason.Contains("'@acne/card' differs by one letter from @acme/card", StringComparison.Ordinal));
    }

    [Fact]
    public async Task Similar_names_of_one_owner_and_equal_words_in_other_scopes_are_published()
    {
        using OperatorRig rig = await OperatorRig.CreateAsync();
        using RegistryOperator registry = await rig.OpenAsync();
        await ClaimAsync(rig, registry, "@other/card");
        foreach (string name in (string[])["@acme/card", "@acme/cards", "@acme/c-ard", "@acme/carcl"])
        {
            await PublishedAsync(registry, rig.Sign(OperatorRig.Package(name: name)));
        }

        await PublishedAsync(registry, Sign(rig, OperatorRig.Package(name: "@other/card")));
    }

    private static SignedRelease Sign(OperatorRig rig, Estream.Marketplace.Packages.Package package) =>
        SignedRelease.Sign(package, null, null, rig.Stranger);

    private static Task ClaimAsync(OperatorRig rig, RegistryOperator registry, string component) => registry.SubmitAsync(
        new NamespaceRecord(NamespaceName.Of(ComponentName.Parse(component)), 1, [rig.Stranger.Key], 1,
            rig.Clock.Now.AddYears(1)).Sign(rig.Stranger).ToJson(), CancellationToken.None);

    private static async Task PublishedAsync(RegistryOperator registry, SignedRelease release)
    {
        PublishedRelease published = await registry.PublishAsync(release, null, CancellationToken.None);
        Assert.True(published.Result.Outcome == PublishOutcome.Published, string.Join('\n', published.Decision?.Reasons ?? []));
    }
}

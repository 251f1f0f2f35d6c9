using Estream.Esf.Schema;
using Estream.Marketplace.Registries;
using static Estream.Marketplace.Tests.Registries.SampleReleases;

namespace Estream.Marketplace.Tests.Registries;

/// <summary>The contract of every registry that can be published to.</summary>
public abstract class RegistryContract
{
    private static readonly CancellationToken s_none = CancellationToken.None;

    /// <summary>Opens the registry again, as another client does.</summary>
    private protected abstract IComponentRegistry Open();

    [Fact]
    public async Task Published_release_is_listed_and_fetched_unchanged()
    {
        RegistryPublication[] all =
            [Of(Card, "1.10.0"), Of(Card, "1.9.0"), Of(Card, "2.0.0-rc.1"), Of(Card, "1.9.0+linux"), Of(Iot, "1.2.3")];
        foreach (RegistryPublication publication in all)
        {
            Assert.Equal(PublishOutcome.Published, (await Open().PublishAsync(publication, s_none)).Outcome);
        }

        IComponentRegistry registry = Open();
        IReadOnlyList<RegistryRelease> listed = await registry.ListAsync(Card, s_none);
        Assert.Equal(["1.9.0", "1.9.0+linux", "1.10.0", "2.0.0-rc.1"], listed.Select(release => release.Version.ToString()));
        foreach (RegistryPublication publication in all)
        {
            RegistryRelease release = Assert.Single(await registry.ListAsync(publication.Release.Name, s_none),
                one => one.Version == publication.Release.Version);
            Assert.Equal(publication.Release.Encode(), release.Encode());
            Assert.Equal(publication.Package.ToArray(), await registry.ReadPackageAsync(release, s_none));
            Assert.Equal(publication.Bundle.ToArray(), await registry.ReadBundleAsync(release, s_none));
        }

        Assert.Equal([Card, Iot], await registry.SearchAsync("", 10, s_none));
        Assert.Equal([Iot], await registry.SearchAsync("IOT", 10, s_none));
        Assert.Single(await registry.SearchAsync("", 1, s_none));
    }

    [Fact]
    public async Task Published_version_cannot_be_replaced()
    {
        RegistryPublication first = Of(Card, "1.0.0");
        await Open().PublishAsync(first, s_none);
        Assert.Equal(PublishOutcome.Unchanged, (await Open().PublishAsync(first, s_none)).Outcome);
        EstreamRegistryException error =
            await Assert.ThrowsAsync<EstreamRegistryException>(() => Open().PublishAsync(Of(Card, "1.0.0", "with more"), s_none).AsTask());
        Assert.Equal(RegistryFault.AlreadyPublished, error.Fault);
        RegistryRelease release = Assert.Single(await Open().ListAsync(Card, s_none));
        Assert.Equal(first.Package.ToArray(), await Open().ReadPackageAsync(release, s_none));
    }

    [Fact]
    public async Task Yank_and_deprecation_are_set_and_undone()
    {
        await Open().PublishAsync(Of(Card, "1.0.0"), s_none);
        SemanticVersion version = SemanticVersion.Parse("1.0.0");
        RegistryRelease original = Assert.Single(await Open().ListAsync(Card, s_none));
        Assert.Equal(PublishOutcome.Published, (await Open().YankAsync(Card, version, "It loses messages.", s_none)).Outcome);
        Assert.Equal(PublishOutcome.Unchanged, (await Open().YankAsync(Card, version, "It loses messages.", s_none)).Outcome);
        await Open().DeprecateAsync(Card, version, "Use 2.", s_none);
        RegistryRelease marked = Assert.Single(await Open().ListAsync(Card, s_none));
        Assert.Equal(original with { YankReason = "It loses messages.", Deprecation = "Use 2." }, marked);

        // The package and the bundle of a yanked release can still be fetched.
        Assert.NotEmpty(await Open().ReadPackageAsync(marked, s_none));
        Assert.NotEmpty(await Open().ReadBundleAsync(marked, s_none));
        await Open().YankAsync(Card, version, null, s_none);
        await Open().DeprecateAsync(Card, version, null, s_none);
        Assert.Equal(original, Assert.Single(await Open().ListAsync(Card, s_none)));
        EstreamRegistryException error = await Assert.ThrowsAsync<EstreamRegistryException>(() =>
            Open().YankAsync(Card, SemanticVersion.Parse("3.0.0"), "x", s_none).AsTask());
        Assert.Equal(RegistryFault.NotFound, error.Fault);
        await Assert.ThrowsAsync<ArgumentException>(() => Open().YankAsync(Card, version, "two\nlines", s_none).AsTask());
    }

    [Fact]
    public async Task RenewBundles_replaces_bundles_and_nothing_else()
    {
        await Open().PublishAsync(Of(Card, "1.0.0"), s_none);
        await Open().PublishAsync(Of(Card, "1.1.0"), s_none);
        SemanticVersion version = SemanticVersion.Parse("1.0.0");
        await Open().YankAsync(Card, version, "It loses messages.", s_none);
        RegistryRelease[] before = [.. await Open().ListAsync(Card, s_none)];
        byte[] other = await Open().ReadBundleAsync(before[1], s_none), renewed = [1, 2, 3];

        Assert.Equal(PublishOutcome.Published,
            (await Open()
                .RenewBundlesAsync(Card, [new RegistryBundle(version, renewed), new RegistryBundle(before[1].Version, other)],
                    s_none)).Outcome);
        Assert.Equal(PublishOutcome.Unchanged,
            (await Open().RenewBundlesAsync(Card, [new RegistryBundle(version, renewed)], s_none)).Outcome);

        Assert.Equal(before, await Open().ListAsync(Card, s_none));
        Assert.Equal(renewed, await Open().ReadBundleAsync(before[0], s_none));
        Assert.Equal(other, await Open().ReadBundleAsync(before[1], s_none));
        EstreamRegistryException error = await Assert.ThrowsAsync<EstreamRegistryException>(
            () => Open()
                .RenewBundlesAsync(Card, [new RegistryBundle(version, other), new RegistryBundle(SemanticVersion.Parse("3.0.0"), other)],
                    s_none).AsTask());
        Assert.Equal(RegistryFault.NotFound, error.Fault);
        await Assert.ThrowsAsync<ArgumentException>(() =>
            Open().RenewBundlesAsync(Card, [new RegistryBundle(version, Array.Empty<byte>())], s_none).AsTask());
        Assert.Equal(renewed, await Open().ReadBundleAsync(before[0], s_none));
    }

    [Fact]
    public async Task List_is_empty_for_an_unknown_component()
    {
        Assert.Empty(await Open().ListAsync(Card, s_none));
        Assert.Empty(await Open().SearchAsync("", 10, s_none));
        EstreamRegistryException error =
            await Assert.ThrowsAsync<EstreamRegistryException>(() => Open().ReadPackageAsync(Of(Card, "1.0.0").Release, s_none).AsTask());
        Assert.Equal(RegistryFault.NotFound, error.Fault);
    }

    [Fact]
    public async Task Publish_throws_for_an_inconsistent_publication()
    {
        RegistryPublication good = Of(Card, "1.0.0");
        await Assert.ThrowsAsync<ArgumentException>(() => Open().PublishAsync(good with { Package = new byte[] { 1 } }, s_none).AsTask());
        await Assert.ThrowsAsync<ArgumentException>(() => Open().PublishAsync(good with { Bundle = Array.Empty<byte>() }, s_none).AsTask());
        Assert.Empty(await Open().ListAsync(Card, s_none));
    }
}

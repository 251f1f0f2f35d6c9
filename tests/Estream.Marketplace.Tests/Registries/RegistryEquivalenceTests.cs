using Estream.Esf.Schema;
using Estream.Marketplace.Registries;
using Estream.Marketplace.Registries.Git;
using Estream.Marketplace.Registries.Oci;
using Estream.Testing;
using static Estream.Marketplace.Tests.Registries.SampleReleases;

namespace Estream.Marketplace.Tests.Registries;

/// <summary>One set of components in every kind of registry: each returns the same metadata and the same bytes.</summary>
public sealed class RegistryEquivalenceTests
{
    private static readonly CancellationToken s_none = CancellationToken.None;

    [Fact]
    public async Task Every_kind_of_registry_gives_the_same_releases()
    {
        using TempDirectory folder = new();
        DirectoryRegistry directory = new(folder.Combine("directory"));
        foreach (RegistryPublication publication in new[] { Of(Card, "1.0.0"), Of(Card, "1.1.0-rc.1"), Of(Iot, "1.2.0"),
            Of(Iot, "1.3.0+b.5") })
        {
            await directory.PublishAsync(publication, s_none);
        }

        await directory.YankAsync(Iot, SemanticVersion.Parse("1.2.0"), "It loses \u00fcmlauts.", s_none);
        await directory.DeprecateAsync(Card, SemanticVersion.Parse("1.0.0"), "Use 1.1.", s_none);

        ChildProcess.Run(Peer.Require("/usr/bin/git", "git"), ["init", "--quiet", "--bare", folder.Combine("remote.git")]).EnsureSuccess();
        using GitRegistry git =
            new(new GitRegistryOptions { Remote = folder.Combine("remote.git"), CacheDirectory = folder.Combine("cache") });
        OciLayoutRegistry oci = new(folder.Combine("oci"));
        using StaticServer server = new(folder.Combine("directory"));
        using HttpRegistry http = new(server.Address);
        Assert.Equal(4, await RegistryMirror.RunAsync(directory, git, [Card, Iot], null, s_none));
        Assert.Equal(4, await RegistryMirror.RunAsync(git, oci, [Card, Iot], null, s_none));
        Assert.Equal(0, await RegistryMirror.RunAsync(oci, git, [Card, Iot], null, s_none));

        // Yanks, deprecations and bundles are copied when they change.
        await directory.YankAsync(Iot, SemanticVersion.Parse("1.2.0"), null, s_none);
        await directory.RenewBundlesAsync(Iot, [new RegistryBundle(SemanticVersion.Parse("1.2.0"), "of a later time"u8.ToArray())], s_none);
        Assert.Equal(0, await RegistryMirror.RunAsync(directory, git, [Card, Iot], null, s_none));
        Assert.Equal(0, await RegistryMirror.RunAsync(http, oci, [Card, Iot], null, s_none));
        string[] expected = await DescribeAsync(directory);
        Assert.Equal(14, expected.Length);
        Assert.Equal(expected, await DescribeAsync(http));
        Assert.Equal(expected, await DescribeAsync(git));
        Assert.Equal(expected, await DescribeAsync(oci));
    }

    [Fact]
    public async Task Mirror_with_another_package_of_a_version_is_not_overwritten()
    {
        using TempDirectory folder = new();
        DirectoryRegistry from = new(folder.Combine("from")), to = new(folder.Combine("to"));
        await from.PublishAsync(Of(Card, "1.0.0"), s_none);
        await to.PublishAsync(Of(Card, "1.0.0", "another"), s_none);
        EstreamRegistryException error =
            await Assert.ThrowsAsync<EstreamRegistryException>(() => RegistryMirror.RunAsync(from, to, [Card], null, s_none).AsTask());
        Assert.Equal(RegistryFault.AlreadyPublished, error.Fault);
    }

    private static async Task<string[]> DescribeAsync(IComponentRegistry registry)
    {
        List<string> all = [];
        foreach (ComponentName name in await registry.SearchAsync("", 100, s_none))
        {
            all.Add(name.ToString());
            foreach (RegistryRelease release in await registry.ListAsync(name, s_none))
            {
                all.Add(Convert.ToHexStringLower(release.Encode()));
                all.Add(Convert.ToHexStringLower(await registry.ReadPackageAsync(release, s_none)));
                all.Add(Convert.ToHexStringLower(await registry.ReadBundleAsync(release, s_none)));
            }
        }

        return [.. all];
    }
}

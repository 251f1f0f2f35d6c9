using System.Text;
using Estream.Marketplace.Client;
using Estream.Marketplace.Registries;
using Estream.Marketplace.Registries.Git;
using Estream.Marketplace.Registries.Oci;
using Estream.Marketplace.Tests.Packages;
using Estream.Marketplace.Workspaces;
using Estream.Testing;

namespace Estream.Marketplace.Tests.Client;

/// <summary>All components of this repository, published to three kinds of registries and installed from each.</summary>
public sealed class RepositoryComponentsTests : PackageCase
{
    [Fact]
    public async Task Repository_components_give_the_same_lock_file_from_every_kind_of_registry()
    {
        using ClientRig rig = new();
        ChildProcess.Run(Peer.Require("/usr/bin/git", "git"), ["init", "--quiet", "--bare", rig.Combine("remote.git")]).EnsureSuccess();
        using GitRegistry git = new(new GitRegistryOptions { Remote = rig.Combine("remote.git"), CacheDirectory = rig.Combine("fetched") });
        IComponentRegistry[] places = [rig.Directory, git, new OciLayoutRegistry(rig.Combine("oci"))];
        PublishedRelease[] all = [.. ComponentFolders.Select(folder => new PublishedRelease(Build(RepositoryRoot.Combine(folder))))];
        Assert.True(all.Length >= 20, $"{all.Length} components");
        await rig.Registry.PublishAsync(places, all);

        WorkspaceManifest manifest = WorkspaceManifest.Read(Encoding.UTF8.GetBytes(
            $"[components]\n{string.Concat(all.Select(release => $"{release.Name} = \"*\"\n"))}\n[engines]\nhost = "
            + "\"1.0.0\"\n\n[license]\ntier = \"commercial\"\n")).Manifest!;
        List<byte[]> locks = [];
        foreach (IComponentRegistry place in places)
        {
            WorkspaceFolder workspace = new(rig.Combine("workspace" + locks.Count));
            ComponentCache cache = new(rig.Combine("cache" + locks.Count));
            MarketplaceClient client = rig.Client(place, workspace, cache);
            WorkspacePlan plan = await client.PlanAsync(manifest, null, null, CancellationToken.None);
            Assert.True(plan.IsReady, plan.Message);
            Assert.Equal(WorkspaceInstallStatus.Installed,
                (await client.ApplyAsync(plan, isApproved: true, null, CancellationToken.None)).Status);
            Assert.Equal(all.Length, plan.Next.Components.Count);
            Assert.All(plan.Next.Components, component => Assert.True(cache.Has(component.Root256), component.ToString()));
            locks.Add(await File.ReadAllBytesAsync(workspace.LockPath));
        }

        Assert.Equal(locks[0], locks[1]);
        Assert.Equal(locks[0], locks[2]);
    }
}

using Estream.Esf.Schema;
using Estream.Marketplace.Manifests;
using Estream.Marketplace.Packages;
using Estream.Marketplace.Tests.Packages;
using Estream.Marketplace.Tests.Resolution;
using Estream.Marketplace.Workspaces;
using Estream.Testing;

namespace Estream.Marketplace.Tests.Workspaces;

/// <summary>The components of this repository, resolved by their manifests and installed into a fresh workspace.</summary>
public sealed class RepositoryWorkspaceTests : PackageCase
{
    [Fact]
    public async Task All_repository_components_have_the_same_lock_however_they_are_packed()
    {
        Dictionary<ComponentName, (ComponentManifest Manifest, Package Package)> all = ComponentFolders.Select(Read)
            .ToDictionary(one => one.Manifest.Name);
        ComponentCatalog catalog = new(all.Values.Select(one => CandidateRelease.Of(one.Manifest, ManualClock.At("2026-01-01").UtcNanos)));
        ResolutionRequest request = new()
        {
            Requirements = [.. all.Keys.Order().Select(name => new ComponentRequirement(name, VersionRange.AnyRelease))],
            Engines = all.Values.SelectMany(one => one.Manifest.Engines).DistinctBy(engine => engine.Engine)
                .ToDictionary(engine => engine.Engine, _ => SemanticVersion.Parse("1.0.0")),
        };
        ResolutionResult result = ComponentResolver.Resolve(catalog, request, ManualClock.At(UniverseText.Now));
        Assert.True(result.IsResolved, result.Conflict?.ToString());
        Assert.Equal(all.Count, result.Set.Components.Count);

        WorkspaceLock next = new(request.Requirements,
            result.Set.Components.Select(component => Locked(component, all[component.Release.Name])), result.Set.Schemas);
        byte[] stored = await Install(next, all, PackageCompression.Stored);
        Assert.Equal(stored, await Install(next, all, PackageCompression.Deflate));
        Assert.Equal(next.Encode(), stored);
        Assert.True(WorkspaceLock.TryRead(stored, out _, out string? reason), reason);
    }

    private static LockedComponent Locked(ResolvedComponent component, (ComponentManifest Manifest, Package Package) built) => new()
    {
        Name = component.Release.Name,
        Version = component.Release.Version,
        Root256 = built.Package.Identity.Root256,
        LogIndex = 0,
        KeyId = "estream-2026",
        Source = "directory:components",
        Dependencies = [.. component.Release.Dependencies.Select(need => need.Name)],
        Permissions = [.. built.Manifest.Permissions.Select(permission => permission.ToString())],
    };

    private static (ComponentManifest Manifest, Package Package) Read(string folder)
    {
        string full = RepositoryRoot.Combine(folder);
        ManifestReadResult manifest = ManifestReader.Read(File.ReadAllBytes(Path.Combine(full, ComponentManifest.FileName)));
        Assert.Empty(manifest.Diagnostics);
        return (manifest.Manifest!, Build(full));
    }

    private async Task<byte[]> Install(WorkspaceLock next, Dictionary<ComponentName, (ComponentManifest Manifest, Package Package)> all,
        PackageCompression compression)
    {
        WorkspaceFolder workspace = new(Room.Combine(compression.ToString()));
        ComponentCache cache = new(Room.Combine(compression + "-cache"));
        WorkspaceInstallResult result = await new WorkspaceInstaller(workspace, cache).InstallAsync(
            next, (component, _) => ValueTask.FromResult<Stream>(new MemoryStream(Bytes(all[component.Name].Package, compression))),
            isApproved: true);
        Assert.True(result.Status == WorkspaceInstallStatus.Installed, result.Message);
        Assert.All(next.Components,
            component => Assert.True(File.Exists(Path.Combine(cache.FolderOf(component.Root256), ComponentManifest.FileName))));
        return await File.ReadAllBytesAsync(workspace.LockPath);
    }
}

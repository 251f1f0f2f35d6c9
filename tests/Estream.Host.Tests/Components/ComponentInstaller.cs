using Estream.Esf.Schema;
using Estream.Marketplace;
using Estream.Marketplace.Manifests;
using Estream.Marketplace.Packages;
using Estream.Marketplace.Workspaces;

namespace Estream.Host.Tests.Components;

/// <summary>Installs a package into a workspace with approval.</summary>
internal static class ComponentInstaller
{
    /// <param name="package">The package.</param>
    /// <param name="workspace">The folder of the workspace.</param>
    /// <param name="cache">The folder of the cache.</param>
    /// <param name="approved">The approved permissions; null for all permissions that the manifest requests.</param>
    /// <param name="isAdded">Whether the other components of the workspace stay installed.</param>
    public static void Install(Package package, string workspace, string cache, string[]? approved = null, bool isAdded = false)
    {
        ManifestReadResult read = ManifestReader.Read(package.Manifest.Span);
        Assert.True(read.Manifest is not null, string.Join('\n', read.Diagnostics));
        LockedComponent[] others = isAdded
            ? [.. new WorkspaceFolder(workspace).ReadLock()!.Components.Where(other => other.Name != read.Manifest.Name)]
            : [];
        WorkspaceLock next = new(
            [.. others.Select(other => other.Name).Append(read.Manifest.Name)
                .Select(name => new ComponentRequirement(name, VersionRange.Parse("*")))],
            [
                .. others,
                new LockedComponent
                {
                    Name = read.Manifest.Name, Version = read.Manifest.Version, Root256 = package.Identity.Root256, LogIndex = 0,
                    KeyId = "a-key", Source = "directory:here",
                    Permissions = approved
                        ?? [.. read.Manifest.Permissions.Select(permission => permission.ToString()).Order(StringComparer.Ordinal)],
                },
            ],
            new Dictionary<string, ComponentName>());
        WorkspaceInstallResult installed = new WorkspaceInstaller(new WorkspaceFolder(workspace), new ComponentCache(cache))
            .InstallAsync(next, (_, _) => ValueTask.FromResult(Bytes(package)), isApproved: true).GetAwaiter().GetResult();
        Assert.True(installed.Status == WorkspaceInstallStatus.Installed, installed.Message);
    }

    private static Stream Bytes(Package package)
    {
        MemoryStream bytes = new();
        package.Write(bytes);
        bytes.Position = 0;
        return bytes;
    }
}

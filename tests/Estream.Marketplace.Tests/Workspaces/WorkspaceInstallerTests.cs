using Estream.Esf.Schema;
using Estream.Marketplace.Packages;
using Estream.Marketplace.Workspaces;
using Estream.Testing;

namespace Estream.Marketplace.Tests.Workspaces;

/// <summary>The components of a lock are all installed, or the workspace is unchanged.</summary>
public sealed class WorkspaceInstallerTests : IDisposable
{
    private readonly TempDirectory _directory = new();
    private readonly List<string> _fetched = [];
    private readonly WorkspaceFolder _workspace;
    private readonly ComponentCache _cache;
    private readonly WorkspaceInstaller _installer;

    public WorkspaceInstallerTests()
    {
        _workspace = new WorkspaceFolder(_directory.Combine("workspace"));
        _cache = new ComponentCache(_directory.Combine("cache"));
        _installer = new WorkspaceInstaller(_workspace, _cache);
    }

    public void Dispose() => _directory.Dispose();

    [Fact]
    public async Task Install_fetches_only_components_that_are_not_cached()
    {
        List<InstallProgress> progress = [];
        WorkspaceLock next = Set("gateway 1.0.0", "base 1.0.0");
        Assert.Equal(WorkspaceInstallStatus.NeedsApproval, (await Install(next, isApproved: false)).Status);
        Assert.Empty(_fetched);
        Assert.Equal(WorkspaceInstallStatus.Installed, (await Install(next, progress: progress)).Status);
        Assert.Equal(["base 1.0.0", "gateway 1.0.0"], _fetched);
        Assert.Equal([(1, 2, false), (2, 2, false)], progress.Select(step => (step.Done, step.Total, step.WasCached)));
        Assert.Equal("gateway 1.0.0", File.ReadAllText(Path.Combine(_cache.FolderOf(next.Components[1].Root256), "content")));

        Assert.Equal(WorkspaceInstallStatus.Unchanged, (await Install(next)).Status);
        WorkspaceInstaller second = new(new WorkspaceFolder(_directory.Combine("second")), _cache);
        Assert.Equal(WorkspaceInstallStatus.Installed, (await second.InstallAsync(next, Fetch, isApproved: true)).Status);
        Assert.Equal(2, _fetched.Count);
        Assert.Equal(File.ReadAllBytes(_workspace.LockPath), File.ReadAllBytes(_directory.Combine("second", WorkspaceLock.FileName)));
    }

    [Fact]
    public async Task Install_of_another_package_leaves_the_workspace_unchanged()
    {
        WorkspaceLock first = Set("gateway 1.0.0");
        await Install(first);
        WorkspaceLock next = Set("gateway 1.1.0");
        WorkspaceInstallResult result =
            await _installer.InstallAsync(next, (_, _) => ValueTask.FromResult(Sample.Of("something else").Open()), isApproved: true);
        Assert.Equal(WorkspaceInstallStatus.Refused, result.Status);
        Assert.Contains("gateway 1.1.0 of directory:components", result.Message, StringComparison.Ordinal);
        Assert.Equal(first.Encode(), File.ReadAllBytes(_workspace.LockPath));
    }

    [Fact]
    public async Task Repacked_components_have_the_same_lock()
    {
        WorkspaceLock next = Set("gateway 1.0.0");
        WorkspaceInstallResult result = await _installer.InstallAsync(next,
            (component, _) => ValueTask.FromResult(Sample.Of(component.ToString(), PackageCompression.Deflate).Open()), isApproved: true);
        Assert.Equal(WorkspaceInstallStatus.Installed, result.Status);
    }

    [Fact]
    public async Task Rollback_needs_no_package()
    {
        await Install(Set("gateway 1.0.0"));
        await Install(Set("gateway 1.1.0"));
        _fetched.Clear();
        _workspace.Rollback();
        Assert.Equal(WorkspaceInstallStatus.Unchanged, (await Install(Set("gateway 1.0.0"))).Status);
        Assert.Empty(_fetched);
    }

    [Fact]
    public async Task Cancelled_install_changes_nothing()
    {
        using CancellationTokenSource cancelled = new();
        await cancelled.CancelAsync();
        await Assert.ThrowsAsync<OperationCanceledException>(() =>
            _installer.InstallAsync(Set("gateway 1.0.0"), Fetch, isApproved: true, cancellation: cancelled.Token));
        Assert.Null(_workspace.ReadLock());
    }

    private static WorkspaceLock Set(params string[] components) => new(
        [new ComponentRequirement(ComponentName.Parse("gateway"), VersionRange.Parse("^1"))],
        components.Select(Locks.Component).Select(component => component with { Root256 = Sample.Of(component.ToString()).Root }),
        new Dictionary<string, ComponentName>());

    private Task<WorkspaceInstallResult> Install(WorkspaceLock next, bool isApproved = true, List<InstallProgress>? progress = null) =>
        _installer.InstallAsync(next, Fetch, isApproved, progress is null ? null : new RecordedProgress(progress));

    private ValueTask<Stream> Fetch(LockedComponent component, CancellationToken cancellation)
    {
        _fetched.Add(component.ToString());
        return ValueTask.FromResult(Sample.Of(component.ToString()).Open());
    }

    private sealed class RecordedProgress(List<InstallProgress> steps) : IProgress<InstallProgress>
    {
        public void Report(InstallProgress value) => steps.Add(value);
    }
}

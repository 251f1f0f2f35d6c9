using Estream.Core;
using Estream.Esf.Schema;
using Estream.Marketplace.Trust.Roles;
using Estream.Marketplace.Workspaces;
using Estream.Testing;

namespace Estream.Marketplace.Tests.Workspaces;

/// <summary>The files of a workspace: writing approved changes, and rolling back.</summary>
public sealed class WorkspaceFolderTests
{
    [Fact]
    public void TryApply_writes_only_approved_changes()
    {
        using TempDirectory folder = new();
        WorkspaceFolder workspace = new(folder.Path);
        WorkspaceLock next = Locks.Of("gateway 1.0.0 net:out");
        Assert.False(workspace.TryApply(next, approved: null, out WorkspaceChange change));
        Assert.True(change.NeedsApproval);
        Assert.Null(workspace.ReadLock());
        Assert.False(workspace.TryApply(next, WorkspaceChange.Between(null, Locks.Of("gateway 1.0.0 net:in")), out _));
        Assert.True(workspace.TryApply(next, change, out _));
        Assert.Equal(next.Encode(), File.ReadAllBytes(workspace.LockPath));
        Assert.Null(workspace.ReadPrevious());
    }

    [Fact]
    public void TryApply_does_not_write_an_equal_lock()
    {
        using TempDirectory folder = new();
        WorkspaceFolder workspace = new(folder.Path);
        Apply(workspace, Locks.Of("gateway 1.0.0"));
        File.SetLastWriteTimeUtc(workspace.LockPath, DateTime.UnixEpoch);
        Apply(workspace, Locks.Of("gateway 1.0.0"));
        Assert.Equal(DateTime.UnixEpoch, File.GetLastWriteTimeUtc(workspace.LockPath));
    }

    [Fact]
    public void Rollback_restores_the_previous_lock_and_undoes_itself()
    {
        using TempDirectory folder = new();
        WorkspaceFolder workspace = new(folder.Path);
        Assert.Throws<InvalidOperationException>(workspace.Rollback);
        WorkspaceLock first = Locks.Of("gateway 1.0.0");
        WorkspaceLock second = Locks.Of("gateway 1.1.0");
        Apply(workspace, first);
        Apply(workspace, second);
        Assert.Equal("~ gateway 1.1.0 -> 1.0.0\n    approve: gateway 1.0.0 is older than the installed version 1.1.0",
            workspace.Rollback().ToString());
        Assert.Equal(first.Encode(), workspace.ReadLock()!.Encode());
        workspace.Rollback();
        Assert.Equal(second.Encode(), workspace.ReadLock()!.Encode());
    }

    [Fact]
    public void Rollback_keeps_a_tier_that_has_fallen()
    {
        using TempDirectory folder = new();
        WorkspaceFolder workspace = new(folder.Path);
        WorkspaceLock At(string version, TrustTier tier) =>
            new([], [Locks.Component($"gateway {version}") with { Tier = tier }], new Dictionary<string, ComponentName>());
        Apply(workspace, At("1.0.0", TrustTier.Verified));
        Apply(workspace, At("1.1.0", TrustTier.Community));

        workspace.Rollback();
        LockedComponent restored = Assert.Single(workspace.ReadLock()!.Components);
        Assert.Equal(("1.0.0", TrustTier.Community), (restored.Version.ToString(), restored.Tier));

        Apply(workspace, At("1.1.0", TrustTier.Core));
        workspace.Rollback();
        Assert.Equal(TrustTier.Community, Assert.Single(workspace.ReadLock()!.Components).Tier);
    }

    [Fact]
    public void Changed_range_for_the_same_components_keeps_the_previous_lock()
    {
        using TempDirectory folder = new();
        WorkspaceFolder workspace = new(folder.Path);
        WorkspaceLock first = Locks.Of("gateway 1.0.0"), second = Locks.Of("gateway 1.1.0");
        WorkspaceLock narrower = new([new ComponentRequirement(ComponentName.Parse("gateway"), VersionRange.Parse("~1.1"))],
            second.Components, new Dictionary<string, ComponentName>());
        Apply(workspace, first);
        Apply(workspace, second);
        Apply(workspace, narrower);
        Assert.Equal(narrower.Encode(), workspace.ReadLock()!.Encode());
        workspace.Rollback();
        Assert.Equal(first.Encode(), workspace.ReadLock()!.Encode());
        workspace.Rollback();
        Assert.Equal(narrower.Encode(), workspace.ReadLock()!.Encode());
    }

    [Fact]
    public void TryApply_throws_when_another_process_holds_the_lock()
    {
        using TempDirectory folder = new();
        WorkspaceFolder workspace = new(folder.Path);
        Apply(workspace, Locks.Of("gateway 1.0.0"));
        using (FileStorage.Instance.TryLock(Path.Combine(folder.Path, ".estream", "writer"), LockMode.Exclusive))
        {
            Assert.Throws<EstreamLeaseException>(() => Apply(workspace, Locks.Of("gateway 1.1.0")));
        }

        Assert.Equal("gateway 1.0.0", Assert.Single(workspace.ReadLock()!.Components).ToString());
    }

    [Theory]
    [InlineData("{}")]
    [InlineData("")]
    [InlineData("\0")]
    public void Damaged_lock_throws_and_is_not_an_empty_workspace(string text)
    {
        using TempDirectory folder = new();
        WorkspaceFolder workspace = new(folder.Path);
        File.WriteAllText(workspace.LockPath, text);
        Assert.Contains(text.Length > 0 ? "version control" : workspace.LockPath,
            Assert.Throws<EstreamCorruptionException>(() => workspace.ReadLock()).Message, StringComparison.Ordinal);
        Assert.Throws<EstreamCorruptionException>(() => Apply(workspace, Locks.Of("gateway 1.0.0")));
    }

    private static void Apply(WorkspaceFolder workspace, WorkspaceLock next) =>
        Assert.True(workspace.TryApply(next, WorkspaceChange.Between(workspace.ReadLock(), next), out _));
}

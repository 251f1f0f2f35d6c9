using Estream.Esf.Schema;
using Estream.Marketplace.Trust.Roles;
using Estream.Marketplace.Workspaces;

namespace Estream.Marketplace.Tests.Workspaces;

/// <summary>What an update changes, and what a person must approve.</summary>
public sealed class WorkspaceChangeTests
{
    [Fact]
    public void New_version_without_more_permissions_needs_no_approval()
    {
        WorkspaceChange change = WorkspaceChange.Between(Locks.Of("gateway 1.0.0 queue:read.a"), Locks.Of("gateway 1.1.0 queue:read.a"));
        Assert.Equal("~ gateway 1.0.0 -> 1.1.0", change.ToString());
        Assert.False(change.NeedsApproval);
    }

    [Fact]
    public void Equal_locks_have_no_change() =>
        Assert.True(WorkspaceChange.Between(Locks.Of("gateway 1.0.0 queue:read.a"), Locks.Of("gateway 1.0.0 queue:read.a")).IsEmpty);

    [Theory]
    [InlineData("gateway 1.0.1 queue:read.a net:out", "gateway 1.0.1 asks for the permission net:out, which 1.0.0 does not have")]
    [InlineData("gateway 0.9.0 queue:read.a", "gateway 0.9.0 is older than the installed version 1.0.0")]
    public void More_permissions_and_older_versions_need_approval(string after, string reason)
    {
        WorkspaceChange change = WorkspaceChange.Between(Locks.Of("gateway 1.0.0 queue:read.a"), Locks.Of(after));
        Assert.True(change.NeedsApproval);
        Assert.Equal(reason, Assert.Single(Assert.Single(change.Components).Reasons));
    }

    [Fact]
    public void New_dependency_of_a_patch_needs_approval_on_both_components()
    {
        // A supply-chain attack: a trusted publisher releases a patch that adds a dependency.
        WorkspaceChange change =
            WorkspaceChange.Between(Locks.Of("gateway 1.0.0"), Locks.Of("gateway 1.0.1: helper", "helper 1.0.0 net:out"));
        Assert.Equal(
            "~ gateway 1.0.0 -> 1.0.1\n    approve: gateway 1.0.1 needs helper, which 1.0.0 does not need\n+ helper 1.0.0\n    "
            + "approve: helper 1.0.0 is a new dependency, needed by gateway\n    approve: helper 1.0.0 asks for the permission net:out",
            change.ToString());
    }

    [Fact]
    public void A_changed_key_source_or_content_of_the_same_version_needs_approval()
    {
        LockedComponent before = Locks.Component("gateway 1.0.0");
        WorkspaceLock From(LockedComponent component) => new([], [component], new Dictionary<string, ComponentName>());
        Assert.Contains("another key", Reason(before with { KeyId = "mallory" }), StringComparison.Ordinal);
        Assert.Contains("instead of directory:components", Reason(before with { Source = "https://elsewhere" }), StringComparison.Ordinal);
        Assert.Contains("different files", Reason(before with { Root256 = Locks.Root("other") }), StringComparison.Ordinal);

        string Reason(LockedComponent after) =>
            Assert.Single(Assert.Single(WorkspaceChange.Between(From(before), From(after)).Components).Reasons);
    }

    [Fact]
    public void Removal_needs_no_approval_and_a_first_install_needs_approval_only_for_permissions()
    {
        Assert.False(WorkspaceChange.Between(Locks.Of("gateway 1.0.0", "old 1.0.0"), Locks.Of("gateway 1.0.0")).NeedsApproval);
        Assert.False(WorkspaceChange.Between(null, Locks.Of("gateway 1.0.0")).NeedsApproval);
        Assert.Equal("+ gateway 1.0.0\n    approve: gateway 1.0.0 asks for the permission net:out",
            WorkspaceChange.Between(null, Locks.Of("gateway 1.0.0 net:out")).ToString());
    }

    [Fact]
    public void Code_in_the_host_needs_approval_once_even_without_permissions()
    {
        LockedComponent code = Locks.Component("gateway 1.0.0") with { RunsInHost = true };
        WorkspaceLock From(LockedComponent component) =>
            new([new ComponentRequirement(component.Name, VersionRange.AnyRelease)], [component], new Dictionary<string, ComponentName>());
        string expected =
            "gateway 1.0.0 runs inside the host with all rights of the host and without a sandbox: its permissions are not enforced";
        Assert.Equal(expected, Assert.Single(WorkspaceChange.Between(null, From(code)).Reasons));
        Assert.Equal(expected, Assert.Single(WorkspaceChange.Between(From(Locks.Component("gateway 0.9.0")), From(code)).Reasons));
        Assert.False(WorkspaceChange.Between(From(code), From(code with { Version = SemanticVersion.Parse("1.1.0") })).NeedsApproval);
    }

    [Fact]
    public void A_lower_tier_needs_approval_and_a_higher_or_first_tier_does_not()
    {
        LockedComponent plain = Locks.Component("gateway 1.0.0");
        WorkspaceLock At(TrustTier? tier) => new([], [plain with { Tier = tier }], new Dictionary<string, ComponentName>());
        WorkspaceChange fall = WorkspaceChange.Between(At(TrustTier.Verified), At(TrustTier.Community));
        Assert.Equal("gateway 1.0.0 has the lower tier community in the policy of directory:components instead of verified",
            Assert.Single(fall.Reasons));
        Assert.True(WorkspaceChange.Between(At(TrustTier.Community), At(TrustTier.Verified)).IsEmpty);
        Assert.True(WorkspaceChange.Between(At(null), At(TrustTier.Experimental)).IsEmpty);
    }

    [Fact]
    public void Between_reads_the_dependencies_of_each_component_once()
    {
        CountedDependencies.Reads = 0;
        LockedComponent[] all =
        [
            .. Enumerable.Range(0, WorkspaceLock.MaxComponents - 1).Select(number => Locks.Component($"@many/c{number} 1.0.0")),
            Locks.Component("gateway 1.0.0"),
        ];
        WorkspaceLock to = new([],
            all.Select(one =>
                one with { Dependencies = new CountedDependencies(one.Name.Name == "gateway" ? [.. all[..^1].Select(other => other.Name)]
                : []) }),
                new Dictionary<string, ComponentName>());
        int before = CountedDependencies.Reads;
        WorkspaceChange change = WorkspaceChange.Between(null, to);
        Assert.Equal(WorkspaceLock.MaxComponents, change.Components.Count);
        Assert.Equal("@many/c7 1.0.0 is a new dependency, needed by gateway",
            Assert.Single(Assert.Single(change.Components, one => one.Name.Name == "c7").Reasons));
        Assert.Equal(WorkspaceLock.MaxComponents, CountedDependencies.Reads - before);
    }

    /// <summary>The dependencies of a component. <see cref="Reads"/> counts the enumerations of all instances.</summary>
    private sealed class CountedDependencies(ComponentName[] needs) : IReadOnlyList<ComponentName>
    {
        public static int Reads { get; set; }

        public int Count => needs.Length;

        public ComponentName this[int index] => needs[index];

        public IEnumerator<ComponentName> GetEnumerator()
        {
            Reads++;
            return needs.AsEnumerable().GetEnumerator();
        }

        System.Collections.IEnumerator System.Collections.IEnumerable.GetEnumerator() => GetEnumerator();
    }
}

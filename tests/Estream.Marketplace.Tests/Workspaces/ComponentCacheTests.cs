using Estream.Marketplace.Packages;
using Estream.Marketplace.Workspaces;
using Estream.Testing;

namespace Estream.Marketplace.Tests.Workspaces;

/// <summary>The content of a cached component matches the root in its folder name. <see cref="Packages.InstallKillTests"/> shows that a
/// cached component is complete after a crash.</summary>
public sealed class ComponentCacheTests
{
    [Fact]
    public void Has_is_true_only_for_the_root_of_an_installed_component()
    {
        using TempDirectory folder = new();
        ComponentCache cache = new(folder.Path);
        Sample a = Sample.Of("a");
        Assert.False(cache.Has(a.Root));
        Assert.Equal(PackageInstallStatus.Installed, cache.Install(a.Root, a.Open()).Status);
        Assert.True(cache.Has(a.Root));
        Assert.Equal(PackageInstallStatus.AlreadyThere, cache.Install(a.Root, a.Open()).Status);
        Assert.Equal("a", File.ReadAllText(Path.Combine(cache.FolderOf(a.Root), "content")));
        Assert.False(cache.Has(Sample.Of("b").Root));
    }

    [Fact]
    public void Install_refuses_a_package_with_another_root()
    {
        using TempDirectory folder = new();
        ComponentCache cache = new(folder.Path);
        PackageInstallResult result = cache.Install(Sample.Of("a").Root, Sample.Of("b").Open());
        Assert.Equal(PackageInstallStatus.OtherPackage, result.Status);
        Assert.Contains(Sample.Of("b").Root, result.Message, StringComparison.Ordinal);
        Assert.Equal(PackageInstallStatus.NotAPackage, cache.Install(Sample.Of("a").Root, new MemoryStream([1, 2, 3])).Status);
        Assert.False(Directory.Exists(cache.FolderOf(Sample.Of("a").Root)));
    }

    [Fact]
    public void Has_is_false_when_a_file_was_changed()
    {
        using TempDirectory folder = new();
        ComponentCache cache = new(folder.Path);
        Sample a = Sample.Of("a");
        cache.Install(a.Root, a.Open());
        File.AppendAllText(Path.Combine(cache.FolderOf(a.Root), "content"), "!");
        Assert.False(cache.Has(a.Root));
        Assert.Equal(PackageInstallStatus.Occupied, cache.Install(a.Root, a.Open()).Status);
    }

    [Theory]
    [InlineData("../../etc/passwd")]
    [InlineData("")]
    [InlineData("ABCDEFABCDEFABCDEFABCDEFABCDEFABCDEFABCDEFABCDEFABCDEFABCDEFABCD")]
    public void FolderOf_throws_for_an_invalid_root(string root) =>
        Assert.Throws<ArgumentException>(() => new ComponentCache("never-made").FolderOf(root));

    [Fact]
    public void Concurrent_installs_leave_one_component()
    {
        using TempDirectory folder = new();
        Sample a = Sample.Of("a");
        Parallel.For(0, LongRun.Count(16, 500), _ => Assert.True(new ComponentCache(folder.Path).Install(a.Root, a.Open()).IsThere));
        Assert.True(new ComponentCache(folder.Path).Has(a.Root));
    }
}

using Estream.Marketplace.Packages;
using Estream.Marketplace.Workspaces;
using Estream.Testing;

namespace Estream.Marketplace.Tests.Workspaces;

/// <summary>The cache: what is there is what its name says. That it is whole after a kill, <see cref="Packages.InstallKillTests"/>
/// shows.</summary>
public sealed class ComponentCacheTests
{
    [Fact]
    public void A_component_is_there_by_its_root_and_nothing_else_is()
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
    public void Another_package_than_was_asked_for_is_not_installed()
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
    public void What_somebody_has_changed_is_not_there_any_more()
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
    public void What_is_no_root_is_no_path(string root) =>
        Assert.Throws<ArgumentException>(() => new ComponentCache("never-made").FolderOf(root));

    [Fact]
    public void Many_installs_at_once_leave_one_component()
    {
        using TempDirectory folder = new();
        Sample a = Sample.Of("a");
        Parallel.For(0, LongRun.Count(16, 500), _ => Assert.True(new ComponentCache(folder.Path).Install(a.Root, a.Open()).IsThere));
        Assert.True(new ComponentCache(folder.Path).Has(a.Root));
    }
}

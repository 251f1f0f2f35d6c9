using Estream.Testing;

namespace Estream.Core.Tests;

/// <summary>Huge pages, if the system provides them: the reported values are compared with the counts of the kernel.</summary>
public sealed class HugePagesTests
{
    private const long HugePage = 2L << 20;

    private static bool HasTransparent => File.Exists("/sys/kernel/mm/transparent_hugepage/enabled")
        && !File.ReadAllText("/sys/kernel/mm/transparent_hugepage/enabled").Contains("[never]", StringComparison.Ordinal);

    [Fact]
    public void Process_memory_uses_huge_pages_when_the_system_has_them()
    {
        using NativeRegion region = NativeRegion.Allocate((3 * HugePage) + 1);
        Assert.Equal(HasTransparent ? HugePages.Transparent : HugePages.None, region.HugePages);
        Assert.Equal(0, region.CountHugePageBytes());
        region.Prefault(0, region.Length);

        // The address is a multiple of the huge page size, so that no huge page is lost at the edges. The last huge page may be missing,
        // because only a part of it is populated.
        Assert.InRange(region.CountHugePageBytes(), HasTransparent ? 3 * HugePage : 0, HasTransparent ? 4 * HugePage : 0);
        region.All.Span(region.Length - 1, 1)[0] = 1;
        region.Dispose();
        Assert.Equal(0, region.CountHugePageBytes());
    }

    [Fact]
    public void A_region_smaller_than_a_huge_page_has_no_huge_pages()
    {
        using NativeRegion region = NativeRegion.Allocate(HugePage - 1);
        Assert.Equal(HugePages.None, region.HugePages);
        region.Prefault(0, region.Length);
        Assert.Equal(0, region.CountHugePageBytes());
    }

    [Fact]
    public void A_file_on_a_disk_reports_no_huge_pages()
    {
        using var directory = new TempDirectory();
        using MemoryRegion region = FileStorage.Instance.CreateRegion(directory.Combine("file"), 2 * HugePage);
        region.Prefault(0, region.Length);
        Assert.Equal(HugePages.None, region.HugePages);
        Assert.Equal(0, region.CountHugePageBytes());
    }

    [MountTheory]
    [InlineData("always", true)]
    [InlineData("within_size", true)]
    [InlineData("advise", true)]
    [InlineData("never", false)]
    public void A_private_tmpfs_uses_huge_pages_as_its_mount_option_says(string policy, bool gives)
    {
        using var disk = new TmpfsMount(32 << 20, $"huge={policy}");
        string path = disk.Combine("file");
        using MemoryRegion region = FileStorage.Instance.CreateRegion(path, 4 * HugePage);
        region.Prefault(0, region.Length);
        Assert.Equal(gives ? HugePages.Transparent : HugePages.None, region.HugePages);
        Assert.Equal(gives ? 4 * HugePage : 0, region.CountHugePageBytes());

        using MemoryRegion reader = FileStorage.Instance.OpenRegion(path, RegionAccess.ReadOnly);
        reader.Prefault(0, reader.Length);
        Assert.Equal(gives ? 4 * HugePage : 0, reader.CountHugePageBytes());

        using MemoryRegion small = FileStorage.Instance.CreateRegion(disk.Combine("small"), 4096);
        Assert.Equal(HugePages.None, small.HugePages);
    }

    /// <summary>Huge pages on request (advise) are allocated before space is reserved. The reservation still reports a full disk.</summary>
    [MountTheory]
    [InlineData("advise")]
    [InlineData("always")]
    public void A_full_tmpfs_raises_an_exception_and_not_a_signal(string policy)
    {
        using var disk = new TmpfsMount(8 << 20, $"huge={policy}");
        EstreamStorageException error = Assert.Throws<EstreamStorageException>(
            () => FileStorage.Instance.CreateRegion(disk.Combine("file"), 16 << 20));
        Assert.Equal(StorageFailure.DiskFull, error.Reason);
        Assert.Empty(Directory.GetFiles(disk.Path));
        using MemoryRegion fits = FileStorage.Instance.CreateRegion(disk.Combine("file"), 4 << 20);
        fits.All.Span(0, 4 << 20).Fill(1);
    }

    [ReservedHugePagesFact]
    public void A_hugetlbfs_file_is_a_whole_number_of_huge_pages_long()
    {
        using var pages = new ReservedHugePages(4);
        using MemoryRegion region = FileStorage.Instance.CreateRegion(pages.Combine("file"), HugePage + 100);
        Assert.Equal(2 * HugePage, region.Length);
        region.Prefault(0, region.Length);
        region.All.Span(0, (int)region.Length).Fill(7);
        Assert.Equal(HugePages.Reserved, region.HugePages);
        Assert.Equal(2 * HugePage, region.CountHugePageBytes());
        region.Flush(0, region.Length);
        region.WriteBehind(0, region.Length);
        region.AwaitWritten(0, region.Length);
        region.DropBehind(0, region.Length);
        Assert.Equal(-1, region.All.ReadOnlySpan(0, (int)region.Length).IndexOfAnyExcept((byte)7));

        using (MemoryRegion reader = FileStorage.Instance.OpenRegion(pages.Combine("file"), RegionAccess.ReadOnly))
        {
            Assert.Equal(2 * HugePage, reader.Length);
            Assert.Equal(7, reader.All.ReadOnlySpan((2 * HugePage) - 1, 1)[0]);
        }

        // Four huge pages were reserved and two are in use.
        EstreamStorageException full =
            Assert.Throws<EstreamStorageException>(() => FileStorage.Instance.CreateRegion(pages.Combine("second"), 3 * HugePage));
        Assert.Equal(StorageFailure.DiskFull, full.Reason);
        Assert.False(File.Exists(pages.Combine("second")));
        region.Dispose();
        Assert.DoesNotContain(pages.Combine("file"), File.ReadAllText("/proc/self/maps"), StringComparison.Ordinal);
    }
}

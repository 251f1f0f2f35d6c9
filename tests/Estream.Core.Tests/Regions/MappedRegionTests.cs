using Estream.Testing;

namespace Estream.Core.Tests;

/// <summary>A memory-mapped file, shared with all processes that map it.</summary>
public sealed class MappedRegionTests : IDisposable
{
    private readonly TempDirectory _directory = new();

    private string FilePath => _directory.Combine("region");

    public void Dispose() => _directory.Dispose();

    [Fact]
    public void A_new_region_is_all_zero_and_fully_allocated_on_storage()
    {
        using MemoryRegion region = FileStorage.Instance.CreateRegion(FilePath, 10_000);
        Assert.Equal(10_000, region.Length);
        Assert.Equal(new byte[10_000], region.All.ReadOnlySpan(0, 10_000).ToArray());
        Assert.Equal(10_000, new FileInfo(FilePath).Length);
        Assert.Equal(FilePath, Assert.IsType<MappedRegion>(region).Path);
        string blocks = ChildProcess.Run("stat", ["-c", "%b %B", FilePath]).EnsureSuccess().Output;
        long[] reserved = [.. blocks.Split(' ').Select(long.Parse)];
        Assert.True(reserved[0] * reserved[1] >= 10_000, $"only {blocks} blocks are reserved");
    }

    [Fact]
    public void A_store_is_visible_to_every_mapping_and_to_readers_of_the_file()
    {
        using MemoryRegion writer = FileStorage.Instance.CreateRegion(FilePath, 4096);
        using MemoryRegion reader = FileStorage.Instance.OpenRegion(FilePath, RegionAccess.ReadOnly);
        writer.All.WriteInt64(8, 0x0102030405060708);
        Assert.Equal(0x0102030405060708, reader.All.ReadInt64(8));
        Assert.Equal(8, File.ReadAllBytes(FilePath)[8]);
    }

    [Fact]
    public void Two_processes_count_in_the_same_memory()
    {
        const int Times = 200_000;
        using MemoryRegion region = FileStorage.Instance.CreateRegion(FilePath, 4096);
        using ChildProcess other = ChildProcess.StartDotnet(OtherProcess.Assembly, ["count", FilePath, $"{Times}"]);
        Eventually.True(() => region.All.ReadInt64Acquire(0) > 0, "the other process counts");
        for (int i = 0; i < Times; i++)
        {
            region.All.AddInt64(0, 1);
        }

        other.WaitForExit().EnsureSuccess();
        Assert.Equal(2 * Times, region.All.ReadInt64Acquire(0));
    }

    [Theory]
    [InlineData(RegionAccess.ReadOnly)]
    [InlineData(RegionAccess.ReadWrite)]
    public void Reading_past_a_truncation_throws_with_the_file_and_its_end(RegionAccess access)
    {
        FileStorage.Instance.CreateRegion(FilePath, 1 << 20).Dispose();
        using MemoryRegion region = FileStorage.Instance.OpenRegion(FilePath, access);
        using (FileStream file = File.Open(FilePath, FileMode.Open, FileAccess.Write, FileShare.ReadWrite))
        {
            file.SetLength(200_000);
        }

        region.Load(0, 200_000);
        EstreamCorruptionException error = Assert.Throws<EstreamCorruptionException>(() => region.Load(100_000, 500_000));
        Assert.Equal((FilePath, 200_000), (error.Path, error.Offset));
        Assert.Contains("truncated", error.Message, StringComparison.Ordinal);
        error = Assert.Throws<EstreamCorruptionException>(() => region.Load(500_000, 100_000));
        Assert.Equal((FilePath, 200_000), (error.Path, error.Offset));
        Assert.Throws<ArgumentOutOfRangeException>(() => region.Load(1 << 20, 1));
    }

    [Fact]
    public void Stored_bytes_survive_the_disposal_of_the_region()
    {
        using (MemoryRegion first = FileStorage.Instance.CreateRegion(FilePath, 4096))
        {
            first.All.WriteInt32(100, 5);
            first.Flush(100, 4);
            first.Flush(0, 4096);
            first.Flush(4096, 0);
        }

        using MemoryRegion second = FileStorage.Instance.OpenRegion(FilePath, RegionAccess.ReadWrite);
        Assert.Equal(5, second.All.ReadInt32(100));
    }

    [Fact]
    public void A_read_only_region_throws_on_every_kind_of_write()
    {
        FileStorage.Instance.CreateRegion(FilePath, 4096).Dispose();
        using MemoryRegion region = FileStorage.Instance.OpenRegion(FilePath, RegionAccess.ReadOnly);
        RegionSpan memory = region.All;
        Assert.True(region.IsReadOnly);
        Assert.True(memory.IsReadOnly);
        Assert.True(memory.Slice(8, 8).IsReadOnly);
        Assert.Throws<ArgumentOutOfRangeException>(() => memory.WriteInt32(0, 1));
        Assert.Throws<ArgumentOutOfRangeException>(() => memory.WriteInt32Release(0, 1));
        Assert.Throws<ArgumentOutOfRangeException>(() => memory.WriteInt64(0, 1));
        Assert.Throws<ArgumentOutOfRangeException>(() => memory.WriteInt64Release(0, 1));
        Assert.Throws<ArgumentOutOfRangeException>(() => memory.AddInt64(0, 1));
        Assert.Throws<ArgumentOutOfRangeException>(() => memory.CompareExchangeInt64(0, 1, 0));
        Assert.Throws<ArgumentOutOfRangeException>(() => memory.At<long>(0) = 1);
        Assert.Throws<ArgumentOutOfRangeException>(() => memory.Span(0, 1)[0] = 1);
        Assert.Throws<ArgumentOutOfRangeException>(() => memory.Slice(8, 8).WriteInt32(0, 1));
        region.Prefault(0, 4096);
        Assert.Equal(new byte[4096], File.ReadAllBytes(FilePath));
    }

    [Fact]
    public void Prefault_changes_no_bytes()
    {
        using MemoryRegion region = FileStorage.Instance.CreateRegion(FilePath, 100_000);
        region.All.Span(0, 100_000).Fill(7);
        region.Prefault(0, 100_000);
        region.Prefault(12_345, 1);
        region.Prefault(100_000, 0);
        Assert.DoesNotContain(File.ReadAllBytes(FilePath), b => b != 7);
    }

    [Fact]
    public void A_region_keeps_working_when_its_file_is_removed_or_renamed()
    {
        using MemoryRegion region = FileStorage.Instance.CreateRegion(FilePath, 4096);
        FileStorage.Instance.Rename(FilePath, FilePath + ".2");
        region.All.WriteInt32(0, 3);
        Assert.Equal(3, File.ReadAllBytes(FilePath + ".2")[0]);
        FileStorage.Instance.Delete(FilePath + ".2");
        region.All.WriteInt32(0, 4);
        Assert.Equal(4, region.All.ReadInt32(0));
    }

    [Fact]
    public void Opening_an_empty_file_reports_it_as_truncated()
    {
        File.WriteAllBytes(FilePath, []);
        EstreamCorruptionException error = Assert.Throws<EstreamCorruptionException>(
            () => FileStorage.Instance.OpenRegion(FilePath, RegionAccess.ReadOnly));
        Assert.Equal(FilePath, error.Path);
        Assert.Contains(FilePath, error.Message, StringComparison.Ordinal);
    }
}

using System.Globalization;
using Estream.Testing;

namespace Estream.Core.Tests;

/// <summary>A span that outlives its region reads zeros and writes to no file. It does not end the process.</summary>
public sealed class DisposedRegionTests : IDisposable
{
    private const int Length = 3 << 20;

    private readonly TempDirectory _directory = new(Directory.Exists("/dev/shm") ? "/dev/shm" : null);

    private string FilePath => _directory.Combine("region");

    public void Dispose() => _directory.Dispose();

    [Theory]
    [InlineData(RegionAccess.ReadOnly)]
    [InlineData(RegionAccess.ReadWrite)]
    public void A_span_of_a_disposed_file_reads_zeros(RegionAccess access)
    {
        CreateFile();
        MemoryRegion region = FileStorage.Instance.OpenRegion(FilePath, access);
        ReadOnlySpan<byte> span = region.All.ReadOnlySpan(0, Length);
        RegionSpan window = region.Slice(8, 8);
        Assert.Equal(7, span[Length - 1]);
        region.Dispose();
        Assert.Equal(-1, span.IndexOfAnyExcept((byte)0));
        Assert.Equal(0, window.ReadInt64(0));
    }

    [Fact]
    public void A_write_to_a_span_of_a_disposed_file_changes_no_file()
    {
        CreateFile();
        MemoryRegion region = FileStorage.Instance.OpenRegion(FilePath, RegionAccess.ReadWrite);
        Span<byte> span = region.All.Span(0, Length);
        region.Dispose();
        using MemoryRegion again = FileStorage.Instance.OpenRegion(FilePath, RegionAccess.ReadWrite);
        span.Fill(9);
        Assert.Equal(-1, again.All.ReadOnlySpan(0, Length).IndexOfAnyExcept((byte)7));
        Assert.DoesNotContain(File.ReadAllBytes(FilePath), b => b != 7);
    }

    [Theory]
    [InlineData(100)]
    [InlineData(Length)]
    public void A_span_of_disposed_native_memory_reads_zeros_and_can_be_written(int length)
    {
        NativeRegion region = NativeRegion.Allocate(length);
        Span<byte> span = region.All.Span(0, length);
        span.Fill(5);
        region.Dispose();
        Assert.Equal(-1, span.IndexOfAnyExcept((byte)0));
        span.Fill(9);
        using NativeRegion next = NativeRegion.Allocate(length);
        Assert.Equal(-1, next.All.ReadOnlySpan(0, length).IndexOfAnyExcept((byte)0));
    }

    [Fact]
    public void The_space_of_a_deleted_file_is_free_after_the_disposal_of_its_region()
    {
        CreateFile();
        MemoryRegion region = FileStorage.Instance.OpenRegion(FilePath, RegionAccess.ReadWrite);
        FileStorage.Instance.Delete(FilePath);
        Assert.Contains(File.ReadLines("/proc/self/maps"), IsMine);
        region.Dispose();
        Assert.DoesNotContain(File.ReadLines("/proc/self/maps"), IsMine);
    }

    [Fact]
    public void Disposed_regions_occupy_a_limited_address_space()
    {
        const int RegionBytes = 1 << 20;
        const long Limit = 2L * Internal.RetiredAddresses.MaxRanges * RegionBytes;
        long before = AddressSpace();
        for (int i = 0; i < 3 * Internal.RetiredAddresses.MaxRanges; i++)
        {
            NativeRegion.Allocate(RegionBytes).Dispose();
        }

        Assert.InRange(AddressSpace() - before, long.MinValue, Limit);
    }

    [Theory]
    [InlineData("Limit  Soft Limit  Hard Limit\nMax address space         unlimited            unlimited            bytes\n", 8UL << 40)]
    [InlineData("Max address space         17179869184          unlimited            bytes\n", 1UL << 30)]
    [InlineData("Max cpu time              unlimited            unlimited            seconds\n", 8UL << 40)]
    public void A_limit_of_the_address_space_leaves_most_of_it_to_other_memory(string limits, ulong expected)
    {
        File.WriteAllText(FilePath, limits);
        Assert.Equal(expected, Internal.RetiredAddresses.LimitOf(FilePath));
    }

    private void CreateFile()
    {
        using MemoryRegion region = FileStorage.Instance.CreateRegion(FilePath, Length);
        region.All.Span(0, Length).Fill(7);
    }

    private bool IsMine(string line) => line.Contains(_directory.Path, StringComparison.Ordinal);

    private static long AddressSpace() =>
        long.Parse(File.ReadAllText("/proc/self/statm").Split(' ')[0], CultureInfo.InvariantCulture) * Environment.SystemPageSize;
}

namespace Estream.Core.Tests;

public sealed class NativeRegionTests
{
    [Theory]
    [InlineData(0)]
    [InlineData(-1)]
    [InlineData(long.MinValue)]
    public void Allocate_throws_for_a_length_below_one_byte(long length) =>
        Assert.Throws<ArgumentOutOfRangeException>(nameof(length), () => NativeRegion.Allocate(length));

    [Fact]
    public void Allocate_reports_the_requested_length_when_the_address_space_is_too_small()
    {
        InsufficientMemoryException error = Assert.Throws<InsufficientMemoryException>(() => NativeRegion.Allocate(1L << 60));
        Assert.Contains($"{1L << 60} bytes", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Native_memory_is_zero_and_writable_and_its_lock_and_flush_do_nothing()
    {
        using NativeRegion region = NativeRegion.Allocate(5_000_001);
        Assert.False(region.IsReadOnly);
        Assert.Equal(-1, region.All.ReadOnlySpan(0, 5_000_001).IndexOfAnyExcept((byte)0));
        region.Prefault(1, 5_000_000);
        region.All.Span(5_000_000, 1)[0] = 9;
        Assert.Equal(9, region.All.ReadOnlySpan(5_000_000, 1)[0]);
        Assert.True(region.TryLock(LockMode.Exclusive));
        region.Unlock();
        region.Flush(0, 5_000_001);
    }

    [Fact]
    public void Native_regions_do_not_share_memory()
    {
        using NativeRegion first = NativeRegion.Allocate(4096);
        using NativeRegion second = NativeRegion.Allocate(4096);
        first.All.Span(0, 4096).Fill(1);
        Assert.Equal(-1, second.All.ReadOnlySpan(0, 4096).IndexOfAnyExcept((byte)0));
    }

    [Fact]
    public void Native_memory_belongs_to_the_region_until_it_is_disposed()
    {
        NativeRegion region = NativeRegion.Allocate(100);
        ReadOnlyMemory<byte> memory = region.AsReadOnlyMemory();
        region.All.WriteInt32(8, 42);
        Assert.Equal((100, 42), (memory.Length, memory.Span[8]));
        using var stream = new MemoryStream();
        stream.Write(memory.Span);
        Assert.Equal(42, stream.ToArray()[8]);
        memory[8..].Pin().Dispose();
        region.Dispose();
        Assert.Throws<ObjectDisposedException>(() => memory.Span.Length);
        Assert.Throws<ObjectDisposedException>(() => memory.Pin());
    }

    [Fact]
    public void Memory_excluded_from_dumps_is_marked_for_the_kernel()
    {
        const long Length = (1 << 20) + (12 << 10);
        using NativeRegion region = NativeRegion.Allocate(Length);
        region.All.WriteInt64(0, 1);
        Assert.False(IsOutOfDumps(region, Length));
        region.KeepOutOfDumps();
        Assert.True(IsOutOfDumps(region, Length));
        Assert.Equal(1, region.All.ReadInt64(0));
    }

    // The list of mappings of the kernel: an address range for each mapping, followed later by its flags; "dd" means excluded from dumps.
    // Only the mapping of the region counts, because the runtime creates and drops such mappings at any time.
    private static bool IsOutOfDumps(NativeRegion region, long length)
    {
        ulong start = (ulong)region.All.Address;
        bool isInside = false;
        foreach (string line in File.ReadLines("/proc/self/smaps"))
        {
            string[] words = line.Split(' ', StringSplitOptions.RemoveEmptyEntries);
            if (!words[0].EndsWith(':'))
            {
                ulong[] ends = [.. words[0].Split('-').Select(end => ulong.Parse(end, System.Globalization.NumberStyles.HexNumber))];
                isInside = ends[0] <= start && start + (ulong)length <= ends[1];
            }
            else if (isInside && words[0] == "VmFlags:")
            {
                return words.Contains("dd");
            }
        }

        return false;
    }
}

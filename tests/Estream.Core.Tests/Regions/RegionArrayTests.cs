using Estream.Testing;

namespace Estream.Core.Tests;

public sealed class RegionArrayTests : IDisposable
{
    private readonly NativeRegion _region = NativeRegion.Allocate(4096);

    public void Dispose() => _region.Dispose();

    [Theory]
    [InlineData(-1)]
    [InlineData(long.MinValue)]
    [InlineData(10)]
    [InlineData(long.MaxValue)]
    [InlineData(1L << 61)]
    public void The_indexer_throws_for_an_index_outside_the_array(long index)
    {
        RegionArray<long> array = _region.All.AsArray<long>(0, 10);
        Assert.Throws<ArgumentOutOfRangeException>(nameof(index), () => array[index]);
        Assert.Throws<ArgumentOutOfRangeException>(nameof(index), () => array.Read(index));
        array.Prefetch(index);
    }

    [Theory]
    [InlineData(0, 513)]
    [InlineData(0, -1)]
    [InlineData(-8, 1)]
    [InlineData(4096, 1)]
    [InlineData(8, 512)]
    [InlineData(0, long.MaxValue)]
    [InlineData(0, long.MinValue)]
    [InlineData(0, (1L << 61) + 1)]
    [InlineData(long.MaxValue, long.MaxValue)]
    public void An_array_outside_its_window_throws(long offset, long count) =>
        Assert.Throws<ArgumentOutOfRangeException>(() => _region.All.AsArray<long>(offset, count));

    [Theory]
    [InlineData(-1, 1)]
    [InlineData(0, 11)]
    [InlineData(0, -1)]
    [InlineData(10, 1)]
    [InlineData(11, 0)]
    [InlineData(long.MaxValue, 1)]
    [InlineData(long.MinValue, 1)]
    public void AsSpan_throws_for_a_range_outside_the_array(long first, int count) =>
        Assert.Throws<ArgumentOutOfRangeException>(() => _region.All.AsArray<long>(0, 10).Span(first, count).Length);

    [Fact]
    public void A_span_of_an_array_is_the_same_memory()
    {
        RegionArray<long> array = _region.All.AsArray<long>(0, 10);
        long[] values = [9, 7, 8];
        values.CopyTo(array.Span(7, 3));
        array.Span(7, 3).Sort();
        Assert.Equal([7, 8, 9], array.Span(7, 3));
        Assert.Equal(8, array.Read(8));
        Assert.Equal(0, array.Span(10, 0).Length);
    }

    [Fact]
    public void The_default_array_is_empty()
    {
        RegionArray<int> array = default;
        Assert.Equal(0, array.Count);
        Assert.Throws<ArgumentOutOfRangeException>("index", () => array[0]);
        Assert.Throws<ArgumentOutOfRangeException>("index", () => array.Read(0));
        array.Prefetch(0);
    }

    [Fact]
    public void Array_items_are_spaced_by_their_size()
    {
        RegionArray<(int A, long B, byte C)> array = _region.All.AsArray<(int, long, byte)>(16, 5);
        array[4].B = 77;
        Assert.Equal(77, array.Read(4).B);
        Assert.Equal(5, array.Count);
        RegionArray<int> numbers = _region.All.AsArray<int>(4, 3);
        numbers[2] = 5;
        Assert.Equal(5, _region.All.ReadInt32(12));
    }

    [Fact]
    public void A_read_only_array_can_be_read_but_not_written()
    {
        using var directory = new TempDirectory();
        FileStorage.Instance.CreateRegion(directory.Combine("file"), 64).Dispose();
        using MemoryRegion file = FileStorage.Instance.OpenRegion(directory.Combine("file"), RegionAccess.ReadOnly);
        RegionArray<long> array = file.All.AsArray<long>(0, 8);
        Assert.True(array.IsReadOnly);
        Assert.Equal(0, array.Read(7));
        Assert.Throws<ArgumentOutOfRangeException>("index", () => array[0] = 1);
        Assert.Throws<ArgumentOutOfRangeException>(() => array.Span(0, 1).Length);
    }
}

namespace Estream.Core.Tests;

public sealed class RegionBlocksTests
{
    [Fact]
    public void Blocks_follow_each_other_without_gaps()
    {
        using NativeRegion region = NativeRegion.Allocate(4096);
        RegionBlocks blocks = region.All.AsBlocks(16, 10, 24);
        Assert.Equal((10, 24), (blocks.Count, blocks.BlockBytes));
        blocks[3].At<long>(8) = 77;
        Assert.Equal(77, region.All.ReadInt64(16 + (3 * 24) + 8));
        Assert.Equal(77, blocks.At(3, 24).ReadInt64(8));
        Assert.Equal(77, blocks[3].ReadOnlyAt<long>(8));
        blocks[0].WriteInt64Release(0, 5);
        Assert.Equal(5, blocks[0].ReadInt64Acquire(0));
        blocks.Prefetch(3);
        blocks.Prefetch(-1);
    }

    [Theory]
    [InlineData(-1)]
    [InlineData(10)]
    [InlineData(long.MaxValue)]
    public void An_index_outside_the_blocks_throws(long index)
    {
        using NativeRegion region = NativeRegion.Allocate(4096);
        RegionBlocks blocks = region.All.AsBlocks(0, 10, 24);
        Assert.Throws<ArgumentOutOfRangeException>(() => blocks[index].Length);
        Assert.Throws<ArgumentOutOfRangeException>(() => blocks.At(index, 24).Length);
    }

    [Theory]
    [InlineData(-1)]
    [InlineData(17)]
    [InlineData(int.MaxValue)]
    [InlineData(int.MinValue)]
    public void An_access_across_the_end_of_a_block_throws(int offset)
    {
        using NativeRegion region = NativeRegion.Allocate(4096);
        RegionBlocks blocks = region.All.AsBlocks(0, 10, 24);
        Assert.Throws<ArgumentOutOfRangeException>(() => blocks[1].ReadInt64(offset));
        Assert.Throws<ArgumentOutOfRangeException>(() => blocks[1].ReadInt64Acquire(offset));
        Assert.Throws<ArgumentOutOfRangeException>(() => blocks[1].WriteInt64Release(offset, 0));
        Assert.Throws<ArgumentOutOfRangeException>(() => blocks[1].At<long>(offset) = 0);
        Assert.Throws<ArgumentOutOfRangeException>(() => blocks[1].ReadOnlyAt<long>(offset));
        Assert.Throws<ArgumentOutOfRangeException>(() => blocks[1].ReadAtomic<long>(offset));
        Assert.Throws<ArgumentOutOfRangeException>(() => blocks[1].WriteAtomic(offset, 0L));
    }

    [Fact]
    public void A_block_size_that_differs_from_the_real_size_throws()
    {
        using NativeRegion region = NativeRegion.Allocate(4096);
        RegionBlocks blocks = region.All.AsBlocks(0, 10, 24);
        Assert.Throws<ArgumentOutOfRangeException>(() => blocks.At(1, 32).Length);
        Assert.Throws<ArgumentOutOfRangeException>(() => region.All.AsBlocks(0, 10, 0));
        Assert.Throws<ArgumentOutOfRangeException>(() => region.All.AsBlocks(4096 - 240 + 1, 10, 24));
        Assert.Throws<OverflowException>(() => region.All.AsBlocks(0, long.MaxValue, 24));
    }

    [Fact]
    public void The_default_value_has_no_blocks()
    {
        Assert.Throws<ArgumentOutOfRangeException>(() => default(RegionBlocks)[0].Length);
        Assert.Throws<ArgumentOutOfRangeException>(() => default(RegionBlock).ReadInt64(0));
    }

    [Fact]
    public void Values_of_native_size_are_read_and_written_in_one_access()
    {
        using NativeRegion region = NativeRegion.Allocate(64);
        RegionBlocks blocks = region.All.AsBlocks(0, 1, 64);
        blocks[0].WriteAtomic(0, (byte)0xF1);
        blocks[0].WriteAtomic(2, 'ß');
        blocks[0].WriteAtomic(4, 1.5f);
        blocks[0].WriteAtomic(8, (Left: 7, Right: -8));
        Assert.Equal(0xF1, blocks[0].ReadAtomic<byte>(0));
        Assert.Equal('ß', blocks[0].ReadAtomic<char>(2));
        Assert.Equal(1.5f, blocks[0].ReadAtomic<float>(4));
        Assert.Equal((7, -8), blocks[0].ReadAtomic<(int, int)>(8));
        Assert.Throws<NotSupportedException>(() => blocks[0].ReadAtomic<Guid>(0));
        Assert.Throws<NotSupportedException>(() => blocks[0].WriteAtomic(0, Guid.Empty));
    }

    [Fact]
    public void Blocks_over_read_only_memory_throw_when_written()
    {
        string path = Path.Combine(Path.GetTempPath(), $"estream-blocks-{Guid.NewGuid():N}");
        FileStorage.Instance.CreateRegion(path, 4096).Dispose();
        try
        {
            using MemoryRegion region = FileStorage.Instance.OpenRegion(path, RegionAccess.ReadOnly);
            RegionBlocks blocks = region.All.AsBlocks(0, 10, 24);
            Assert.Equal(0, blocks[1].ReadInt64(0));
            Assert.Throws<ArgumentOutOfRangeException>(() => blocks[1].At<long>(0) = 1);
            Assert.Throws<ArgumentOutOfRangeException>(() => blocks[1].WriteInt64Release(0, 1));
            Assert.Throws<ArgumentOutOfRangeException>(() => blocks[1].WriteAtomic(0, 1));
        }
        finally
        {
            File.Delete(path);
        }
    }
}

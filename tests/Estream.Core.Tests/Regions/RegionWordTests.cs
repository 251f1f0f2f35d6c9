namespace Estream.Core.Tests;

public sealed class RegionWordTests
{
    [Fact]
    public void A_word_is_the_memory_at_its_offset()
    {
        using NativeRegion region = NativeRegion.Allocate(64);
        var word = new RegionWord(region.All, 56);
        Assert.Equal(0, word.ReadAcquire());
        region.All.WriteInt64(56, -7);
        Assert.Equal(-7, word.ReadAcquire());
    }

    [Theory]
    [InlineData(-8)]
    [InlineData(57)]
    [InlineData(64)]
    public void A_word_outside_its_window_throws(long offset)
    {
        using NativeRegion region = NativeRegion.Allocate(64);
        Assert.Throws<ArgumentOutOfRangeException>(() => new RegionWord(region.All, offset));
    }

    [Fact]
    public void A_word_must_be_aligned_and_inside_the_region()
    {
        using NativeRegion region = NativeRegion.Allocate(64);
        Assert.Throws<ArgumentException>(() => new RegionWord(region.All, 4));
        Assert.Throws<ArgumentOutOfRangeException>(() => new RegionWord(default, 0));
        Assert.Throws<NullReferenceException>(() => default(RegionWord).ReadAcquire());
    }

    [Fact]
    public void Words_of_a_block_are_found_by_number()
    {
        using NativeRegion region = NativeRegion.Allocate(128);
        region.All.WriteInt64(64 + 56, 99);
        RegionBlocks blocks = region.All.AsBlocks(64, 1, 64);
        Assert.Equal(99, blocks.At(0, 64).ReadWord<long>(7));
        Assert.Throws<ArgumentOutOfRangeException>(() => blocks.At(0, 64).ReadWord<long>(8));
        Assert.Throws<ArgumentOutOfRangeException>(() => blocks.At(0, 64).ReadWord<long>(uint.MaxValue));
        Assert.Throws<NotSupportedException>(() => blocks.At(0, 64).ReadWord<int>(0));
        blocks.At(0, 64).WriteWord(7, -5.5);
        Assert.Equal(-5.5, blocks.At(0, 64).ReadWord<double>(7));
        Assert.Throws<ArgumentOutOfRangeException>(() => blocks.At(0, 64).WriteWord(8, 1L));
        Assert.Throws<ArgumentOutOfRangeException>(() => blocks.At(0, 64).WriteWord(uint.MaxValue, 1L));
        Assert.Throws<NotSupportedException>(() => blocks.At(0, 64).WriteWord(0, 1));
    }
}

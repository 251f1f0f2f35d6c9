namespace Estream.Core.Tests;

public sealed class RegionSharedWordTests
{
    [Theory]
    [InlineData(-8)]
    [InlineData(57)]
    [InlineData(64)]
    public void A_shared_word_outside_its_window_throws(long offset)
    {
        using NativeRegion region = NativeRegion.Allocate(64);
        Assert.Throws<ArgumentOutOfRangeException>(() => new RegionSharedWord(region.All, offset));
    }

    [Fact]
    public void A_shared_word_must_be_aligned_and_writable()
    {
        using NativeRegion region = NativeRegion.Allocate(64);
        Assert.Throws<ArgumentException>(() => new RegionSharedWord(region.All, 4));
        Assert.Throws<ArgumentOutOfRangeException>(() => new RegionSharedWord(default, 0));
        Assert.Throws<NullReferenceException>(() => default(RegionSharedWord).WriteRelease(1));
        Assert.Throws<NullReferenceException>(() => default(RegionSharedWord).ReadAcquire());
        Assert.Throws<NullReferenceException>(() => default(RegionSharedWord).Add(1));
    }

    [Fact]
    public void A_read_only_window_has_no_shared_word()
    {
        string path = Path.GetTempFileName();
        try
        {
            File.WriteAllBytes(path, new byte[4096]);
            using MemoryRegion region = FileStorage.Instance.OpenRegion(path, RegionAccess.ReadOnly);
            Assert.Throws<ArgumentOutOfRangeException>(() => new RegionSharedWord(region.All, 0));
        }
        finally
        {
            File.Delete(path);
        }
    }

    [Fact]
    public void A_shared_word_writes_the_word_at_its_offset()
    {
        using NativeRegion region = NativeRegion.Allocate(64);
        var word = new RegionSharedWord(region.All, 56);
        word.WriteRelease(-7);
        Assert.Equal(-7, region.All.ReadInt64(56));
        Assert.Equal(35, word.Add(42));
        Assert.Equal(35, word.ReadAcquire());
        Assert.Equal(long.MinValue, word.Add(long.MaxValue - 34));
    }
}

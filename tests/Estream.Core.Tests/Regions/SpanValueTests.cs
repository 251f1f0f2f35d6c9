namespace Estream.Core.Tests;

public sealed class SpanValueTests
{
    [Fact]
    public void A_value_is_written_at_its_offset_only()
    {
        byte[] bytes = [1, 1, 1, 1, 1, 1];
        SpanValue.Write(bytes, 1, 0xAABBCCDD);
        Assert.Equal([1, 0xDD, 0xCC, 0xBB, 0xAA, 1], bytes);
        Assert.Equal(0xAABBCCDD, SpanValue.Read<uint>(bytes, 1));
        SpanValue.Write(bytes, 5, (byte)7);
        Assert.Equal((byte)7, SpanValue.Read<byte>(bytes, 5));
    }

    [Fact]
    public void Values_that_are_not_fully_inside_the_span_throw()
    {
        byte[] bytes = new byte[8];
        foreach (int offset in new[] { 1, 7, 8, 9, -1, -8, int.MinValue, int.MaxValue })
        {
            Assert.Throws<ArgumentOutOfRangeException>(() => SpanValue.Read<ulong>(bytes, offset));
            Assert.Throws<ArgumentOutOfRangeException>(() => SpanValue.Write(bytes, offset, 1UL));
        }

        Assert.Throws<ArgumentOutOfRangeException>(() => SpanValue.Read<byte>([], 0));
        Assert.Throws<ArgumentOutOfRangeException>(() => SpanValue.Write(default, 0, (byte)1));
        Assert.All(bytes, value => Assert.Equal(0, value));
    }

    [Fact]
    public void Clearing_a_prefix_changes_no_other_bytes()
    {
        byte[] bytes = [.. Enumerable.Repeat((byte)9, 100)];
        SpanValue.Clear(bytes, 71);
        Assert.All(bytes[..71], value => Assert.Equal(0, value));
        Assert.All(bytes[71..], value => Assert.Equal(9, value));
        SpanValue.Clear(bytes, 0);
        Assert.Throws<ArgumentOutOfRangeException>(() => SpanValue.Clear(bytes, 101));
        Assert.Throws<ArgumentOutOfRangeException>(() => SpanValue.Clear(bytes, -1));
    }
}

namespace Estream.Map.Tests;

public sealed class Utf8Key64Tests
{
    [Fact]
    public void Texts_up_to_the_limit_fit()
    {
        foreach (int length in new[] { 0, 1, 63, 64 })
        {
            byte[] text = [.. Enumerable.Repeat((byte)'x', length)];
            Assert.True(Utf8Key64.TryCreate(text, out Utf8Key64 key));
            Assert.Equal(length, key.Length);
            Assert.True(key.Span.SequenceEqual(text));
            Assert.Equal(new string('x', length), key.ToString());
        }

        Assert.False(Utf8Key64.TryCreate(new byte[65], out Utf8Key64 tooLong));
        Assert.Equal(default, tooLong);
        Assert.False(Utf8Key64.TryCreate(new string('ä', 33), out _));
        Assert.True(Utf8Key64.TryCreate(new string('ä', 32), out _));
    }

    [Fact]
    public void Create_throws_for_a_text_that_does_not_fit()
    {
        Assert.Equal("pümp-7", Utf8Key64.Create("pümp-7").ToString());
        Assert.Equal(Utf8Key64.Create("pümp-7"), Utf8Key64.Create("pümp-7"u8));
        Assert.Contains("65 bytes", Assert.Throws<ArgumentException>(() => Utf8Key64.Create(new byte[65])).Message,
            StringComparison.Ordinal);
        Assert.Contains("64 bytes", Assert.Throws<ArgumentException>(() => Utf8Key64.Create(new string('ä', 33))).Message,
            StringComparison.Ordinal);
        Assert.Throws<ArgumentException>(() => Utf8Key64.Create("pump-\uD83D"));
    }

    [Fact]
    public void The_same_text_is_the_same_key_whatever_it_was_made_from()
    {
        Assert.True(Utf8Key64.TryCreate("pümp-7"u8, out Utf8Key64 fromBytes));
        Assert.True(Utf8Key64.TryCreate("pümp-7", out Utf8Key64 fromChars));
        Assert.True(fromBytes == fromChars && fromBytes.Equals((object)fromChars));
        Assert.Equal(fromBytes.GetHashCode(), fromChars.GetHashCode());
        Assert.True(Utf8Key64.TryCreate("pümp-7\0"u8, out Utf8Key64 withNul));
        Assert.True(fromBytes != withNul);
    }

    [Fact]
    public void Half_a_character_is_rejected()
    {
        Utf8Key64 key;
        foreach (string text in (string[])["pump-\uD83D", "\uDE00pump"])
        {
            Assert.False(Utf8Key64.TryCreate(text, out key));
            Assert.Equal(default, key);
        }

        Assert.True(Utf8Key64.TryCreate("pump-\U0001F600", out key));
        Assert.Equal("pump-\U0001F600", key.ToString());
    }

    [Fact]
    public void A_text_that_is_too_long_leaves_no_bytes_in_the_key()
    {
        Assert.False(Utf8Key64.TryCreate(new string('y', 65), out Utf8Key64 key));
        Assert.Equal(default, key);
    }
}

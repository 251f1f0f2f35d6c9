using Estream.Core.Internal;

namespace Estream.Core.Tests;

public sealed class SmallReadTests
{
    // Longer than what is copied and compared with inlined code.
    private const int MostBytes = 300;

    [Fact]
    public void Strings_are_equal_only_if_length_and_all_bytes_are()
    {
        byte[] bytes = new byte[MostBytes];
        new Random(7).NextBytes(bytes);
        for (int length = 0; length <= MostBytes; length++)
        {
            byte[] other = bytes[..length];
            Assert.True(SmallRead.AreEqual(bytes.AsSpan(0, length), other));
            for (int at = 0; at < length; at++)
            {
                other[at] ^= 1;
                Assert.False(SmallRead.AreEqual(bytes.AsSpan(0, length), other));
                other[at] ^= 1;
            }

            if (length > 0)
            {
                Assert.False(SmallRead.AreEqual(bytes.AsSpan(0, length), other.AsSpan(1)));
            }
        }
    }

    [Fact]
    public void Exactly_the_bytes_of_the_source_are_copied()
    {
        byte[] bytes = new byte[MostBytes];
        new Random(8).NextBytes(bytes);
        for (int length = 0; length <= MostBytes; length++)
        {
            byte[] copy = new byte[length + 2];
            SmallRead.Copy(bytes.AsSpan(0, length), copy.AsSpan(1));
            byte[] expected = [0, .. bytes.AsSpan(0, length), 0];
            Assert.Equal(expected, copy);
        }
    }

    [Theory]
    [InlineData(1)]
    [InlineData(40)]
    [InlineData(MostBytes)]
    public void A_copy_that_does_not_fit_is_refused(int length)
    {
        byte[] bytes = new byte[length];
        Assert.Throws<ArgumentException>(() => SmallRead.Copy(bytes, new byte[length - 1]));
    }
}

using Estream.Crypto.Internal;

namespace Estream.Crypto.Tests;

/// <summary>Tests the branch-free comparison and selection.</summary>
public sealed class ConstantTimeTests
{
    [Fact]
    public void EqualMask_detects_any_changed_bit()
    {
        byte[] a = new byte[1568], b = new byte[1568];
        Random.Shared.NextBytes(a);
        a.CopyTo(b, 0);
        Assert.Equal(ulong.MaxValue, ConstantTime.EqualMask(a, b));
        for (int bit = 0; bit < 8 * a.Length; bit++)
        {
            b[bit / 8] ^= (byte)(1 << (bit % 8));
            Assert.Equal(0UL, ConstantTime.EqualMask(a, b));
            b[bit / 8] = a[bit / 8];
        }
    }

    [Fact]
    public void Select_copies_the_whole_block_that_the_mask_selects()
    {
        byte[] first = [.. Enumerable.Repeat((byte)0xA5, 32)], second = [.. Enumerable.Repeat((byte)0x3C, 32)], chosen = new byte[32];
        ConstantTime.Select(ulong.MaxValue, first, second, chosen);
        Assert.Equal(first, chosen);
        ConstantTime.Select(0, first, second, chosen);
        Assert.Equal(second, chosen);
    }
}

using System.Runtime.CompilerServices;

namespace Estream.Core.Tests;

public sealed class RawValueTests
{
    [Fact]
    public void Raw_values_are_equal_when_their_bytes_are_equal()
    {
        AssertEquality((byte)1, (byte)2);
        AssertEquality((short)1, (short)256);
        AssertEquality(1, 1 << 31);
        AssertEquality(1L, 1L << 63);
        AssertEquality(Guid.Empty, new Guid(0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1));
        AssertEquality(0.0, -0.0);
        AssertEquality(default(ElevenBytes), ElevenBytes.EndingIn(1));
    }

    [Fact]
    public void Words_of_a_raw_value_are_little_endian_and_padded_with_zeros()
    {
        ElevenBytes value = default;
        for (int index = 0; index < 11; index++)
        {
            value[index] = (byte)(index + 1);
        }

        Assert.Equal(0x0807060504030201UL, RawValue.WordAt(in value, 0));
        Assert.Equal(0x0B0A0908UL, RawValue.WordAt(in value, 7));
        Assert.Equal(0x0B0A090807060504UL, RawValue.WordAt(in value, 3));
        Assert.Equal(0x0BUL, RawValue.WordAt(in value, 10));
        int four = 0x04030201;
        Assert.Equal(0x04030201UL, RawValue.WordAt(in four, 0));
        Assert.Throws<ArgumentOutOfRangeException>(() => RawValue.WordAt(in value, 11));
        Assert.Throws<ArgumentOutOfRangeException>(() => RawValue.WordAt(in value, -1));
    }

    [Fact]
    public void Bytes_of_a_raw_value_are_the_bytes_of_the_value()
    {
        int value = 0x04030201;
        Assert.Equal([1, 2, 3, 4], RawValue.AsBytes(in value).ToArray());
        Assert.Equal(11, RawValue.SizeOf<ElevenBytes>());
    }

    private static void AssertEquality<T>(T one, T other)
        where T : unmanaged
    {
        T same = one;
        Assert.True(RawValue.AreEqual(in one, in same));
        Assert.False(RawValue.AreEqual(in one, in other));
    }

    [InlineArray(11)]
    private struct ElevenBytes
    {
        private byte _first;

        public static ElevenBytes EndingIn(byte last)
        {
            ElevenBytes value = default;
            value[10] = last;
            return value;
        }
    }
}

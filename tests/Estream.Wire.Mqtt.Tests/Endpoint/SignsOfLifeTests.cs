using Estream.Wire.Mqtt.Internal;

namespace Estream.Wire.Mqtt.Tests.Endpoint;

public sealed class SignsOfLifeTests
{
    [Fact]
    public void Bytes_of_an_unfinished_packet_are_one_when_there_is_a_kilobyte_of_them()
    {
        SignsOfLife signs = default;
        Assert.False(signs.Take(1, 1));
        Assert.False(signs.Take(SignsOfLife.Bytes - 1, SignsOfLife.Bytes - 1));
        Assert.True(signs.Take(SignsOfLife.Bytes, SignsOfLife.Bytes));
        Assert.False(signs.Take((2 * SignsOfLife.Bytes) - 1, (2 * SignsOfLife.Bytes) - 1));
        Assert.True(signs.Take(5 * SignsOfLife.Bytes, 5 * SignsOfLife.Bytes));
    }

    [Fact]
    public void A_whole_packet_is_one_and_what_comes_behind_it_counts_from_there()
    {
        SignsOfLife signs = default;
        Assert.True(signs.Take(2, 0));
        Assert.True(signs.Take(1_000, 900));
        Assert.False(signs.Take(900 + SignsOfLife.Bytes - 1, 900 + SignsOfLife.Bytes - 1));
        Assert.True(signs.Take(900 + SignsOfLife.Bytes, 900 + SignsOfLife.Bytes));
    }

    [Fact]
    public void Nothing_is_none()
    {
        SignsOfLife signs = default;
        Assert.False(signs.Take(0, 0));
    }
}

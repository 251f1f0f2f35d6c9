using Estream.Wire.Mqtt.Internal;

namespace Estream.Wire.Mqtt.Tests.Endpoint;

public sealed class KeepAliveTrackerTests
{
    [Fact]
    public void Bytes_of_an_unfinished_packet_are_one_when_there_is_a_kilobyte_of_them()
    {
        KeepAliveTracker signs = default;
        Assert.False(signs.Take(1, 1));
        Assert.False(signs.Take(KeepAliveTracker.Bytes - 1, KeepAliveTracker.Bytes - 1));
        Assert.True(signs.Take(KeepAliveTracker.Bytes, KeepAliveTracker.Bytes));
        Assert.False(signs.Take((2 * KeepAliveTracker.Bytes) - 1, (2 * KeepAliveTracker.Bytes) - 1));
        Assert.True(signs.Take(5 * KeepAliveTracker.Bytes, 5 * KeepAliveTracker.Bytes));
    }

    [Fact]
    public void A_whole_packet_is_one_and_what_comes_behind_it_counts_from_there()
    {
        KeepAliveTracker signs = default;
        Assert.True(signs.Take(2, 0));
        Assert.True(signs.Take(1_000, 900));
        Assert.False(signs.Take(900 + KeepAliveTracker.Bytes - 1, 900 + KeepAliveTracker.Bytes - 1));
        Assert.True(signs.Take(900 + KeepAliveTracker.Bytes, 900 + KeepAliveTracker.Bytes));
    }

    [Fact]
    public void Nothing_is_none()
    {
        KeepAliveTracker signs = default;
        Assert.False(signs.Take(0, 0));
    }
}

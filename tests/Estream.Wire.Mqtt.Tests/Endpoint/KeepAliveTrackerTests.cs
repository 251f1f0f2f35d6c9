using Estream.Wire.Mqtt.Internal;

namespace Estream.Wire.Mqtt.Tests.Endpoint;

public sealed class KeepAliveTrackerTests
{
    [Fact]
    public void Unfinished_packet_counts_as_activity_per_kilobyte()
    {
        KeepAliveTracker signs = default;
        Assert.False(signs.Take(1, 1));
        Assert.False(signs.Take(KeepAliveTracker.Bytes - 1, KeepAliveTracker.Bytes - 1));
        Assert.True(signs.Take(KeepAliveTracker.Bytes, KeepAliveTracker.Bytes));
        Assert.False(signs.Take((2 * KeepAliveTracker.Bytes) - 1, (2 * KeepAliveTracker.Bytes) - 1));
        Assert.True(signs.Take(5 * KeepAliveTracker.Bytes, 5 * KeepAliveTracker.Bytes));
    }

    [Fact]
    public void Complete_packet_counts_as_activity_and_restarts_the_byte_count()
    {
        KeepAliveTracker signs = default;
        Assert.True(signs.Take(2, 0));
        Assert.True(signs.Take(1_000, 900));
        Assert.False(signs.Take(900 + KeepAliveTracker.Bytes - 1, 900 + KeepAliveTracker.Bytes - 1));
        Assert.True(signs.Take(900 + KeepAliveTracker.Bytes, 900 + KeepAliveTracker.Bytes));
    }

    [Fact]
    public void Empty_read_does_not_count_as_activity()
    {
        KeepAliveTracker signs = default;
        Assert.False(signs.Take(0, 0));
    }
}

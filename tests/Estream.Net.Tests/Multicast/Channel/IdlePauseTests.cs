using Estream.Net.Multicast.Internal;

namespace Estream.Net.Tests.Multicast.Channel;

public sealed class IdlePauseTests
{
    [Fact]
    public void An_idle_channel_wakes_fewer_than_60_times_a_second()
    {
        IdlePause pause = new();
        TimeSpan waited = TimeSpan.Zero;
        int wakes = 0;
        while (waited < TimeSpan.FromSeconds(1))
        {
            waited += pause.After(0);
            wakes++;
        }

        Assert.InRange(wakes, 50, 59);
    }

    [Fact]
    public void A_channel_with_packets_does_not_wait_and_then_waits_a_millisecond()
    {
        IdlePause pause = new();
        for (int index = 0; index < 10; index++)
        {
            _ = pause.After(0);
        }

        Assert.Equal(TimeSpan.Zero, pause.After(3));
        Assert.Equal(TimeSpan.FromMilliseconds(1), pause.After(0));
        Assert.Equal(TimeSpan.FromMilliseconds(2), pause.After(0));
    }
}

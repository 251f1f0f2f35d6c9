namespace Estream.Wire.Tests;

public class EventLimitTests
{
    private const long MinuteNanos = 60_000_000_000;

    [Fact]
    public void First_event_after_the_limit_counts_the_omitted_ones()
    {
        EventLimit limit = new(perMinute: 3);
        for (int number = 0; number < 3; number++)
        {
            Assert.True(limit.TryTake(number, out int none));
            Assert.Equal(0, none);
        }

        Assert.False(limit.TryTake(100, out _));
        Assert.False(limit.TryTake(MinuteNanos - 1, out _));
        Assert.True(limit.TryTake(MinuteNanos, out int omitted));
        Assert.Equal(2, omitted);
        Assert.True(limit.TryTake(MinuteNanos + 1, out omitted));
        Assert.Equal(0, omitted);
    }
}

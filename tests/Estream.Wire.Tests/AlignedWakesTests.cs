using FsCheck.Xunit;

namespace Estream.Wire.Tests;

public sealed class AlignedWakesTests
{
    [Property]
    public void A_wait_ends_at_a_multiple_of_its_period_and_is_neither_short_nor_long(uint now, ushort half)
    {
        long periodMs = 2 * (half + 1L);

        long wait = (long)AlignedWakes.UntilNext(TimeSpan.FromMilliseconds(periodMs), now).TotalMilliseconds;

        Assert.Equal(0, (now + wait) % periodMs);
        Assert.InRange(wait, periodMs / 2, periodMs + (periodMs / 2));
    }

    [Fact]
    public void A_timer_that_fires_a_little_early_does_not_fire_twice() =>
        Assert.Equal(1_001, AlignedWakes.UntilNext(TimeSpan.FromSeconds(1), 4_999).TotalMilliseconds);
}

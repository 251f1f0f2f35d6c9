using Estream.Streams.Operators;
using Estream.Testing;

namespace Estream.Streams.Tests;

/// <summary>How long messages took, in a histogram.</summary>
public sealed class LatencyMeterTests
{
    private readonly ManualClock _clock = new(long.MaxValue / 2);

    [Fact]
    public void Nothing_measured_has_no_percentile()
    {
        LatencyMeter meter = new(_clock, TimeSpan.FromMilliseconds(5));
        meter.Retract();
        meter.Complete();
        Assert.Equal((0, 0, TimeSpan.Zero), (meter.Counts.Total, meter.Counts.Late, meter.Counts.Percentile(990)));
    }

    [Theory]
    [InlineData(-5L)]
    [InlineData(0L)]
    [InlineData(1_023L)]
    [InlineData(1_024L)]
    [InlineData(1_151L)]
    [InlineData(1_152L)]
    [InlineData(1_000_000L)]
    [InlineData(123_456_789L)]
    [InlineData((1L << 50) - 1)]
    [InlineData(1L << 50)]
    [InlineData(long.MaxValue / 2)]
    public void A_percentile_is_no_more_than_an_eighth_above_what_was_measured(long nanos)
    {
        LatencyMeter meter = new(_clock, TimeSpan.FromTicks(long.MaxValue / 200));
        meter.Note(_clock.UtcNanos - nanos);
        meter.Complete();
        long shown = meter.Counts.Percentile(500).Ticks * TimeSpan.NanosecondsPerTick;
        long least = Math.Clamp(nanos, 1_024, (1L << 50) - 1);
        Assert.InRange(shown, Math.Min(nanos, least) - TimeSpan.NanosecondsPerTick, least + (least / 8) + 1);
    }

    [Fact]
    public void What_is_longer_than_the_limit_is_counted_exactly_and_windows_are_differences()
    {
        LatencyMeter meter = new(_clock, TimeSpan.FromMilliseconds(5));
        Note(meter, 5_000_000, 5_000_001, 1, 6_000_000);
        LatencyCounts before = meter.Counts;
        Assert.Equal((4, 2), (before.Total, before.Late));
        Note(meter, 1_000_000, 2_000_000, 3_000_000, 4_000_000);
        LatencyCounts window = meter.Counts.Since(before);
        Assert.Equal((4, 0), (window.Total, window.Late));
        Assert.InRange(window.Percentile(500), TimeSpan.FromMilliseconds(2), TimeSpan.FromMilliseconds(2.25));
        Assert.InRange(window.Percentile(999), TimeSpan.FromMilliseconds(4), TimeSpan.FromMilliseconds(4.5));
    }

    [Fact]
    public void A_message_that_comes_again_counts_once_and_what_does_not_fit_is_left_out()
    {
        LatencyMeter meter = new(_clock, TimeSpan.FromMilliseconds(5));
        meter.Note(_clock.UtcNanos);
        meter.Retract();
        Note(meter, [.. Enumerable.Repeat(1L, 5_000)]);
        Assert.Equal(4_096, meter.Counts.Total);
        Note(meter, 1);
        Assert.Equal(4_097, meter.Counts.Total);
    }

    [Fact]
    public void Nothing_is_allocated_for_a_message()
    {
        LatencyMeter meter = new(_clock, TimeSpan.FromMilliseconds(5));
        Assert.Equal(0, AllocationMeter.OnThisThread(1_000, () =>
        {
            meter.Note(1);
            meter.Complete();
        }));
    }

    private void Note(LatencyMeter meter, params IEnumerable<long> nanos)
    {
        foreach (long one in nanos)
        {
            meter.Note(_clock.UtcNanos - one);
        }

        meter.Complete();
    }
}

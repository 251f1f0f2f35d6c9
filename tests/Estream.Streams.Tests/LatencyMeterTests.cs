using Estream.Streams.Operators;
using Estream.Testing;

namespace Estream.Streams.Tests;

/// <summary>Latencies of messages, in a histogram.</summary>
public sealed class LatencyMeterTests
{
    private readonly ManualClock _clock = new(long.MaxValue / 2);

    [Fact]
    public void Percentile_is_zero_without_measurements()
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
    public void Percentile_is_at_most_an_eighth_above_the_measured_time(long nanos)
    {
        LatencyMeter meter = new(_clock, TimeSpan.FromTicks(long.MaxValue / 200));
        meter.Note(_clock.UtcNanos - nanos);
        meter.Complete();
        long shown = meter.Counts.Percentile(500).Ticks * TimeSpan.NanosecondsPerTick;
        long least = Math.Clamp(nanos, 1_024, (1L << 50) - 1);
        Assert.InRange(shown, Math.Min(nanos, least) - TimeSpan.NanosecondsPerTick, least + (least / 8) + 1);
    }

    [Fact]
    public void Messages_over_the_limit_are_counted_exactly_and_counts_can_be_subtracted()
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
    public void Redelivered_message_counts_once_and_overflow_is_not_measured()
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
    public void Measuring_a_message_allocates_nothing()
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

using Estream.Testing;

namespace Estream.Core.Tests;

/// <summary>Counts and percentiles of latencies.</summary>
public sealed class LatencyHistogramTests
{
    private readonly LatencyHistogram _histogram = new();

    [Fact]
    public void Percentile_of_no_messages_is_zero()
    {
        Assert.Equal(TimeSpan.Zero, Percentile(990));
    }

    [Theory]
    [InlineData(long.MinValue, 1_024)]
    [InlineData(-1, 1_024)]
    [InlineData(0, 1_024)]
    [InlineData(1_000_000, 1_000_000)]
    [InlineData(1L << 50, (1L << 50) - 1)]
    [InlineData(long.MaxValue, (1L << 50) - 1)]
    public void Percentile_is_at_most_an_eighth_above_the_latency(long nanos, long least)
    {
        _histogram.Add(nanos);
        Assert.InRange(Percentile(500).Ticks * TimeSpan.NanosecondsPerTick, least - TimeSpan.NanosecondsPerTick, least + (least / 8) + 1);
    }

    [Fact]
    public void Messages_of_several_threads_are_all_counted()
    {
        Parallel.For(0, 4, _ =>
        {
            for (int i = 0; i < 10_000; i++)
            {
                _histogram.AddShared(5_000, 3);
            }
        });
        long[] counts = new long[LatencyHistogram.StepCount];
        _histogram.CopyTo(counts);
        Assert.Equal(120_000, counts.Sum());
    }

    [Fact]
    public void Counting_and_reading_allocate_nothing()
    {
        long[] counts = new long[LatencyHistogram.StepCount];
        Assert.Equal(0, AllocationMeter.OnThisThread(1_000, () =>
        {
            _histogram.AddShared(5_000, 3);
            _histogram.CopyTo(counts);
            _ = LatencyHistogram.Percentile(counts, 990);
        }));
    }

    private TimeSpan Percentile(int perMille)
    {
        long[] counts = new long[LatencyHistogram.StepCount];
        _histogram.CopyTo(counts);
        return LatencyHistogram.Percentile(counts, perMille);
    }
}

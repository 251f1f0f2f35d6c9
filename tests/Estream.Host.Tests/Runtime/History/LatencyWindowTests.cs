using Estream.Core;
using Estream.Host.Runtime;
using Estream.Testing;

namespace Estream.Host.Tests.Runtime.History;

/// <summary>Percentiles of the latencies of the last ten seconds.</summary>
public sealed class LatencyWindowTests
{
    private readonly LatencyHistogram _histogram = new();

    [Fact]
    public void A_window_without_a_histogram_or_without_messages_has_no_value()
    {
        LatencyWindow none = new(() => null, 500), empty = new(() => _histogram, 500);
        Assert.All(Enumerable.Range(0, 30), _ => Assert.Equal((double.NaN, double.NaN), (none.Read(), empty.Read())));
    }

    [Fact]
    public void A_window_forgets_the_latencies_of_earlier_windows()
    {
        LatencyWindow window = new(() => _histogram, 990);
        _histogram.Add(80_000_000);
        Assert.InRange(window.Read(), 0.080, 0.090);
        _histogram.Add(2_000_000);
        Assert.InRange(window.Read(), 0.002, 0.00225);
        Assert.Equal(double.NaN, window.Read());
    }

    [Fact]
    public void A_window_begins_without_the_latencies_counted_before()
    {
        _histogram.Add(80_000_000);
        LatencyWindow window = new(() => _histogram, 990);
        Assert.Equal(double.NaN, window.Read());
    }

    [Fact]
    public void Reading_a_window_allocates_nothing()
    {
        LatencyWindow window = new(() => _histogram, 990);
        Assert.Equal(0, AllocationMeter.OnThisThread(1_000, () =>
        {
            _histogram.Add(80_000_000);
            _ = window.Read();
        }));
    }
}

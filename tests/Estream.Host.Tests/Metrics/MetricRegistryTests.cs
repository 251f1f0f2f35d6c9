using System.Diagnostics.Metrics;
using Estream.Host.Metrics;
using Estream.Testing;

namespace Estream.Host.Tests.Metrics;

/// <summary>
/// Goal: a scrape follows the Prometheus format and has correct values for all kinds of instruments. Each test uses unique instrument
/// names, because the registry also listens to the meters of other tests.
/// </summary>
public sealed class MetricRegistryTests : IDisposable
{
    private readonly MetricRegistry _registry = new();
    private readonly Meter _meter = new("Estream.Tests");

    public void Dispose()
    {
        _meter.Dispose();
        _registry.Dispose();
    }

    [Fact]
    public void A_counter_adds_up_per_label_set()
    {
        Counter<long> counter = _meter.CreateCounter<long>("estream.t1.received", null, "Messages received.");
        counter.Add(2, new KeyValuePair<string, object?>("adapter", "a"));
        counter.Add(3, new KeyValuePair<string, object?>("adapter", "a"));
        counter.Add(5, new KeyValuePair<string, object?>("adapter", "b"));

        Dictionary<string, double> samples = Scrape();

        Assert.Equal(5, samples["estream_t1_received_total{adapter=\"a\"}"]);
        Assert.Equal(5, samples["estream_t1_received_total{adapter=\"b\"}"]);
        Assert.Contains("# HELP estream_t1_received_total Messages received.\n# TYPE estream_t1_received_total counter\n",
            _registry.Render(), StringComparison.Ordinal);
    }

    [Fact]
    public void Large_whole_numbers_stay_exact()
    {
        Counter<long> counter = _meter.CreateCounter<long>("estream.t2.bytes", "By");
        counter.Add((1L << 53) + 1);
        counter.Add(1);

        Assert.Contains("\nestream_t2_bytes_total 9007199254740994\n", _registry.Render(), StringComparison.Ordinal);
    }

    [Fact]
    public void An_up_down_counter_and_a_gauge_are_gauges()
    {
        UpDownCounter<int> connections = _meter.CreateUpDownCounter<int>("estream.t3.connections");
        connections.Add(5);
        connections.Add(-2);
        Gauge<double> level = _meter.CreateGauge<double>("estream.t3.level");
        level.Record(1.5);
        level.Record(0.25);

        Dictionary<string, double> samples = Scrape();

        Assert.Equal(3, samples["estream_t3_connections"]);
        Assert.Equal(0.25, samples["estream_t3_level"]);
        Assert.Contains("# TYPE estream_t3_connections gauge\n", _registry.Render(), StringComparison.Ordinal);
    }

    [Fact]
    public void A_histogram_has_cumulative_buckets_sum_and_count()
    {
        Histogram<double> latency = _meter.CreateHistogram<double>("estream.t4.commit", "s");
        foreach (double seconds in (double[])[0.00001, 0.003, 0.003, 99])
        {
            latency.Record(seconds, new KeyValuePair<string, object?>("queue", "q"));
        }

        Dictionary<string, double> samples = Scrape();

        Assert.Equal(1, samples["estream_t4_commit_seconds_bucket{queue=\"q\",le=\"1E-05\"}"]);
        Assert.Equal(1, samples["estream_t4_commit_seconds_bucket{queue=\"q\",le=\"0.0025\"}"]);
        Assert.Equal(3, samples["estream_t4_commit_seconds_bucket{queue=\"q\",le=\"0.005\"}"]);
        Assert.Equal(4, samples["estream_t4_commit_seconds_bucket{queue=\"q\",le=\"+Inf\"}"]);
        Assert.Equal(4, samples["estream_t4_commit_seconds_count{queue=\"q\"}"]);
        Assert.Equal(99.00601, samples["estream_t4_commit_seconds_sum{queue=\"q\"}"], 9);
    }

    [Fact]
    public void An_instrument_can_define_its_own_buckets()
    {
        Histogram<long> size = _meter.CreateHistogram("estream.t5.size", "By", null, null,
            new InstrumentAdvice<long> { HistogramBucketBoundaries = [10, 20] });
        size.Record(20);

        Dictionary<string, double> samples = Scrape();

        Assert.Equal(0, samples["estream_t5_size_bytes_bucket{le=\"10\"}"]);
        Assert.Equal(1, samples["estream_t5_size_bytes_bucket{le=\"20\"}"]);
    }

    [Fact]
    public void Observable_instruments_report_their_state_and_vanish_when_they_stop()
    {
        List<Measurement<long>> observed = [new(7, new KeyValuePair<string, object?>("map", "m"))];
        _meter.CreateObservableGauge("estream.t6.entries", () => observed);
        _meter.CreateObservableCounter("estream.t6.total", () => 40L);

        Assert.Equal(7, Scrape()["estream_t6_entries{map=\"m\"}"]);
        Assert.Equal(40, Scrape()["estream_t6_total"]);
        observed.Clear();
        Assert.DoesNotContain("estream_t6_entries", _registry.Render(), StringComparison.Ordinal);
    }

    [Fact]
    public void A_callback_that_throws_affects_only_its_own_instrument()
    {
        _meter.CreateObservableGauge("estream.t7.broken", long () => throw new InvalidOperationException("closing"));
        _meter.CreateObservableGauge("estream.t7.sound", () => 1L);

        Assert.Equal(1, Scrape()["estream_t7_sound"]);
    }

    [Fact]
    public void Names_and_values_that_the_format_does_not_allow_are_escaped()
    {
        Counter<long> counter = _meter.CreateCounter<long>("estream.t8/odd-näme", "{things}", "a\\b\nc");
        counter.Add(1, new KeyValuePair<string, object?>("1.tag", "quote\" back\\slash\nline"),
            new KeyValuePair<string, object?>("le", true), new KeyValuePair<string, object?>("__name__", null));

        string text = _registry.Render();

        Assert.Contains("# HELP estream_t8_odd_n_me_total a\\\\b\\nc\n", text, StringComparison.Ordinal);
        Assert.Contains(
            "estream_t8_odd_n_me_total{_1_tag=\"quote\\\" back\\\\slash\\nline\",exported_le=\"true\",exported_name__=\"\"} 1\n", text,
            StringComparison.Ordinal);
        PrometheusGrammar.Parse(text);
    }

    [Fact]
    public void The_order_of_tags_does_not_create_a_second_series()
    {
        Counter<long> counter = _meter.CreateCounter<long>("estream.t9.order");
        KeyValuePair<string, object?> a = new("a", 1), b = new("b", 2);
        counter.Add(1, a, b);
        counter.Add(1, b, a);

        Assert.Equal(2, Scrape()["estream_t9_order_total{a=\"1\",b=\"2\"}"]);
    }

    [Fact]
    public void External_label_values_cannot_grow_the_scrape_without_bound()
    {
        Counter<long> counter = _meter.CreateCounter<long>("estream.t10.flood");
        for (int i = 0; i < MetricFamily.MaxSeriesCount + 500; i++)
        {
            counter.Add(1, new KeyValuePair<string, object?>("topic", i));
        }

        counter.Add(1, new KeyValuePair<string, object?>("topic", new string('x', 10_000)));

        Dictionary<string, double> samples = Scrape();

        double total = samples.Where(s => s.Key.StartsWith("estream_t10_flood_total", StringComparison.Ordinal)).Sum(s => s.Value);
        Assert.Equal(MetricFamily.MaxSeriesCount + 501, total);
        Assert.Equal(501, samples["estream_t10_flood_total{overflow=\"true\"}"]);
    }

    [Fact]
    public void Values_that_are_not_finite_are_written_as_the_metrics_format_defines()
    {
        Gauge<double> gauge = _meter.CreateGauge<double>("estream.t11.odd");
        gauge.Record(double.NaN, new KeyValuePair<string, object?>("v", "nan"));
        gauge.Record(double.PositiveInfinity, new KeyValuePair<string, object?>("v", "inf"));
        gauge.Record(double.NegativeInfinity, new KeyValuePair<string, object?>("v", "ninf"));

        Dictionary<string, double> samples = Scrape();

        Assert.Equal(double.NaN, samples["estream_t11_odd{v=\"nan\"}"]);
        Assert.Equal(double.PositiveInfinity, samples["estream_t11_odd{v=\"inf\"}"]);
        Assert.Equal(double.NegativeInfinity, samples["estream_t11_odd{v=\"ninf\"}"]);
    }

    [Fact]
    public void Measuring_into_a_known_series_allocates_nothing()
    {
        Counter<long> counter = _meter.CreateCounter<long>("estream.t12.hot");
        KeyValuePair<string, object?> adapter = new("adapter", "devices"), kind = new("kind", "publish");

        long bytes = AllocationMeter.OnThisThread(1000, () => counter.Add(1, adapter, kind));

        Assert.Equal(0, bytes);
    }

    [Fact]
    public void Meters_of_other_products_are_not_exported()
    {
        using Meter other = new("Elsewhere");
        other.CreateCounter<long>("elsewhere.count").Add(1);

        Assert.DoesNotContain("elsewhere", _registry.Render(), StringComparison.Ordinal);
    }

    [Fact]
    public void The_process_reports_its_resource_usage()
    {
        using ProcessMetrics process = new();

        Dictionary<string, double> samples = Scrape();

        Assert.True(samples["process_resident_memory_bytes"] > 1_000_000);
        Assert.True(samples["process_cpu_seconds_total"] > 0);
        Assert.True(samples["process_start_time_seconds"] > 1_600_000_000);
        Assert.True(samples["process_open_fds"] > 2);
        Assert.Contains("dotnet_gc_collections_total{generation=\"2\"}", samples.Keys);
    }

    [Fact]
    public void Concurrent_measurements_are_all_counted()
    {
        Counter<long> whole = _meter.CreateCounter<long>("estream.t13.whole");
        Counter<double> fraction = _meter.CreateCounter<double>("estream.t13.fraction");
        Histogram<double> histogram = _meter.CreateHistogram<double>("estream.t13.histogram");

        Parallel.For(0, 8, worker =>
        {
            for (int i = 0; i < 10_000; i++)
            {
                whole.Add(1);
                fraction.Add(0.5);
                histogram.Record(i % 7);
            }
        });

        Dictionary<string, double> samples = Scrape();
        Assert.Equal(80_000, samples["estream_t13_whole_total"]);
        Assert.Equal(40_000, samples["estream_t13_fraction_total"]);
        Assert.Equal(80_000, samples["estream_t13_histogram_count"]);
    }

    private Dictionary<string, double> Scrape() => PrometheusGrammar.Parse(_registry.Render());
}

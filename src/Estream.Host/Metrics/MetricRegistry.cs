using System.Collections.Concurrent;
using System.Diagnostics.Metrics;
using System.Text;

namespace Estream.Host.Metrics;

/// <summary>
/// Listens to every meter whose name starts with <c>Estream</c> and renders the measurements as Prometheus text. Libraries depend only on
/// <see cref="Meter"/>; an application that prefers OpenTelemetry listens to the same meters. Thread-safe; measurements are lock-free
/// except for histograms, scrapes are serialized.
/// </summary>
internal sealed class MetricRegistry : IDisposable
{
    public const string MeterPrefix = "Estream";

    /// <summary>The maximum number of families. Instruments are defined in code, not by traffic; the limit guards against a loop.</summary>
    private const int MaxFamilyCount = 500;

    private readonly ConcurrentDictionary<string, MetricFamily> _families = new(StringComparer.Ordinal);
    private readonly ConcurrentBag<MetricFamily> _observed = [];
    private readonly MeterListener _listener = new();
    private readonly Lock _scrape = new();

    public MetricRegistry()
    {
        _listener.InstrumentPublished = OnPublished;
        _listener.SetMeasurementEventCallback<byte>((i, v, t, s) => OnWhole(i, v, t, s));
        _listener.SetMeasurementEventCallback<short>((i, v, t, s) => OnWhole(i, v, t, s));
        _listener.SetMeasurementEventCallback<int>((i, v, t, s) => OnWhole(i, v, t, s));
        _listener.SetMeasurementEventCallback<long>(OnWhole);
        _listener.SetMeasurementEventCallback<float>((i, v, t, s) => OnFraction(i, v, t, s));
        _listener.SetMeasurementEventCallback<double>(OnFraction);
        _listener.SetMeasurementEventCallback<decimal>((i, v, t, s) => OnFraction(i, (double)v, t, s));
        _listener.Start();
    }

    /// <summary>The names of all families, also of those without a measurement.</summary>
    public ICollection<string> Names => _families.Keys;

    /// <summary>Renders all families in name order. Reads observable instruments first, so their values are current.</summary>
    public string Render()
    {
        lock (_scrape)
        {
            foreach (MetricFamily family in _observed)
            {
                family.Clear();
            }

            Observe();
            StringBuilder output = new(16 * 1024);
            PrometheusWriter writer = new(output);
            foreach ((_, MetricFamily family) in _families.OrderBy(f => f.Key, StringComparer.Ordinal))
            {
                family.Write(writer);
            }

            return output.ToString();
        }
    }

    /// <summary>Stops listening. Recorded measurements can still be rendered.</summary>
    public void Dispose() => _listener.Dispose();

    private static void OnWhole(Instrument instrument, long value, ReadOnlySpan<KeyValuePair<string, object?>> tags, object? state)
    {
        MetricFamily family = (MetricFamily)state!;
        if (family.Kind == MetricKind.Histogram)
        {
            family.Record(value, tags);
        }
        else if (IsAbsolute(instrument))
        {
            family.Set(value, tags);
        }
        else
        {
            family.Add(value, tags);
        }
    }

    private static void OnFraction(Instrument instrument, double value, ReadOnlySpan<KeyValuePair<string, object?>> tags, object? state)
    {
        MetricFamily family = (MetricFamily)state!;
        if (family.Kind == MetricKind.Histogram)
        {
            family.Record(value, tags);
        }
        else if (IsAbsolute(instrument))
        {
            family.Set(value, tags);
        }
        else
        {
            family.Add(value, tags);
        }
    }

    /// <summary>Whether an instrument reports absolute values. Observable instruments and gauges do; counters report increments.</summary>
    private static bool IsAbsolute(Instrument instrument) =>
        instrument.IsObservable || instrument.GetType().GetGenericTypeDefinition() == typeof(Gauge<>);

    private static MetricKind KindOf(Instrument instrument)
    {
        Type type = instrument.GetType().GetGenericTypeDefinition();
        return type == typeof(Counter<>) || type == typeof(ObservableCounter<>) ? MetricKind.Counter
            : type == typeof(Histogram<>) ? MetricKind.Histogram
            : MetricKind.Gauge;
    }

    private static IEnumerable<double>? AdvisedBounds(Instrument instrument) => instrument switch
    {
        Histogram<double> h => h.Advice?.HistogramBucketBoundaries,
        Histogram<long> h => h.Advice?.HistogramBucketBoundaries?.Select(b => (double)b),
        Histogram<int> h => h.Advice?.HistogramBucketBoundaries?.Select(b => (double)b),
        _ => null,
    };

    private void OnPublished(Instrument instrument, MeterListener listener)
    {
        if (!instrument.Meter.Name.StartsWith(MeterPrefix, StringComparison.Ordinal) || _families.Count >= MaxFamilyCount)
        {
            return;
        }

        MetricKind kind = KindOf(instrument);
        string name = MetricName.Of(instrument.Name, instrument.Unit, kind);
        MetricFamily family = _families.GetOrAdd(
            name,
            n => new MetricFamily(n, kind, instrument.Description ?? instrument.Name,
                HistogramBounds.For(instrument.Unit, AdvisedBounds(instrument))));
        if (family.Kind != kind)
        {
            return; // A name can have only one type; the first instrument wins.
        }

        if (instrument.IsObservable)
        {
            _observed.Add(family);
        }

        listener.EnableMeasurementEvents(instrument, family);
    }

    private void Observe()
    {
        try
        {
            _listener.RecordObservableInstruments();
        }
        catch (AggregateException)
        {
            // The callback of one instrument failed (its owner may be closing). All other instruments have reported, and an incomplete
            // scrape is better than none.
        }
    }
}

using System.Collections.Concurrent;

namespace Estream.Host.Metrics;

/// <summary>
/// All series of one metric name. The number of series is bounded: further measurements are added to one series with the label
/// <c>overflow="true"</c>. The total stays correct, and labels with external values cannot exhaust the memory of the host or of Prometheus.
/// Thread-safe.
/// </summary>
internal sealed class MetricFamily(string name, MetricKind kind, string help, double[] bounds)
{
    /// <summary>The maximum number of series of a family, not counting the overflow series.</summary>
    public const int MaxSeriesCount = 1000;

    private const string OverflowLabels = "overflow=\"true\"";

    private readonly ConcurrentDictionary<string, MetricSeries> _series = new(StringComparer.Ordinal);
    private readonly ConcurrentDictionary<string, HistogramSeries> _histograms = new(StringComparer.Ordinal);

    public string Name => name;

    public MetricKind Kind => kind;

    /// <summary>Adds to the series of <paramref name="tags"/>. Allocates only when the series is new.</summary>
    public void Add(long value, ReadOnlySpan<KeyValuePair<string, object?>> tags) => Series(tags).Add(value);

    /// <inheritdoc cref="Add(long, ReadOnlySpan{KeyValuePair{string, object?}})"/>
    public void Add(double value, ReadOnlySpan<KeyValuePair<string, object?>> tags) => Series(tags).Add(value);

    public void Set(long value, ReadOnlySpan<KeyValuePair<string, object?>> tags) => Series(tags).Set(value);

    public void Set(double value, ReadOnlySpan<KeyValuePair<string, object?>> tags) => Series(tags).Set(value);

    public void Record(double value, ReadOnlySpan<KeyValuePair<string, object?>> tags) => Histogram(tags).Record(value);

    /// <summary>Removes observed values, so series that are no longer reported disappear from the next scrape.</summary>
    public void Clear() => _series.Clear();

    public void Write(PrometheusWriter writer)
    {
        if (_series.IsEmpty && _histograms.IsEmpty)
        {
            return;
        }

        writer.Header(name, kind, help);
        foreach ((_, MetricSeries series) in _series.OrderBy(s => s.Key, StringComparer.Ordinal))
        {
            series.Write(writer, name);
        }

        foreach ((_, HistogramSeries series) in _histograms.OrderBy(s => s.Key, StringComparer.Ordinal))
        {
            series.Write(writer, name);
        }
    }

    private MetricSeries Series(ReadOnlySpan<KeyValuePair<string, object?>> tags)
    {
        Span<char> labels = stackalloc char[LabelText.MaxLength];
        if (!LabelText.TryRender(tags, labels, out int length))
        {
            return _series.GetOrAdd(OverflowLabels, static text => new MetricSeries(text));
        }

        if (_series.GetAlternateLookup<ReadOnlySpan<char>>().TryGetValue(labels[..length], out MetricSeries? series))
        {
            return series;
        }

        string key = _series.Count < MaxSeriesCount ? labels[..length].ToString() : OverflowLabels;
        return _series.GetOrAdd(key, static text => new MetricSeries(text));
    }

    private HistogramSeries Histogram(ReadOnlySpan<KeyValuePair<string, object?>> tags)
    {
        Span<char> labels = stackalloc char[LabelText.MaxLength];
        if (!LabelText.TryRender(tags, labels, out int length))
        {
            return _histograms.GetOrAdd(OverflowLabels, static (text, b) => new HistogramSeries(text, b), bounds);
        }

        if (_histograms.GetAlternateLookup<ReadOnlySpan<char>>().TryGetValue(labels[..length], out HistogramSeries? series))
        {
            return series;
        }

        string key = _histograms.Count < MaxSeriesCount ? labels[..length].ToString() : OverflowLabels;
        return _histograms.GetOrAdd(key, static (text, b) => new HistogramSeries(text, b), bounds);
    }
}

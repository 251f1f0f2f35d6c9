namespace Estream.Host.Metrics;

/// <summary>How a value behaves over time, which decides how it is added up and which TYPE line it gets.</summary>
internal enum MetricKind
{
    Counter,
    Gauge,
    Histogram,
}

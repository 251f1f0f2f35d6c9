using System.Diagnostics.Metrics;

namespace Estream.Wire.Fix.Internal;

/// <summary>The instruments of all FIX adapters of the process, on the meter all of Estream shares.</summary>
internal static class FixMetrics
{
    private static readonly Lock s_lock = new();
    private static readonly List<FixCounters> s_adapters = [];
    private static readonly Meter s_meter = new("Estream");

    static FixMetrics()
    {
        s_meter.CreateObservableCounter("estream.fix.received", () => Read(c => c.Received), "{message}", "Application messages taken from the wire.");
        s_meter.CreateObservableCounter("estream.fix.bytes", () => Read(c => c.Bytes), "By", "Bytes of those messages.");
        s_meter.CreateObservableCounter("estream.fix.rejected", () => Read(c => c.Rejected), "{message}", "Application messages that were not taken.");
        s_meter.CreateObservableCounter("estream.fix.sent", () => Read(c => c.Sent), "{message}", "Application messages sent.");
        s_meter.CreateObservableGauge("estream.fix.sessions", () => Read(c => c.LoggedOn), "{session}", "Sessions logged on now.");
    }

    public static void Add(FixCounters counters)
    {
        lock (s_lock)
        {
            s_adapters.Add(counters);
        }
    }

    public static void Remove(FixCounters counters)
    {
        lock (s_lock)
        {
            s_adapters.Remove(counters);
        }
    }

    private static IEnumerable<Measurement<long>> Read(Func<FixCounters, long> value)
    {
        lock (s_lock)
        {
            return [.. s_adapters.Select(c => new Measurement<long>(value(c), new KeyValuePair<string, object?>("adapter", c.Adapter)))];
        }
    }
}

using System.Text;

namespace Estream.Scenarios.Workloads;

/// <summary>
/// The IoTTelemetry readings that every codec encodes and decodes: six fields (device_id, timestamp, metric_name,
/// value, unit, quality), the optional object and the optional map absent.
/// </summary>
internal static class Readings
{
    /// <summary>The number of different readings; encoded, they stay in the first-level cache.</summary>
    public const int Count = 128;

    /// <summary>The size of the slot for one encoded reading, in bytes.</summary>
    public const int SlotBytes = 192;

    private const long FirstTimestamp = 1_760_000_000_000_000_000;

    private static readonly (string Metric, string Unit)[] s_metrics =
        [("temperature", "C"), ("humidity", "%"), ("pressure", "kPa"), ("vibration", "mm/s")];

    public static Reading[] All { get; } = [.. Enumerable.Range(0, Count).Select(Create)];

    private static Reading Create(int index)
    {
        (string metric, string unit) = s_metrics[index % s_metrics.Length];
        return new Reading(
            Encoding.UTF8.GetBytes($"sensor-{index:000000}"),
            FirstTimestamp + index,
            Encoding.UTF8.GetBytes(metric),
            20.0 + index * 0.125,
            Encoding.UTF8.GetBytes(unit),
            (byte)(index % 101));
    }
}

/// <summary>One reading, with texts as UTF-8.</summary>
internal sealed record Reading(byte[] DeviceId, long Timestamp, byte[] MetricName, double Value, byte[] Unit, byte Quality)
{
    /// <summary>The sum that a consumer computes from a reading in `esf-decode`: every codec reads every field.</summary>
    public ulong Digest => Digests.Of(DeviceId, Timestamp, MetricName, Value, Unit, Quality);
}

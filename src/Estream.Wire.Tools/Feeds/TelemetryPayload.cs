using System.Buffers.Text;
using Estream.Core;

namespace Estream.Wire.Tools.Feeds;

/// <summary>
/// The payload of a simulated device: IoTTelemetry as JSON, without device_id, which is in the topic. Each device has one metric, whose
/// values vary slowly with a period of the device, so that charts look realistic.
/// </summary>
/// <remarks>Allocates nothing. Thread-safe.</remarks>
internal sealed class TelemetryPayload(IClock clock)
{
    /// <summary>The maximum length in bytes.</summary>
    public const int MaxBytes = 192;

    private static readonly Metric[] s_metrics =
    [
        new("temperature", "C", 62, 9),
        new("pressure", "kPa", 410, 35),
        new("vibration", "mm/s", 2.8, 1.1),
        new("flow", "l/min", 118, 22),
    ];

    /// <summary>Writes the payload of the n-th message of a device.</summary>
    /// <returns>The length in bytes.</returns>
    public int Write(Span<byte> destination, int device, long sequence)
    {
        Metric metric = s_metrics[device % s_metrics.Length];
        double phase = (sequence / (20.0 + (device % 17))) + device;
        double value = Math.Round(metric.Middle + (metric.Swing * Math.Sin(phase)) + (metric.Swing * 0.05 * Jitter(device, sequence)), 3);
        Utf8Output cursor = new(destination);
        cursor.Write("{\"timestamp\":"u8);
        cursor.Write(clock.UtcNanos);
        cursor.Write(",\"metric_name\":\""u8);
        cursor.Write(metric.Name);
        cursor.Write("\",\"value\":"u8);
        cursor.Write(value);
        cursor.Write(",\"unit\":\""u8);
        cursor.Write(metric.Unit);
        cursor.Write("\",\"quality\":"u8);
        cursor.Write(90 + ((device + sequence) % 11));
        cursor.Write("}"u8);
        return cursor.Length;
    }

    // Deterministic noise from -1 to 1: a message always has the same value.
    private static double Jitter(int device, long sequence)
    {
        ulong mixed = unchecked((ulong)((device * 7_919L) + sequence) * 0x9E37_79B9_7F4A_7C15UL);
        return ((mixed >> 40) / (double)(1 << 23)) - 1;
    }

    private sealed class Metric(string name, string unit, double middle, double swing)
    {
        public byte[] Name { get; } = System.Text.Encoding.UTF8.GetBytes(name);

        public byte[] Unit { get; } = System.Text.Encoding.UTF8.GetBytes(unit);

        public double Middle { get; } = middle;

        public double Swing { get; } = swing;
    }

    private ref struct Utf8Output(Span<byte> destination)
    {
        private readonly Span<byte> _destination = destination;

        public int Length { get; private set; }

        public void Write(ReadOnlySpan<byte> text)
        {
            text.CopyTo(_destination[Length..]);
            Length += text.Length;
        }

        public void Write(long value)
        {
            Advance(Utf8Formatter.TryFormat(value, _destination[Length..], out int written), written);
        }

        public void Write(double value)
        {
            Advance(Utf8Formatter.TryFormat(value, _destination[Length..], out int written), written);
        }

        private void Advance(bool fits, int written)
        {
            if (!fits)
            {
                throw new ArgumentException($"The destination is too short: a payload needs up to {MaxBytes} bytes.");
            }

            Length += written;
        }
    }
}

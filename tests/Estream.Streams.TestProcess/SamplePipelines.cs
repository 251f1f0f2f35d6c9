using System.Text;
using Estream.Iot;
using Estream.Map;
using Estream.Queue;

namespace Estream.Streams.TestProcess;

/// <summary>The state of a device in the sample, in exact numbers, so that one event too many or too few is detected.</summary>
/// <param name="Count">The number of readings.</param>
/// <param name="Sum">The sum of their values.</param>
/// <param name="Last">The last value.</param>
public readonly record struct DeviceState(long Count, double Sum, double Last);

/// <summary>Three pipelines over one queue of readings, one for each kind of output.</summary>
public sealed class SamplePipelines : IDisposable
{
    public const int Devices = 97;

    private readonly EstreamQueue _readings;
    private readonly EsfPipeline[] _pipelines;

    /// <summary>Opens the sample in a directory, or creates it.</summary>
    public SamplePipelines(string directory)
    {
        _readings = EstreamQueue.Open(Path.Combine(directory, "readings"), Options);
        Alerts = EstreamQueue.Open(Path.Combine(directory, "alerts"), Options);
        Latest = StateMap.Open<Utf8Key64, double>(Path.Combine(directory, "latest"));
        States = StateMap.Open<Utf8Key64, Folded<DeviceState>>(Path.Combine(directory, "states"));
        EsfStream<IoTTelemetry.View> readings = EsfStream.From<IoTTelemetry.View>(_readings);
        _pipelines =
        [
            readings.Where((scoped in IoTTelemetry.View reading) => IsOdd(reading.Value))
                .Materialize("latest", Latest, Device, (scoped in IoTTelemetry.View reading) => reading.Value),
            readings.Aggregate("states", States, Device, (ref DeviceState state, scoped in IoTTelemetry.View reading) =>
                state = new DeviceState(state.Count + 1, state.Sum + reading.Value, reading.Value)),
            readings.Where((scoped in IoTTelemetry.View reading) => IsOdd(reading.Value))
                .Select((scoped in IoTTelemetry.View reading) => reading.Value)
                .AppendTo("alerts", Alerts, 200, (scoped in double value, ref IoTTelemetry.Writer alert) =>
                {
                    alert.DeviceId = "alert"u8;
                    alert.MetricName = "odd"u8;
                    alert.Value = value;
                }),
        ];
    }

    /// <summary>Segments are so small that pipelines cross many of them.</summary>
    public static QueueOptions Options { get; } = new() { SegmentBytes = 1 << 20 };

    public int Count => (int)_readings.GetInfo().NextSequence;

    public EstreamQueue Alerts { get; }

    public StateMap<Utf8Key64, double> Latest { get; }

    public StateMap<Utf8Key64, Folded<DeviceState>> States { get; }

    public static Utf8Key64 KeyOf(ReadOnlySpan<byte> device) => Utf8Key64.TryCreate(device, out Utf8Key64 key)
        ? key
        : throw new ArgumentException("A device has at most 63 bytes.", nameof(device));

    public static bool IsOdd(double value) => ((long)value & 1) != 0;

    public static byte[] DeviceOf(int number) => Encoding.UTF8.GetBytes($"device-{number % Devices}");

    /// <summary>Runs all three pipelines concurrently and feeds them, forever.</summary>
    public static int RunUntilKilled(string directory)
    {
        using SamplePipelines pipelines = new(directory);
        using QueueAppender appender = pipelines._readings.CreateAppender(AppenderMode.Exclusive);
        var readings = new EsfAppender<IoTTelemetry.Writer>(appender);
        return Feeder.RunUntilKilled(pipelines._pipelines, appender, () => Append((int)appender.NextSequence, readings));
    }

    /// <summary>Processes all messages in the queue.</summary>
    /// <returns>The number of messages that each pipeline processed.</returns>
    public long[] RunToEnd() => [.. _pipelines.Select(pipeline => pipeline.RunToEnd())];

    public void Dispose()
    {
        foreach (EsfPipeline pipeline in _pipelines)
        {
            pipeline.Dispose();
        }

        States.Dispose();
        Latest.Dispose();
        Alerts.Dispose();
        _readings.Dispose();
    }

    private static void Append(int number, EsfAppender<IoTTelemetry.Writer> readings)
    {
        using EsfClaim<IoTTelemetry.Writer> claim = readings.Claim(200);
        IoTTelemetry.Writer writer = claim.Begin();
        writer.DeviceId = DeviceOf(number);
        writer.MetricName = "count"u8;
        writer.Value = number;
        claim.Commit(writer);
    }

    private static Utf8Key64 Device(scoped in IoTTelemetry.View reading) => KeyOf(reading.DeviceId);
}

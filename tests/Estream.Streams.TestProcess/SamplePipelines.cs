using Estream.Iot;
using Estream.Map;
using Estream.Queue;

namespace Estream.Streams.TestProcess;

/// <summary>The state of a device in the sample: numbers that are exact, so that one event too many or too few shows.</summary>
/// <param name="Count">Readings.</param>
/// <param name="Sum">Of their values.</param>
/// <param name="Last">The last value.</param>
public readonly record struct DeviceState(long Count, double Sum, double Last);

/// <summary>Three pipelines over one queue of readings, with every end there is.</summary>
public sealed class SamplePipelines : IDisposable
{
    private readonly EstreamQueue _readings;
    private readonly EsfPipeline[] _pipelines;

    /// <summary>Opens what is in a directory, or makes it.</summary>
    public SamplePipelines(string directory)
    {
        _readings = EstreamQueue.Open(ReadingsOf(directory), Options);
        Alerts = EstreamQueue.Open(Path.Combine(directory, "alerts"), Options);
        Latest = StateMap.Open<Utf8Key64, double>(Path.Combine(directory, "latest"));
        States = StateMap.Open<Utf8Key64, Folded<DeviceState>>(Path.Combine(directory, "states"));
        EsfStream<IoTTelemetry.View> readings = EsfStream.From<IoTTelemetry.View>(_readings);
        _pipelines =
        [
            readings.Where((scoped in IoTTelemetry.View reading) => IsOdd(reading.Value)).Materialize("latest", Latest, Device, (scoped in IoTTelemetry.View reading) => reading.Value),
            readings.Aggregate("states", States, Device, (ref DeviceState state, scoped in IoTTelemetry.View reading) =>
                state = new DeviceState(state.Count + 1, state.Sum + reading.Value, reading.Value)),
            readings.Where((scoped in IoTTelemetry.View reading) => IsOdd(reading.Value)).Select((scoped in IoTTelemetry.View reading) => reading.Value)
                .AppendTo("alerts", Alerts, 200, (scoped in double value, ref IoTTelemetry.Writer alert) =>
                {
                    alert.DeviceId = "alert"u8;
                    alert.MetricName = "odd"u8;
                    alert.Value = value;
                }),
        ];
    }

    /// <summary>Segments so small that pipelines come across many.</summary>
    public static QueueOptions Options { get; } = new() { SegmentBytes = 1 << 20 };

    public EstreamQueue Alerts { get; }

    public StateMap<Utf8Key64, double> Latest { get; }

    public StateMap<Utf8Key64, Folded<DeviceState>> States { get; }

    public static string ReadingsOf(string directory) => Path.Combine(directory, "readings");

    public static Utf8Key64 KeyOf(ReadOnlySpan<byte> device) => Utf8Key64.TryCreate(device, out Utf8Key64 key) ? key : throw new ArgumentException("A device has at most 63 bytes.", nameof(device));

    public static bool IsOdd(double value) => ((long)value & 1) != 0;

    /// <summary>Runs all three beside each other, for ever.</summary>
    public static int RunUntilKilled(string directory)
    {
        using SamplePipelines pipelines = new(directory);
        return RunUntilKilled(pipelines._pipelines);
    }

    /// <summary>Runs each on a thread of its own, for ever; says when each has got somewhere.</summary>
    public static int RunUntilKilled(IReadOnlyList<EsfPipeline> pipelines)
    {
        // More than any of them takes before it notes how far it has come.
        const long Somewhere = 5_000;
        Console.WriteLine("running");
        Thread[] threads = [.. pipelines.Select(pipeline => new Thread(() => pipeline.Run(CancellationToken.None)))];
        foreach (Thread thread in threads)
        {
            thread.IsBackground = true;
            thread.Start();
        }

        while (pipelines.Any(pipeline => pipeline.Read < Somewhere))
        {
            Thread.Sleep(1);
        }

        Console.WriteLine("under way");
        while (Console.ReadLine() is not null)
        {
        }

        return 0;
    }

    /// <summary>Takes everything that is there.</summary>
    /// <returns>How many messages each had still to take.</returns>
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

    private static Utf8Key64 Device(scoped in IoTTelemetry.View reading) => KeyOf(reading.DeviceId);
}

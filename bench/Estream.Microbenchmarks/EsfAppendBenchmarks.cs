using BenchmarkDotNet.Attributes;
using Estream.Iot;
using Estream.Queue;
using Estream.Streams;

namespace Estream.Microbenchmarks;

/// <summary>Appends an IoTTelemetry message of six fields in place, with and without the check of its fields at the commit.</summary>
[MemoryDiagnoser]
public class EsfAppendBenchmarks
{
    private const int MaxLength = 256;

    private readonly byte[] _deviceId = "sensor-000042"u8.ToArray();
    private readonly byte[] _metricName = "temperature"u8.ToArray();
    private readonly byte[] _unit = "C"u8.ToArray();
    private RecycledQueue _queue = null!;
    private EsfAppender<IoTTelemetry.Writer> _telemetry = null!;
    private double _value;

    [GlobalSetup]
    public void Setup()
    {
        _queue = new RecycledQueue(AppenderMode.Exclusive);
        _telemetry = new EsfAppender<IoTTelemetry.Writer>(_queue.Appender);
    }

    [GlobalCleanup]
    public void Cleanup() => _queue.Dispose();

    [Benchmark]
    public long Commit()
    {
        using EsfClaim<IoTTelemetry.Writer> claim = _telemetry.Claim(MaxLength);
        IoTTelemetry.Writer writer = claim.Begin();
        Fill(ref writer);
        claim.Commit(writer);
        return claim.Position;
    }

    [Benchmark(Baseline = true)]
    public long CommitUnchecked()
    {
        using EsfClaim<IoTTelemetry.Writer> claim = _telemetry.Claim(MaxLength);
        IoTTelemetry.Writer writer = claim.Begin();
        Fill(ref writer);
        claim.CommitUnchecked(writer);
        return claim.Position;
    }

    private void Fill(ref IoTTelemetry.Writer writer)
    {
        writer.DeviceId = _deviceId;
        writer.Timestamp = 1_760_000_000_000_000_000;
        writer.MetricName = _metricName;
        writer.Value = _value++;
        writer.Unit = _unit;
        writer.Quality = 100;
    }
}

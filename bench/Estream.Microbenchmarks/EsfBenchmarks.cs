using BenchmarkDotNet.Attributes;
using Estream.Iot;

namespace Estream.Microbenchmarks;

/// <summary>Encodes and decodes an IoTTelemetry message of six fields by its generated writer and view.</summary>
[MemoryDiagnoser]
public class EsfBenchmarks
{
    private const long Timestamp = 1_760_000_000_000_000_000;

    private readonly byte[] _deviceId = "sensor-000042"u8.ToArray();
    private readonly byte[] _metricName = "temperature"u8.ToArray();
    private readonly byte[] _unit = "C"u8.ToArray();
    private readonly byte[] _destination = new byte[256];
    private byte[] _message = [];
    private double _value;

    [GlobalSetup]
    public void Setup()
    {
        int length = Encode();
        _message = _destination[..length];
    }

    [Benchmark]
    public int Encode()
    {
        IoTTelemetry.Writer writer = IoTTelemetry.Write(_destination);
        writer.DeviceId = _deviceId;
        writer.Timestamp = Timestamp;
        writer.MetricName = _metricName;
        writer.Value = _value++;
        writer.Unit = _unit;
        writer.Quality = 100;
        return writer.Length;
    }

    [Benchmark]
    public long Decode()
    {
        IoTTelemetry.View view = IoTTelemetry.View.Of(_message);
        return view.Timestamp + (long)view.Value + view.Quality.GetValueOrDefault()
            + Digest(view.DeviceId) + Digest(view.MetricName) + Digest(view.Unit);
    }

    private static int Digest(ReadOnlySpan<byte> text) => text.Length + text[^1];
}

using Estream.Esf;
using Estream.Iot;
using Estream.Queue;
using Estream.Testing;

namespace Estream.Streams.Tests;

/// <summary>Base class with a queue of readings and helpers for tests.</summary>
public abstract class StreamCase : IDisposable
{
    private readonly TempDirectory _directory = new();

    private protected StreamCase()
    {
        Queue = Open("readings");
    }

    private protected EstreamQueue Queue { get; }

    public virtual void Dispose()
    {
        Queue.Dispose();
        _directory.Dispose();
    }

    private protected EstreamQueue Open(string name) =>
        EstreamQueue.Open(_directory.Combine(name), new QueueOptions { SegmentBytes = 1 << 20 });

    /// <summary>Appends a reading in place.</summary>
    private protected static long Append(EsfAppender<IoTTelemetry.Writer> readings, double value)
    {
        using EsfClaim<IoTTelemetry.Writer> claim = readings.Claim(500);
        IoTTelemetry.Writer writer = claim.Begin();
        Fill(ref writer, value);
        claim.Commit(writer);
        return claim.Position;
    }

    private protected static void Fill(ref IoTTelemetry.Writer writer, double value)
    {
        writer.DeviceId = "pump-7"u8;
        writer.MetricName = "flow"u8;
        writer.Timestamp = 1;
        writer.Value = value;
    }

    private protected static byte[] Reading(double value)
    {
        byte[] buffer = new byte[200];
        IoTTelemetry.Writer writer = IoTTelemetry.Write(buffer);
        Fill(ref writer, value);
        return buffer[..writer.Length];
    }

    private protected static byte[] Alert() =>
        Encode(IoTAlert.Schema,
            $$"""{"alert_id":"{{new string('0', 64)}}","device_id":"a","severity":"Info","message":"","triggered_at":1}""");

    /// <summary>Returns a message of some schema, as another program would write it.</summary>
    private protected static byte[] Encode(EsfSchema schema, string json)
    {
        byte[] buffer = new byte[1_000];
        EsfStatus status = EsfJson.TryEncode(schema, System.Text.Encoding.UTF8.GetBytes(json), buffer, out int length);
        Assert.True(status.IsOk, status.ToString());
        return buffer[..length];
    }
}

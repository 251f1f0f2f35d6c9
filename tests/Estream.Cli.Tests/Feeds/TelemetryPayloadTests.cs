using System.Text;
using System.Text.Json;
using Estream.Esf;
using Estream.Testing;
using Estream.Wire.Tools.Feeds;

namespace Estream.Cli.Tests;

public sealed class TelemetryPayloadTests
{
    private readonly TelemetryPayload _payload = new(new ManualClock());
    private readonly byte[] _buffer = new byte[TelemetryPayload.MaxBytes];

    [Fact]
    public void Every_payload_matches_its_schema_with_the_device_from_the_topic()
    {
        Assert.True(EsfSchemaSet.BuiltIn.TryGet("IoTTelemetry", out EsfSchema? schema));
        byte[] message = new byte[512];
        for (int device = 0; device < 100; device++)
        {
            for (long sequence = 0; sequence < 50; sequence++)
            {
                string json = Text(device, sequence)
                    .Replace("{\"timestamp\"", "{\"device_id\":\"d\",\"timestamp\"", StringComparison.Ordinal);
                EsfStatus status = EsfJson.TryEncode(schema, Encoding.UTF8.GetBytes(json), message, out _);
                Assert.True(status.IsOk, $"{json}: {status}");
            }
        }
    }

    [Fact]
    public void The_same_message_number_has_the_same_payload()
    {
        Assert.Equal(Text(7, 123_456_789), Text(7, 123_456_789));
        Assert.NotEqual(Text(7, 1), Text(7, 2));
        Assert.NotEqual(Text(7, 1), Text(11, 1));
    }

    [Fact]
    public void The_payload_contains_the_time_as_an_integer()
    {
        using JsonDocument document = JsonDocument.Parse(Text(0, 0));
        Assert.Equal(new ManualClock().UtcNanos, document.RootElement.GetProperty("timestamp").GetInt64());
    }

    [Fact]
    public void The_payload_buffer_is_large_enough_for_the_largest_numbers()
    {
        Assert.InRange(_payload.Write(_buffer, int.MaxValue, long.MaxValue), 1, TelemetryPayload.MaxBytes);
    }

    [Fact]
    public void Write_throws_for_a_buffer_that_is_too_small_for_the_payload()
    {
        Assert.Throws<ArgumentException>(() => _payload.Write(new byte[40], 0, 0));
    }

    [Fact]
    public void Writing_a_telemetry_payload_allocates_nothing()
    {
        long sequence = 0;
        Assert.Equal(0, AllocationMeter.OnThisThread(10_000, () => _payload.Write(_buffer, 3, sequence++)));
    }

    private string Text(int device, long sequence)
    {
        return Encoding.UTF8.GetString(_buffer, 0, _payload.Write(_buffer, device, sequence));
    }
}

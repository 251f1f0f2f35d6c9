using System.Buffers;
using System.Text;
using System.Text.Json;
using System.Text.Json.Serialization;
using Estream.Scenarios.Harness;
using Estream.Scenarios.Workloads;

namespace Estream.Scenarios.Peers;

/// <summary>`esf-encode` by System.Text.Json with generated metadata and a writer that is reused.</summary>
internal sealed class JsonEncode : EncodeRound
{
    private readonly JsonReading[] _readings = [.. Readings.All.Select(JsonReading.From)];
    private readonly ArrayBufferWriter<byte> _buffer = new(1024);
    private readonly Utf8JsonWriter _writer;

    public JsonEncode(ContenderContext context)
        : base(context)
    {
        _writer = new Utf8JsonWriter(_buffer);
    }

    public override void Dispose()
    {
        _writer.Dispose();
        base.Dispose();
    }

    protected override void Batch(int count)
    {
        Span<byte> slots = Slots.Bytes;
        Span<int> lengths = Slots.Lengths;
        for (int i = 0; i < count; i++)
        {
            int index = i % Readings.Count;
            _buffer.ResetWrittenCount();
            _writer.Reset(_buffer);
            JsonSerializer.Serialize(_writer, _readings[index], JsonReadingContext.Default.JsonReading);
            _writer.Flush();
            _buffer.WrittenSpan.CopyTo(ReadingSlots.Slot(slots, index));
            lengths[index] = _buffer.WrittenCount;
        }
    }

    protected override ulong DigestOf(ReadOnlySpan<byte> message)
    {
        return JsonSerializer.Deserialize(message, JsonReadingContext.Default.JsonReading)!.Digest;
    }
}

/// <summary>`esf-decode` by System.Text.Json with generated metadata.</summary>
internal sealed class JsonDecode : DecodeRound
{
    public JsonDecode(ContenderContext context)
        : base(context)
    {
        for (int i = 0; i < Readings.Count; i++)
        {
            byte[] message = JsonSerializer.SerializeToUtf8Bytes(
                JsonReading.From(Readings.All[i]), JsonReadingContext.Default.JsonReading);
            message.CopyTo(ReadingSlots.Slot(Slots.Bytes, i));
            Slots.Lengths[i] = message.Length;
        }
    }

    protected override void Batch(int count)
    {
        ReadOnlySpan<byte> slots = Slots.Bytes;
        ReadOnlySpan<int> lengths = Slots.Lengths;
        ulong sum = 0;
        for (int i = 0; i < count; i++)
        {
            JsonReading reading = JsonSerializer.Deserialize(
                ReadingSlots.Message(slots, lengths, i % Readings.Count), JsonReadingContext.Default.JsonReading)!;
            sum += reading.Digest;
        }

        Sum += sum;
    }
}

/// <summary>A reading in the shape an application gives System.Text.Json: a class with strings.</summary>
internal sealed record JsonReading(
    [property: JsonPropertyName("device_id")] string DeviceId,
    [property: JsonPropertyName("timestamp")] long Timestamp,
    [property: JsonPropertyName("metric_name")] string MetricName,
    [property: JsonPropertyName("value")] double Value,
    [property: JsonPropertyName("unit")] string Unit,
    [property: JsonPropertyName("quality")] byte Quality)
{
    /// <summary>The digest of <see cref="Digests"/> from strings, which are ASCII here.</summary>
    [JsonIgnore]
    public ulong Digest =>
        (ulong)Timestamp + BitConverter.DoubleToUInt64Bits(Value) + Quality
        + Of(DeviceId) + Of(MetricName) + Of(Unit);

    public static JsonReading From(Reading reading)
    {
        return new JsonReading(
            Encoding.UTF8.GetString(reading.DeviceId),
            reading.Timestamp,
            Encoding.UTF8.GetString(reading.MetricName),
            reading.Value,
            Encoding.UTF8.GetString(reading.Unit),
            reading.Quality);
    }

    private static ulong Of(string text) => (ulong)text.Length + text[^1];
}

[JsonSerializable(typeof(JsonReading))]
internal sealed partial class JsonReadingContext : JsonSerializerContext;

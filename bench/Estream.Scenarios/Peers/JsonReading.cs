using System.Buffers;
using System.Runtime.CompilerServices;
using System.Text;
using System.Text.Json;
using System.Text.Json.Serialization;
using Estream.Scenarios.Codecs;
using Estream.Scenarios.Workloads;

namespace Estream.Scenarios.Peers;

/// <summary>Encodes and decodes readings with System.Text.Json, generated metadata and a reused writer.</summary>
internal readonly struct JsonReadingCodec : ICodec
{
    private static readonly JsonReading[] s_readings = [.. Readings.All.Select(JsonReading.From)];
    private static readonly ArrayBufferWriter<byte> s_buffer = new(1024);
    private static readonly Utf8JsonWriter s_writer = new(s_buffer);

    [MethodImpl(MethodImplOptions.NoInlining)]
    public static int Encode(int index, Span<byte> destination)
    {
        s_buffer.ResetWrittenCount();
        s_writer.Reset(s_buffer);
        JsonSerializer.Serialize(s_writer, s_readings[index], JsonReadingContext.Default.JsonReading);
        s_writer.Flush();
        s_buffer.WrittenSpan.CopyTo(destination);
        return s_buffer.WrittenCount;
    }

    [MethodImpl(MethodImplOptions.NoInlining)]
    public static ulong Digest(ReadOnlySpan<byte> message) =>
        JsonSerializer.Deserialize(message, JsonReadingContext.Default.JsonReading)!.Digest;
}

/// <summary>A reading as an application declares it for System.Text.Json: a class with strings.</summary>
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
        + Digests.Of(DeviceId) + Digests.Of(MetricName) + Digests.Of(Unit);

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
}

[JsonSerializable(typeof(JsonReading))]
internal sealed partial class JsonReadingContext : JsonSerializerContext;

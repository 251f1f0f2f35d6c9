using System.Runtime.CompilerServices;
using Estream.Scenarios.Peers;
using Estream.Scenarios.Workloads;
using Pb = Estream.Scenarios.Protoc.Iot;

namespace Estream.Scenarios.Codecs.Protobuf;

/// <summary>Encodes and decodes Readings with the class that protoc generates.</summary>
internal readonly struct IoTTelemetryProtobuf : ICodec
{
    private static readonly JsonReading[] s_readings = [.. Readings.All.Select(JsonReading.From)];
    private static readonly Pb.IoTTelemetry s_message = new();

    [MethodImpl(MethodImplOptions.NoInlining)]
    public static int Encode(int index, Span<byte> destination)
    {
        JsonReading reading = s_readings[index];
        Pb.IoTTelemetry message = s_message;
        message.DeviceId = reading.DeviceId;
        message.Timestamp = reading.Timestamp;
        message.MetricName = reading.MetricName;
        message.Value = reading.Value;
        message.Unit = reading.Unit;
        message.Quality = reading.Quality;
        return Refill.Write(message, destination);
    }

    [MethodImpl(MethodImplOptions.NoInlining)]
    public static ulong Digest(ReadOnlySpan<byte> bytes)
    {
        Pb.IoTTelemetry message = Pb.IoTTelemetry.Parser.ParseFrom(bytes);
        return (ulong)message.Timestamp + BitConverter.DoubleToUInt64Bits(message.Value) + message.Quality
            + Digests.Of(message.DeviceId) + Digests.Of(message.MetricName) + Digests.Of(message.Unit);
    }
}

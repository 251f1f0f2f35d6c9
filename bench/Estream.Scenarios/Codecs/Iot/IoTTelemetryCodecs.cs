using System.Runtime.CompilerServices;
using Estream.Iot;
using Estream.Scenarios.Peers;
using Estream.Scenarios.Workloads;

namespace Estream.Scenarios.Codecs.Iot;

/// <summary>Encodes and decodes the six fields of <see cref="Readings"/> with their generated writer and view.</summary>
internal readonly struct IoTTelemetryEsf : ICodec
{
    [MethodImpl(MethodImplOptions.NoInlining)]
    public static int Encode(int index, Span<byte> destination)
    {
        Reading reading = Readings.All[index];
        IoTTelemetry.Writer writer = IoTTelemetry.Write(destination);
        writer.DeviceId = reading.DeviceId;
        writer.Timestamp = reading.Timestamp;
        writer.MetricName = reading.MetricName;
        writer.Value = reading.Value;
        writer.Unit = reading.Unit;
        writer.Quality = reading.Quality;
        return writer.Length;
    }

    [MethodImpl(MethodImplOptions.NoInlining)]
    public static ulong Digest(ReadOnlySpan<byte> message)
    {
        IoTTelemetry.View view = IoTTelemetry.View.Of(message);
        return Digests.Of(
            view.DeviceId, view.Timestamp, view.MetricName, view.Value, view.Unit, view.Quality.GetValueOrDefault());
    }
}

/// <summary>Encodes and decodes the same fields with <see cref="HandWrittenReading"/>.</summary>
internal readonly struct IoTTelemetryByHand : ICodec
{
    [MethodImpl(MethodImplOptions.NoInlining)]
    public static int Encode(int index, Span<byte> destination)
    {
        Reading reading = Readings.All[index];
        return HandWrittenReading.Encode(
            destination, reading.DeviceId, reading.Timestamp, reading.MetricName, reading.Value, reading.Unit, reading.Quality);
    }

    [MethodImpl(MethodImplOptions.NoInlining)]
    public static ulong Digest(ReadOnlySpan<byte> message)
    {
        var view = new HandWrittenReading.View(message);
        return Digests.Of(view.DeviceId, view.Timestamp, view.MetricName, view.Value, view.Unit, view.Quality);
    }
}

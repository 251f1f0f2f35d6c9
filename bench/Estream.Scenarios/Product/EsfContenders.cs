using Estream.Iot;
using Estream.Scenarios.Harness;
using Estream.Scenarios.Workloads;

namespace Estream.Scenarios.Product;

/// <summary>The <c>estream</c> row of `esf-encode`: the writer that the generator makes of the schema.</summary>
internal sealed class EsfEncodeContender(ContenderContext context) : EncodeRound(context)
{
    protected override void Batch(int count)
    {
        Reading[] readings = Readings.All;
        Span<byte> slots = Slots.Bytes;
        Span<int> lengths = Slots.Lengths;
        for (int i = 0; i < count; i++)
        {
            int index = i % Readings.Count;
            Reading reading = readings[index];
            lengths[index] = Encode(ReadingSlots.Slot(slots, index), reading);
        }
    }

    protected override ulong DigestOf(ReadOnlySpan<byte> message) => EsfReading.Digest(message);

    internal static int Encode(Span<byte> destination, Reading reading)
    {
        IoTTelemetry.Writer writer = IoTTelemetry.Write(destination);
        writer.DeviceId = reading.DeviceId;
        writer.Timestamp = reading.Timestamp;
        writer.MetricName = reading.MetricName;
        writer.Value = reading.Value;
        writer.Unit = reading.Unit;
        writer.Quality = reading.Quality;
        return writer.Length;
    }
}

/// <summary>The <c>estream</c> row of `esf-decode`: the view that the generator makes of the schema.</summary>
internal sealed class EsfDecodeContender : DecodeRound
{
    public EsfDecodeContender(ContenderContext context)
        : base(context)
    {
        for (int i = 0; i < Readings.Count; i++)
        {
            Slots.Lengths[i] = EsfEncodeContender.Encode(ReadingSlots.Slot(Slots.Bytes, i), Readings.All[i]);
        }
    }

    protected override void Batch(int count)
    {
        ReadOnlySpan<byte> slots = Slots.Bytes;
        ReadOnlySpan<int> lengths = Slots.Lengths;
        ulong sum = 0;
        for (int i = 0; i < count; i++)
        {
            sum += EsfReading.Digest(ReadingSlots.Message(slots, lengths, i % Readings.Count));
        }

        Sum += sum;
    }
}

/// <summary>Takes every field of an encoded reading through its view.</summary>
internal static class EsfReading
{
    public static ulong Digest(ReadOnlySpan<byte> message)
    {
        IoTTelemetry.View view = IoTTelemetry.View.Of(message);
        return Digests.Of(
            view.DeviceId, view.Timestamp, view.MetricName, view.Value, view.Unit, view.Quality.GetValueOrDefault());
    }
}

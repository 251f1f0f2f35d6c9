using Estream.Scenarios.Harness;
using Estream.Scenarios.Workloads;

namespace Estream.Scenarios.Peers;

/// <summary>`esf-encode` by <see cref="HandWrittenReading"/>.</summary>
internal sealed class HandWrittenEncode(ContenderContext context) : EncodeRound(context)
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
            lengths[index] = HandWrittenReading.Encode(
                ReadingSlots.Slot(slots, index), reading.DeviceId, reading.Timestamp, reading.MetricName, reading.Value, reading.Unit, reading.Quality);
        }
    }

    protected override ulong DigestOf(ReadOnlySpan<byte> message)
    {
        var view = new HandWrittenReading.View(message);
        return Digests.Of(view.DeviceId, view.Timestamp, view.MetricName, view.Value, view.Unit, view.Quality);
    }
}

/// <summary>`esf-decode` by <see cref="HandWrittenReading"/>.</summary>
internal sealed class HandWrittenDecode : DecodeRound
{
    public HandWrittenDecode(ContenderContext context)
        : base(context)
    {
        for (int i = 0; i < Readings.Count; i++)
        {
            Reading reading = Readings.All[i];
            Slots.Lengths[i] = HandWrittenReading.Encode(
                ReadingSlots.Slot(Slots.Bytes, i), reading.DeviceId, reading.Timestamp, reading.MetricName, reading.Value, reading.Unit, reading.Quality);
        }
    }

    protected override void Batch(int count)
    {
        ReadOnlySpan<byte> slots = Slots.Bytes;
        ReadOnlySpan<int> lengths = Slots.Lengths;
        ulong sum = 0;
        for (int i = 0; i < count; i++)
        {
            var view = new HandWrittenReading.View(ReadingSlots.Message(slots, lengths, i % Readings.Count));
            sum += Digests.Of(view.DeviceId, view.Timestamp, view.MetricName, view.Value, view.Unit, view.Quality);
        }

        Sum += sum;
    }
}

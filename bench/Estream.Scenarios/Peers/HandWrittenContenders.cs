using Estream.Scenarios.Harness;
using Estream.Scenarios.Workloads;

namespace Estream.Scenarios.Peers;

/// <summary>`esf-encode` by <see cref="HandWrittenReading"/>.</summary>
internal sealed class HandWrittenEncode(RunSize size) : EncodeRound(size)
{
    protected override void Batch(int count)
    {
        Reading[] readings = Readings.All;
        for (int i = 0; i < count; i++)
        {
            int index = i % Readings.Count;
            Reading reading = readings[index];
            int length = HandWrittenReading.Encode(
                Slot(index), reading.DeviceId, reading.Timestamp, reading.MetricName, reading.Value, reading.Unit, reading.Quality);
            SetLength(index, length);
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
    public HandWrittenDecode(RunSize size)
        : base(size)
    {
        Span<byte> slot = stackalloc byte[Readings.SlotBytes];
        for (int i = 0; i < Readings.Count; i++)
        {
            Reading reading = Readings.All[i];
            int length = HandWrittenReading.Encode(
                slot, reading.DeviceId, reading.Timestamp, reading.MetricName, reading.Value, reading.Unit, reading.Quality);
            Messages[i] = slot[..length].ToArray();
        }
    }

    protected override void Batch(int count)
    {
        byte[][] messages = Messages;
        ulong sum = 0;
        for (int i = 0; i < count; i++)
        {
            var view = new HandWrittenReading.View(messages[i % Readings.Count]);
            sum += Digests.Of(view.DeviceId, view.Timestamp, view.MetricName, view.Value, view.Unit, view.Quality);
        }

        Sum += sum;
    }
}

using Estream.Scenarios.Peers;
using Estream.Scenarios.Workloads;

namespace Estream.Scenarios.Tests;

/// <summary>Tests that the hand-written codec keeps every field. A reference that lost a field would falsify the ratio of the codec that is
/// compared with it.</summary>
public sealed class HandWrittenReadingTests
{
    [Fact]
    public void Every_field_round_trips()
    {
        byte[] slot = new byte[Readings.SlotBytes];
        foreach (Reading reading in Readings.All)
        {
            int length = HandWrittenReading.Encode(
                slot, reading.DeviceId, reading.Timestamp, reading.MetricName, reading.Value, reading.Unit, reading.Quality);
            var view = new HandWrittenReading.View(slot.AsSpan(0, length));

            Assert.Equal(reading.DeviceId, view.DeviceId.ToArray());
            Assert.Equal(reading.Timestamp, view.Timestamp);
            Assert.Equal(reading.MetricName, view.MetricName.ToArray());
            Assert.Equal(reading.Value, view.Value);
            Assert.Equal(reading.Unit, view.Unit.ToArray());
            Assert.Equal(reading.Quality, view.Quality);
        }
    }

    [Fact]
    public void A_digest_distinguishes_readings()
    {
        Assert.Equal(Readings.Count, Readings.All.Select(r => r.Digest).Distinct().Count());
    }
}

using Estream.Iot;
using Estream.Map;
using Estream.Queue;
using Estream.Testing;

namespace Estream.Streams.Tests.Patterns;

/// <summary>State streams allocate nothing on the managed heap.</summary>
public sealed class StateAllocationTests : StreamCase
{
    [Fact]
    public void Compacting_and_reading_allocate_nothing()
    {
        using EstreamQueue queue = EstreamQueue.Open(Path.Combine(Queue.Directory, "large"));
        using ByteMap map = ByteMap.Open(Path.Combine(Queue.Directory, "newest"));
        using QueueAppender appender = queue.CreateAppender(AppenderMode.Exclusive);
        appender.Append(new byte[17 << 20]);
        var readings = new EsfAppender<IoTTelemetry.Writer>(appender);
        var state = new EsfState<IoTTelemetry.View>(queue, (scoped in IoTTelemetry.View reading) => reading.DeviceId);
        using EsfPipeline pipeline = state.Compact("newest", map);
        pipeline.RunToEnd();
        using EsfStateReader<IoTTelemetry.View> reader = state.CreateReader(map);
        double sum = 0;
        Assert.Equal(0, AllocationMeter.OnThisThread(200, () =>
        {
            Append(readings, 0.5);
            bool isTaken = pipeline.RunToEnd() == 1;
            sum += isTaken && reader.TryRead(out EsfStateEntry<IoTTelemetry.View> entry) ? entry.View.Value : double.NaN;
        }));
        Assert.True(sum >= 100);
    }
}

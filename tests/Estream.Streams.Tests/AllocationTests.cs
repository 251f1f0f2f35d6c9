using Estream.Esf;
using Estream.Iot;
using Estream.Queue;
using Estream.Testing;

namespace Estream.Streams.Tests;

/// <summary>Messages allocate nothing on the managed heap.</summary>
public sealed class AllocationTests : StreamCase
{
    private readonly EstreamQueue _queue;

    public AllocationTests()
    {
        // Moves past the position at which the next segment is requested, so that no segment is created during the measurement.
        _queue = EstreamQueue.Open(Path.Combine(Queue.Directory, "large"));
        using QueueAppender appender = _queue.CreateAppender(AppenderMode.Exclusive);
        appender.Append(new byte[17 << 20]);
    }

    public override void Dispose()
    {
        _queue.Dispose();
        base.Dispose();
    }

    [Theory]
    [InlineData(AppenderMode.Exclusive)]
    [InlineData(AppenderMode.Shared)]
    public void Writing_and_reading_allocate_nothing(AppenderMode mode)
    {
        using QueueAppender appender = _queue.CreateAppender(mode);
        appender.Append(new byte[17 << 20]);
        using QueueTailer tailer = _queue.CreateTailer();
        var readings = new EsfAppender<IoTTelemetry.Writer>(appender);
        var received = new EsfTailer<IoTTelemetry.View>(tailer);
        double sum = 0;
        Assert.Equal(0, AllocationMeter.OnThisThread(10_000, () =>
        {
            Append(readings, 0.5);
            sum += received.TryRead(out EsfMessage<IoTTelemetry.View> message) ? message.View.Value : 0;
        }));
        Assert.True(sum >= 5_000);
    }

    [Fact]
    public void A_batch_allocates_nothing()
    {
        using QueueAppender appender = _queue.CreateAppender(AppenderMode.Exclusive);
        var readings = new EsfAppender<IoTTelemetry.Writer>(appender);
        Assert.Equal(0, AllocationMeter.OnThisThread(1_000, () =>
        {
            using EsfBatch<IoTTelemetry.Writer> batch = readings.ClaimBatch(500, 2);
            IoTTelemetry.Writer writer = batch.Begin();
            Fill(ref writer, 1);
            batch.Add(writer);
            batch.Commit();
        }));
        Assert.True(appender.NextSequence > 1_000);
    }

    [Fact]
    public void Skipping_messages_allocates_nothing()
    {
        using QueueAppender appender = _queue.CreateAppender(AppenderMode.Exclusive);
        using QueueTailer tailer = _queue.CreateTailer();
        var received = new EsfTailer<IoTTelemetry.View>(tailer);
        byte[] stranger = Alert();
        byte[] reading = Reading(1);
        Assert.Equal(0, AllocationMeter.OnThisThread(1_000, () =>
        {
            appender.Append(stranger);
            appender.Append(reading);
            Assert.True(received.TryRead(out _));
        }));
        Assert.True(received.Passed > 1_000);
    }

    [Fact]
    public void Filtering_by_address_allocates_nothing()
    {
        using QueueAppender appender = _queue.CreateAppender(AppenderMode.Exclusive);
        using QueueTailer tailer = _queue.CreateTailer();
        EsfMessageFilter filter =
            new([IoTTelemetry.Schema], EsfAddressPattern.Parse("estream.iot.*"), EsfAddressPattern.Parse("/devices/pump-7/*"));
        var received = new EsfTailer<IoTTelemetry.View>(tailer, filter);
        byte[] other = Encode(IoTTelemetry.Schema, """{"device_id":"pump-8","timestamp":1,"metric_name":"flow","value":1}""");
        byte[] reading = Reading(1);
        Assert.Equal(0, AllocationMeter.OnThisThread(1_000, () =>
        {
            appender.Append(other);
            appender.Append(reading);
            Assert.True(received.TryRead(out _));
        }));
        Assert.True(received.Passed > 1_000);
    }

    [Fact]
    public void Async_loop_allocates_nothing_per_message()
    {
        using QueueAppender appender = _queue.CreateAppender(AppenderMode.Exclusive);
        using QueueTailer tailer = _queue.CreateTailer();
        byte[] reading = Reading(1);
        IAsyncEnumerator<EsfEntry<IoTTelemetry.View>> loop = new EsfTailer<IoTTelemetry.View>(tailer).ReadAllAsync().GetAsyncEnumerator();
        double sum = 0;
        Assert.Equal(0, AllocationMeter.OnThisThread(1_000, () =>
        {
            appender.Append(reading);
            ValueTask<bool> next = loop.MoveNextAsync();
            sum += next.IsCompletedSuccessfully && next.Result ? loop.Current.View.Value : double.NaN;
        }));
        Assert.True(sum > 1_000);
    }
}

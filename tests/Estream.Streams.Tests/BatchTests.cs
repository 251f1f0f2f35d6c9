using Estream.Iot;
using Estream.Queue;

namespace Estream.Streams.Tests;

/// <summary>Batches append all of their messages or none.</summary>
public sealed class BatchTests : StreamCase
{
    [Theory]
    [InlineData(AppenderMode.Exclusive)]
    [InlineData(AppenderMode.Shared)]
    public void Batch_messages_become_visible_with_the_commit(AppenderMode mode)
    {
        using QueueAppender appender = Queue.CreateAppender(mode);
        using QueueTailer tailer = Queue.CreateTailer();
        var received = new EsfTailer<IoTTelemetry.View>(tailer);
        using (EsfBatch<IoTTelemetry.Writer> batch =
            new EsfAppender<IoTTelemetry.Writer>(appender).ClaimBatch(maxBytes: 1_000, maxMessages: 3))
        {
            Add(batch, 1);
            Add(batch, 2);
            Assert.Equal(2, batch.Count);
            Assert.False(received.TryRead(out _));
            batch.Commit();
            Assert.True(received.TryRead(out EsfMessage<IoTTelemetry.View> first));
            Assert.Equal((1.0, batch.Position), (first.View.Value, first.Position));
        }

        Assert.True(received.TryRead(out EsfMessage<IoTTelemetry.View> second));
        Assert.Equal((2.0, 1L), (second.View.Value, second.Sequence));
        Assert.False(received.TryRead(out _));
    }

    [Fact]
    public void Aborted_batch_leaves_nothing()
    {
        using QueueAppender appender = Queue.CreateAppender(AppenderMode.Exclusive);
        using (EsfBatch<IoTTelemetry.Writer> batch = new EsfAppender<IoTTelemetry.Writer>(appender).ClaimBatch(1_000, 3))
        {
            Add(batch, 1);
        }

        Assert.Equal(0, appender.NextSequence);
    }

    [Fact]
    public void Add_throws_beyond_the_claim_and_for_a_writer_already_added()
    {
        using QueueAppender appender = Queue.CreateAppender(AppenderMode.Exclusive);
        var readings = new EsfAppender<IoTTelemetry.Writer>(appender);
        Assert.ThrowsAny<ArgumentException>(() => readings.ClaimBatch(1_000, 0).Position);
        using EsfBatch<IoTTelemetry.Writer> batch = readings.ClaimBatch(1_000, 2);
        IoTTelemetry.Writer writer = batch.Begin();
        Fill(ref writer, 1);
        batch.Add(writer);
        Assert.IsType<ArgumentException>(AddError(batch, writer));
        Add(batch, 2);
        Assert.IsType<ArgumentException>(AddError(batch, default));
        ArgumentException? full = null;
        try
        {
            _ = batch.Begin();
        }
        catch (ArgumentException error)
        {
            full = error;
        }

        Assert.NotNull(full);
        batch.Commit();
        Assert.IsType<InvalidOperationException>(AddError(batch, writer));
        Assert.Equal(2, appender.NextSequence);
    }

    [Fact]
    public void Output_and_tailer_position_are_committed_together()
    {
        using EstreamQueue alerts = Open("alerts");
        using (QueueAppender appender = Queue.CreateAppender())
        {
            var readings = new EsfAppender<IoTTelemetry.Writer>(appender);
            for (int i = 0; i < 5; i++)
            {
                Append(readings, i);
            }
        }

        // The third reading is read, but its output is never committed.
        Assert.Equal([0, 1], Forward(alerts, committed: 2));
        Assert.Equal([2, 3, 4], Forward(alerts, committed: 3));
        using QueueTailer written = alerts.CreateTailer();
        var all = new EsfTailer<IoTTelemetry.View>(written);
        for (int i = 0; i < 5; i++)
        {
            Assert.True(all.TryRead(out EsfMessage<IoTTelemetry.View> message));
            Assert.Equal(i, message.View.Value);
        }

        Assert.False(all.TryRead(out _));
    }

    private List<double> Forward(EstreamQueue output, int committed)
    {
        List<double> values = [];
        using QueueAppender appender = output.CreateAppender();
        using QueueTailer tailer = Queue.CreateTailer("forward", output);
        var received = new EsfTailer<IoTTelemetry.View>(tailer);
        var forwarded = new EsfAppender<IoTTelemetry.Writer>(appender);
        while (received.TryRead(out EsfMessage<IoTTelemetry.View> message))
        {
            using EsfBatch<IoTTelemetry.Writer> batch = forwarded.ClaimBatch(200, 1, consumed: received.Tailer);
            Add(batch, message.View.Value);
            if (values.Count == committed)
            {
                break;
            }

            batch.Commit();
            values.Add(message.View.Value);
        }

        return values;
    }

    private static void Add(EsfBatch<IoTTelemetry.Writer> batch, double value)
    {
        IoTTelemetry.Writer writer = batch.Begin();
        Fill(ref writer, value);
        batch.Add(writer);
    }

    private static Exception? AddError(EsfBatch<IoTTelemetry.Writer> batch, IoTTelemetry.Writer writer)
    {
        try
        {
            batch.Add(writer);
            return null;
        }
        catch (Exception error) when (error is ArgumentException or InvalidOperationException)
        {
            return error;
        }
    }
}

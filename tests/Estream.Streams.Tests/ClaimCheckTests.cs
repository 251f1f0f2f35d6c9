using Estream.Core;
using Estream.Iot;
using Estream.Queue;

namespace Estream.Streams.Tests;

/// <summary>A commit refuses a message that a tailer of the schema could not read.</summary>
public sealed class ClaimCheckTests : StreamCase
{
    [Fact]
    public void Commit_names_the_required_field_that_is_not_set_and_appends_nothing()
    {
        using QueueAppender appender = Queue.CreateAppender();
        using (EsfClaim<IoTTelemetry.Writer> claim = new EsfAppender<IoTTelemetry.Writer>(appender).Claim(500))
        {
            IoTTelemetry.Writer writer = claim.Begin();
            writer.DeviceId = "pump-7"u8;
            string error = ErrorOf(claim, writer);
            Assert.Contains("metric_name", error, StringComparison.Ordinal);
            Assert.Contains("estream.iot.IoTTelemetry", error, StringComparison.Ordinal);

            // The claim is still open.
            writer.MetricName = "flow"u8;
            claim.Commit(writer);
        }

        Assert.Equal(1, Queue.GetInfo().MessageCount);
    }

    [Fact]
    public void Commit_names_the_enum_field_with_an_unknown_value()
    {
        using QueueAppender appender = Queue.CreateAppender(AppenderMode.Exclusive);
        using (EsfClaim<IoTAlert.Writer> claim = new EsfAppender<IoTAlert.Writer>(appender).Claim(500))
        {
            IoTAlert.Writer writer = claim.Begin();
            writer.AlertId = new byte[32];
            writer.DeviceId = "pump-7"u8;
            writer.Message = "hot"u8;
            writer.Severity = (AlertSeverity)77;
            Assert.Contains("severity", ErrorOf(claim, writer), StringComparison.Ordinal);
        }

        Assert.Equal(0, Queue.GetInfo().MessageCount);
    }

    [Fact]
    public void CommitUnchecked_appends_the_message_as_it_is()
    {
        using QueueAppender appender = Queue.CreateAppender();
        using (EsfClaim<IoTTelemetry.Writer> claim = new EsfAppender<IoTTelemetry.Writer>(appender).Claim(500))
        {
            claim.CommitUnchecked(claim.Begin());
        }

        using QueueTailer tailer = Queue.CreateTailer();
        Assert.True(tailer.TryRead(out QueueMessage message));
        Assert.False(IoTTelemetry.Validate(message.Payload).IsOk);
    }

    [Fact]
    public void Add_names_the_required_field_that_is_not_set_and_keeps_the_batch()
    {
        using QueueAppender appender = Queue.CreateAppender();
        using (EsfBatch<IoTTelemetry.Writer> batch = new EsfAppender<IoTTelemetry.Writer>(appender).ClaimBatch(500, 2))
        {
            IoTTelemetry.Writer writer = batch.Begin();
            writer.DeviceId = "pump-7"u8;
            string error = "";
            try
            {
                batch.Add(writer);
            }
            catch (ArgumentException refused)
            {
                error = refused.Message;
            }

            Assert.Contains("metric_name", error, StringComparison.Ordinal);
            Assert.Equal(0, batch.Count);
            writer.MetricName = "flow"u8;
            batch.Add(writer);
            batch.AddUnchecked(batch.Begin());
            batch.Commit();
        }

        Assert.Equal(2, Queue.GetInfo().MessageCount);
    }

    [Fact]
    public async Task Tailer_refuses_a_message_that_a_claim_would_refuse_and_continues_after_it()
    {
        using QueueAppender appender = Queue.CreateAppender();
        EsfAppender<IoTTelemetry.Writer> readings = new(appender);
        using (EsfClaim<IoTTelemetry.Writer> claim = readings.Claim(500))
        {
            IoTTelemetry.Writer writer = claim.Begin();
            writer.DeviceId = "pump-7"u8;
            claim.CommitUnchecked(writer);
        }

        Append(readings, 2.5);
        using QueueTailer tailer = Queue.CreateTailer();
        EsfTailer<IoTTelemetry.View> received = new(tailer);
        EstreamFormatException refused = Assert.Throws<EstreamFormatException>(() => received.TryRead(out _));
        Assert.Contains("metric_name", refused.Message, StringComparison.Ordinal);
        Assert.True(received.TryRead(out EsfMessage<IoTTelemetry.View> next));
        Assert.Equal(2.5, next.View.Value);

        tailer.SeekToStart();
        Assert.True(received.TryReadUnchecked(out EsfMessage<IoTTelemetry.View> first));
        Assert.True(first.View.DeviceId.SequenceEqual("pump-7"u8));

        using QueueTailer again = Queue.CreateTailer();
        await Assert.ThrowsAsync<EstreamFormatException>(async () =>
        {
            await foreach (EsfEntry<IoTTelemetry.View> entry in new EsfTailer<IoTTelemetry.View>(again).ReadAllAsync())
            {
                Assert.Fail($"the message at {entry.Position} was read");
            }
        });
    }

    private static string ErrorOf(in EsfClaim<IoTTelemetry.Writer> claim, in IoTTelemetry.Writer writer)
    {
        try
        {
            claim.Commit(writer);
            return "";
        }
        catch (ArgumentException refused)
        {
            return refused.Message;
        }
    }

    private static string ErrorOf(in EsfClaim<IoTAlert.Writer> claim, in IoTAlert.Writer writer)
    {
        try
        {
            claim.Commit(writer);
            return "";
        }
        catch (ArgumentException refused)
        {
            return refused.Message;
        }
    }
}

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

using Estream.Esf;
using Estream.Iot;
using Estream.Queue;
using Estream.Trading;

namespace Estream.Streams.Tests;

/// <summary>Appends messages of a schema by writing them in place.</summary>
public sealed class AppendTests : StreamCase
{
    [Theory]
    [InlineData(AppenderMode.Exclusive)]
    [InlineData(AppenderMode.Shared)]
    public void Message_is_written_and_read_in_place(AppenderMode mode)
    {
        using QueueAppender appender = Queue.CreateAppender(mode);
        using QueueTailer tailer = Queue.CreateTailer();
        var readings = new EsfAppender<IoTTelemetry.Writer>(appender);
        var received = new EsfTailer<IoTTelemetry.View>(tailer);
        long position = Append(readings, 21.5);
        Assert.True(received.TryRead(out EsfMessage<IoTTelemetry.View> message));
        Assert.Equal("pump-7"u8, message.View.DeviceId);
        Assert.Equal(21.5, message.View.Value);
        Assert.Equal((position, 0L), (message.Position, message.Sequence));
        Assert.InRange(message.Time, 1_600_000_000_000_000_000, long.MaxValue);
        Assert.Equal(Reading(21.5), message.View.Bytes.ToArray());
        Assert.False(received.TryRead(out _));
    }

    [Fact]
    public void Claim_needs_no_length_when_all_fields_have_limits()
    {
        using QueueAppender appender = Queue.CreateAppender();
        using QueueTailer tailer = Queue.CreateTailer();
        using (EsfClaim<EStreamQuote.Writer> claim = new EsfAppender<EStreamQuote.Writer>(appender).Claim())
        {
            EStreamQuote.Writer writer = claim.Begin();
            writer.Instrument = new byte[32];
            writer.Source = new byte[32];
            claim.Commit(writer);
        }

        Assert.True(tailer.TryRead(out QueueMessage message));
        Assert.Equal(EStreamQuote.MaxLength, message.Payload.Length);
        Assert.Equal(EsfStatus.Ok, EStreamQuote.Validate(message.Payload));
    }

    /// <summary>Telemetry has a map without a size limit.</summary>
    [Fact]
    public void Claim_without_length_throws_when_the_schema_has_no_maximum_length()
    {
        using QueueAppender appender = Queue.CreateAppender();
        var readings = new EsfAppender<IoTTelemetry.Writer>(appender);
        string error = Assert.Throws<InvalidOperationException>(() => readings.Claim().Position).Message;
        Assert.Contains("estream.iot.IoTTelemetry", error, StringComparison.Ordinal);
        Assert.Contains("Claim(maxLength)", error, StringComparison.Ordinal);
        Assert.ThrowsAny<ArgumentException>(() => readings.Claim(int.MaxValue).Position);
        Assert.ThrowsAny<ArgumentException>(() => readings.Claim(-1).Position);
        Assert.Equal(0, appender.NextSequence);
    }

    [Fact]
    public void Begin_throws_when_the_claim_is_shorter_than_the_shortest_message()
    {
        using QueueAppender appender = Queue.CreateAppender();
        using EsfClaim<IoTTelemetry.Writer> claim = new EsfAppender<IoTTelemetry.Writer>(appender).Claim(IoTTelemetry.FixedLength - 1);
        ArgumentException? error = null;
        try
        {
            _ = claim.Begin();
        }
        catch (ArgumentException caught)
        {
            error = caught;
        }

        Assert.Contains($"needs {IoTTelemetry.FixedLength}", error?.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(AppenderMode.Exclusive)]
    [InlineData(AppenderMode.Shared)]
    public void Uncommitted_messages_are_never_read(AppenderMode mode)
    {
        using QueueAppender appender = Queue.CreateAppender(mode);
        using QueueTailer tailer = Queue.CreateTailer();
        var readings = new EsfAppender<IoTTelemetry.Writer>(appender);
        using (EsfClaim<IoTTelemetry.Writer> claim = readings.Claim(500))
        {
            IoTTelemetry.Writer writer = claim.Begin();
            Fill(ref writer, 1);
        }

        Append(readings, 2);
        Assert.True(new EsfTailer<IoTTelemetry.View>(tailer).TryRead(out EsfMessage<IoTTelemetry.View> message));
        Assert.Equal(2, message.View.Value);
    }

    [Fact]
    public void Commit_of_another_writer_throws_and_appends_nothing()
    {
        using QueueAppender appender = Queue.CreateAppender(AppenderMode.Exclusive);
        var readings = new EsfAppender<IoTTelemetry.Writer>(appender);
        IoTTelemetry.Writer elsewhere = IoTTelemetry.Write(new byte[500]);
        using EsfClaim<IoTTelemetry.Writer> claim = readings.Claim(500);
        Assert.Contains("was not begun in this claim", Refusal(claim, elsewhere)?.Message, StringComparison.Ordinal);
        Assert.NotNull(Refusal(claim, default));
        Assert.NotNull(Refusal(default, elsewhere));
        Assert.Equal(0, appender.NextSequence);
        IoTTelemetry.Writer writer = claim.Begin();
        Fill(ref writer, 1);
        claim.Commit(writer);
        Assert.Equal(1, appender.NextSequence);
    }

    [Fact]
    public void Claim_is_committed_once_and_only_one_is_open()
    {
        using QueueAppender appender = Queue.CreateAppender();
        var readings = new EsfAppender<IoTTelemetry.Writer>(appender);
        using EsfClaim<IoTTelemetry.Writer> claim = readings.Claim(500);
        IoTTelemetry.Writer writer = claim.Begin();
        Fill(ref writer, 1);
        Assert.Throws<InvalidOperationException>(() => Append(readings, 1));
        claim.Commit(writer);
        bool isRefused = false;
        try
        {
            claim.Commit(writer);
        }
        catch (InvalidOperationException)
        {
            isRefused = true;
        }

        Assert.True(isRefused);
        Assert.Equal(1, appender.NextSequence);
        appender.Dispose();
        Assert.Throws<ObjectDisposedException>(() => Append(readings, 1));
    }

    [Fact]
    public void Constructor_throws_without_an_appender()
    {
        Assert.Throws<ArgumentNullException>(() => new EsfAppender<IoTTelemetry.Writer>(null!));
    }

    private static ArgumentException? Refusal(EsfClaim<IoTTelemetry.Writer> claim, IoTTelemetry.Writer writer)
    {
        try
        {
            claim.Commit(writer);
            return null;
        }
        catch (ArgumentException error)
        {
            return error;
        }
    }
}

using Estream.Iot;
using Estream.Queue;
using Estream.Testing;

namespace Estream.Streams.Tests;

/// <summary>Queues that retain messages as long as their schemas require.</summary>
public sealed class RetentionTests : StreamCase
{
    private const int SegmentBytes = 65_536;

    [Fact]
    public void Queue_reclaims_messages_after_the_retention_of_their_schema()
    {
        const int Messages = 4_000;
        ManualClock clock = new();
        QueueOptions options = new QueueOptions { SegmentBytes = SegmentBytes, Clock = clock }.RetainedAs(IoTTelemetry.Schema);
        using EstreamQueue queue = EstreamQueue.Open(Path.Combine(Queue.Directory, "kept"), options);
        using (QueueAppender appender = queue.CreateAppender())
        {
            for (int i = 0; i < Messages; i++)
            {
                appender.Append(Reading(i));
            }
        }

        Assert.InRange(queue.GetInfo().EndPosition, 2 * SegmentBytes, long.MaxValue);
        clock.Pass(TimeSpan.FromDays(89));
        Assert.InRange(queue.ApplyRetention().FirstPosition, 0, SegmentBytes - 1);
        clock.Pass(TimeSpan.FromDays(2));
        Assert.InRange(queue.ApplyRetention().FirstPosition, SegmentBytes, long.MaxValue);
        Assert.Equal(Messages, queue.GetInfo().NextSequence);
    }

    [Fact]
    public void Longest_retention_of_several_schemas_applies_and_none_means_forever()
    {
        QueueOptions options = new() { SegmentBytes = SegmentBytes, RetainedBytes = 1 << 20, RetainedAge = TimeSpan.FromMinutes(1) };
        Assert.Equal(options with { RetainedAge = TimeSpan.FromDays(365) },
            options.RetainedAs(IoTTelemetry.Schema, IoTAlert.Schema, IoTCommand.Schema));
        Assert.Equal(TimeSpan.Zero, options.RetainedAs(IoTTelemetry.Schema, Finding.Schema).RetainedAge);
        Assert.Equal(TimeSpan.Zero, options.RetainedAs().RetainedAge);
    }
}

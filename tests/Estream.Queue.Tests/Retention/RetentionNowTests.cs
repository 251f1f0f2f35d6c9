using Estream.Core;
using Estream.Queue.Tests.Support;

namespace Estream.Queue.Tests;

/// <summary>Retention applied on request and not at the start of a segment.</summary>
public sealed class RetentionNowTests : QueueCase
{
    [Fact]
    public void A_read_only_queue_and_negative_limits_are_refused()
    {
        MakeQueue(3);
        using EstreamQueue readOnly = EstreamQueue.OpenReadOnly(QueueDirectory);
        Assert.Throws<InvalidOperationException>(() => readOnly.ApplyRetention(1, TimeSpan.Zero));
        using EstreamQueue queue = EstreamQueue.Open(QueueDirectory, Small);
        Assert.Throws<ArgumentOutOfRangeException>(() => queue.ApplyRetention(-1, TimeSpan.Zero));
        Assert.Throws<ArgumentOutOfRangeException>(() => queue.ApplyRetention(0, TimeSpan.FromTicks(-1)));
    }

    [Fact]
    public void Without_limits_nothing_is_deleted()
    {
        MakeQueue(5);
        using EstreamQueue queue = EstreamQueue.Open(QueueDirectory, Small);
        Assert.Equal(new RetentionResult(0, 0, queue.GetInfo().FirstPosition, 0), queue.ApplyRetention());
        Assert.Equal(5, SegmentFiles().Length);
    }

    [Theory]
    [InlineData(AppenderMode.Exclusive)]
    [InlineData(AppenderMode.Shared)]
    public void Segments_beyond_the_limits_are_deleted_while_an_appender_is_open(AppenderMode mode)
    {
        long messages = MakeQueue(8);
        using EstreamQueue queue = EstreamQueue.Open(QueueDirectory, Small with { RetainedBytes = 2 * SegmentBytes });
        using QueueAppender appender = queue.CreateAppender(mode);
        int before = SegmentFiles().Length;
        RetentionResult result = queue.ApplyRetention();
        Assert.Equal((before - 3, (before - 3) * SegmentBytes, 0), (result.Segments, result.Bytes, result.SegmentsBeyond));
        QueueInfo info = queue.GetInfo();
        Assert.Equal((result.FirstPosition, 3), (info.FirstPosition, info.SegmentCount));
        appender.Append([1]);
        Assert.True(queue.GetInfo().NextSequence > messages);
        Assert.True(queue.Verify().IsWhole);
        Assert.Equal(0, queue.ApplyRetention().Segments);
    }

    [Fact]
    public void A_reader_with_unread_messages_retains_them_and_is_counted()
    {
        MakeQueue(8);
        using EstreamQueue queue = EstreamQueue.Open(QueueDirectory, Small);
        using QueueTailer named = queue.CreateTailer("slow");
        RetentionResult result = queue.ApplyRetention(SegmentBytes, TimeSpan.Zero);
        Assert.Equal((0, 6), (result.Segments, result.SegmentsBeyond));
        named.SeekToEnd();
        result = queue.ApplyRetention(SegmentBytes, TimeSpan.Zero);
        Assert.Equal((6, 0), (result.Segments, result.SegmentsBeyond));
    }

    [Fact]
    public void FindConsumed_reports_how_far_a_reader_has_consumed()
    {
        MakeQueue(2);
        using EstreamQueue source = EstreamQueue.Open(QueueDirectory, Small);
        using EstreamQueue output = EstreamQueue.Open(Beside("output"), Small);
        Assert.Null(output.FindConsumed(source, "pipe"));
        Assert.Throws<ArgumentException>(() => output.FindConsumed(source, "no name"));
        using QueueAppender appender = output.CreateAppender();
        appender.Append([1]);
        Assert.Null(output.FindConsumed(source, "pipe"));
        using (QueueTailer tailer = source.CreateTailer("pipe", output))
        {
            for (int i = 0; i < 3; i++)
            {
                Assert.True(tailer.TryRead(out QueueMessage message));
                using BatchClaim batch = appender.ClaimBatch(message.Payload.Length, 1, tailer);
                batch.Append(message.Payload);
                batch.Commit();
                Assert.Equal(new ConsumerOffset(tailer.Position, 0), output.FindConsumed(source, "pipe"));
            }
        }

        ConsumerOffset last = output.FindConsumed(source, "pipe")!.Value;
        Assert.Null(output.FindConsumed(source, "other"));
        Assert.Null(output.FindConsumed(output, "pipe"));

        // The offset is also found if it is not in the last segment.
        long before = output.GetInfo().NextSequence;
        while (output.GetInfo().SegmentCount < 3)
        {
            appender.Append(new byte[1_000]);
        }

        Assert.Equal(last with { MessagesBehind = output.GetInfo().NextSequence - before }, output.FindConsumed(source, "pipe"));
    }
}

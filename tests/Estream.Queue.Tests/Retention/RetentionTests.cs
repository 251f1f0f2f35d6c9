using Estream.Core;
using Estream.Queue.Tests.Support;
using Estream.Testing;

namespace Estream.Queue.Tests;

/// <summary>What RetainedBytes deletes and keeps. Another thread prepares the next segment, so the tests check what holds at every moment
/// and not when it happens.</summary>
public sealed class RetentionTests : QueueCase
{
    private static QueueOptions Retaining(int segments) => Small with { RetainedBytes = segments * SegmentBytes };

    [Fact]
    public void Without_retention_all_messages_are_kept()
    {
        long messages = MakeQueue(8);
        Assert.Equal(Enumerable.Range(0, 8).Select(i => (long)i), SegmentFiles());
        using EstreamQueue queue = EstreamQueue.OpenReadOnly(QueueDirectory);
        Assert.Equal(messages, ReadToEnd(queue.CreateTailer(), 0));
    }

    [Fact]
    public void Old_segments_are_reused_and_the_log_keeps_its_size()
    {
        using EstreamQueue queue = EstreamQueue.Open(QueueDirectory, Retaining(3));
        using QueueAppender appender = queue.CreateAppender(AppenderMode.Exclusive);
        AppendSegments(appender, 20);
        AppendUpTo(appender, appender.NextSequence + 5);

        long first = AssertReadsFromItsOldest(queue);
        long[] kept = SegmentFiles();
        Assert.InRange(kept.Length, 4, 5);
        Assert.InRange(first, 0, kept[0] * SegmentBytes + 256);
        Assert.Equal(20, kept[^1]);
        Assert.True(queue.Verify().IsWhole);
        Assert.InRange(Directory.GetFiles(QueueDirectory, "*.seg").Length + Directory.GetFiles(QueueDirectory, "spare.new").Length, 4, 6);
    }

    [Theory]
    [InlineData(AppenderMode.Exclusive)]
    [InlineData(AppenderMode.Shared)]
    public void Durable_appends_work_again_after_retention_deleted_the_durable_messages(AppenderMode mode)
    {
        using EstreamQueue queue = EstreamQueue.Open(QueueDirectory, Retaining(3));
        using QueueAppender appender = queue.CreateAppender(mode);
        for (int round = 0; round < 3; round++)
        {
            long position = appender.Append(new byte[8], Durability.Every);
            Assert.True(queue.DurablePosition > position);
            AppendSegments(appender, 20);
            Assert.InRange(SegmentFiles().Length, 4, 5);
        }
    }

    [Theory]
    [InlineData(long.MaxValue)]
    [InlineData(long.MaxValue - SegmentBytes + 2)]
    public void A_retention_limit_larger_than_any_log_keeps_everything(long retained)
    {
        long messages = MakeQueue(4);
        using EstreamQueue queue = EstreamQueue.Open(QueueDirectory, Small with { RetainedBytes = retained });
        using QueueAppender appender = queue.CreateAppender(AppenderMode.Exclusive);
        AppendSegments(appender, 2);
        Assert.Equal([0, 1, 2, 3, 4, 5], SegmentFiles());
        Assert.True(appender.NextSequence > messages);
        using EstreamQueue fresh = EstreamQueue.Open(Beside("fresh"), Small with { RetainedBytes = retained });
        using QueueAppender first = fresh.CreateAppender(AppenderMode.Exclusive);
        Assert.Equal(0, first.NextSequence);
    }

    [Fact]
    public void Retention_never_keeps_less_than_configured()
    {
        using EstreamQueue queue = EstreamQueue.Open(QueueDirectory, Retaining(2));
        using QueueAppender appender = queue.CreateAppender(AppenderMode.Exclusive);
        for (int i = 0; i < 4_000; i++)
        {
            AppendUpTo(appender, appender.NextSequence + 1);
            long kept = appender.NextPosition - queue.GetInfo().FirstPosition;
            Assert.True(kept >= Math.Min(2 * SegmentBytes, appender.NextPosition - 256) - 512,
                $"{kept} bytes kept at position {appender.NextPosition}");
        }

        Assert.True(SegmentFiles()[0] > 0, "nothing was given up");
    }

    [Fact]
    public void A_named_tailer_that_lags_retains_its_segments_even_when_it_is_closed()
    {
        using EstreamQueue queue = EstreamQueue.Open(QueueDirectory, Retaining(2));
        using QueueAppender appender = queue.CreateAppender(AppenderMode.Exclusive);
        queue.CreateTailer("slow").Dispose();
        AppendSegments(appender, 8);
        Assert.Equal(9, SegmentFiles().Length);

        using (QueueTailer slow = queue.CreateTailer("slow"))
        {
            Assert.Equal(appender.NextSequence, ReadToEnd(slow, 0));
        }

        AppendSegments(appender, 3);
        Assert.InRange(SegmentFiles().Length, 3, 5);
    }

    [Fact]
    public void A_tailer_in_a_segment_retains_it_and_the_following_ones()
    {
        using EstreamQueue queue = EstreamQueue.Open(QueueDirectory, Retaining(1));
        using QueueAppender appender = queue.CreateAppender(AppenderMode.Exclusive);
        AppendUpTo(appender, 3);
        using QueueTailer tailer = queue.CreateTailer();
        Assert.True(tailer.TryRead(out QueueMessage first));
        Assert.Equal(0, first.Sequence);
        AppendSegments(appender, 6);
        Assert.Equal(7, SegmentFiles().Length);
        Assert.Equal(appender.NextSequence, ReadToEnd(tailer, 1));
    }

    /// <summary>The end-of-segment frame is read before the next segment exists. From then on the reader must keep a pin.</summary>
    [Fact]
    public void A_tailer_waiting_at_the_end_of_a_segment_retains_the_following_ones()
    {
        MakeQueue(2);
        File.Delete(SegmentFile(1));
        using EstreamQueue queue = EstreamQueue.Open(QueueDirectory, Retaining(1));
        using QueueTailer tailer = queue.CreateTailer();
        long next = ReadToEnd(tailer, 0);
        using QueueAppender appender = queue.CreateAppender(AppenderMode.Exclusive);
        Assert.Equal(next, appender.NextSequence);
        AppendSegments(appender, 5);
        Assert.Equal(appender.NextSequence, ReadToEnd(tailer, next));
    }

    [Fact]
    public void A_reader_in_another_process_retains_its_segment_and_the_log_shrinks_when_it_leaves()
    {
        using EstreamQueue queue = EstreamQueue.Open(QueueDirectory, Retaining(1));
        using QueueAppender appender = queue.CreateAppender(AppenderMode.Exclusive);
        AppendUpTo(appender, 3);
        using (ChildProcess reader = StartOther("read", QueueDirectory))
        {
            reader.WaitForText("reading");
            AppendSegments(appender, 6);
            Assert.Equal(7, SegmentFiles().Length);
            long messages = appender.NextSequence;
            reader.Input.WriteLine();
            reader.Input.Flush();
            reader.WaitForText($"read {messages}");
            reader.Kill();
        }

        AppendSegments(appender, 3);
        Assert.InRange(SegmentFiles().Length, 2, 4);
    }

    /// <summary>The oldest segment can be reclaimed and the next one cannot. A spare made of the oldest must not block the
    /// writer.</summary>
    [Fact]
    public void A_reader_in_the_second_oldest_segment_does_not_stop_the_writer()
    {
        MakeQueue(5);
        using EstreamQueue reading = EstreamQueue.OpenReadOnly(QueueDirectory);
        using QueueTailer tailer = reading.CreateTailer();
        long next = 0;
        while (tailer.Position < SegmentBytes)
        {
            Assert.True(tailer.TryRead(out _));
            next++;
        }

        using EstreamQueue queue = EstreamQueue.Open(QueueDirectory, Retaining(1));
        using QueueAppender appender = queue.CreateAppender(AppenderMode.Exclusive);
        AppendSegments(appender, 3);
        Assert.Equal([1, 2, 3, 4, 5, 6, 7], SegmentFiles());
        Assert.Equal(appender.NextSequence, ReadToEnd(tailer, next));
    }

    [Fact]
    public void An_unnamed_tailer_whose_segment_was_deleted_throws_and_continues_from_the_start()
    {
        using EstreamQueue queue = EstreamQueue.Open(QueueDirectory, Retaining(1));
        using QueueAppender appender = queue.CreateAppender(AppenderMode.Exclusive);
        long lost = appender.NextPosition;
        AppendSegments(appender, 5);
        using QueueTailer tailer = queue.CreateTailer();
        EstreamStorageException error = Assert.Throws<EstreamStorageException>(() => tailer.Seek(lost));
        Assert.Equal(StorageFailure.NotFound, error.Reason);
        Assert.Contains("retention", error.Message, StringComparison.Ordinal);
        Assert.Contains("SeekToStart", error.Message, StringComparison.Ordinal);
        tailer.SeekToStart();
        QueueInfo info = queue.GetInfo();
        Assert.Equal(info.NextSequence, ReadToEnd(tailer, info.FirstSequence));
    }

    [Fact]
    public void A_segment_that_cannot_be_removed_from_the_log_stays_readable()
    {
        MakeQueue(4);
        var storage = new FailingStorage(Failure.Once, int.MaxValue) { RefusesRenames = true };
        using EstreamQueue queue = EstreamQueue.Open(QueueDirectory, Retaining(1) with { Storage = storage });
        using QueueAppender appender = queue.CreateAppender(AppenderMode.Exclusive);
        Assert.Throws<EstreamStorageException>(() => AppendSegments(appender, 2));
        using EstreamQueue other = EstreamQueue.OpenReadOnly(QueueDirectory);
        Assert.Equal(appender.NextSequence, ReadToEnd(other.CreateTailer(), 0));
        Assert.Equal(appender.NextSequence, ReadToEnd(queue.CreateTailer(), 0));
    }

    [Fact]
    public void A_damaged_cursor_retains_everything_and_does_not_stop_the_writer()
    {
        using EstreamQueue queue = EstreamQueue.Open(QueueDirectory, Retaining(1));
        queue.CreateTailer("damaged").Dispose();
        InvertByte(InQueue("tailers", "damaged.cursor"), 20);
        using QueueAppender appender = queue.CreateAppender(AppenderMode.Exclusive);
        AppendSegments(appender, 4);
        Assert.Equal(5, SegmentFiles().Length);
        AssertNames<EstreamCorruptionException>(InQueue("tailers", "damaged.cursor"), 12, () => queue.GetInfo());
    }

    [Fact]
    public void A_damaged_old_segment_is_kept_and_does_not_stop_the_writer()
    {
        MakeQueue(3);
        InvertByte(SegmentFile(0), 20);
        using EstreamQueue queue = EstreamQueue.Open(QueueDirectory, Retaining(1));
        using QueueAppender appender = queue.CreateAppender(AppenderMode.Exclusive);
        AppendSegments(appender, 3);
        Assert.Equal([0, 1, 2, 3, 4, 5], SegmentFiles());
    }
}

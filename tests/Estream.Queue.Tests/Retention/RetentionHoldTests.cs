using Estream.Core;
using Estream.Queue.Tests.Support;
using Estream.Testing;

namespace Estream.Queue.Tests;

/// <summary>A stopped reader cannot prevent retention permanently, and it learns which messages it has lost.</summary>
public sealed class RetentionHoldTests : QueueCase
{
    private readonly ManualClock _clock = new();

    private QueueOptions Retaining(int segments) =>
        Small with { RetainedBytes = segments * SegmentBytes, Clock = _clock, Background = InlineScheduler.Instance };

    [Theory]
    [InlineData(AppenderMode.Exclusive)]
    [InlineData(AppenderMode.Shared)]
    public void A_reader_that_holds_a_segment_too_long_loses_it_and_gets_an_exception(AppenderMode mode)
    {
        using EstreamQueue queue = EstreamQueue.Open(QueueDirectory, Retaining(2));
        using QueueAppender appender = queue.CreateAppender(mode);
        AppendUpTo(appender, 3);
        using QueueTailer tailer = queue.CreateTailer();
        Assert.True(tailer.TryRead(out _));
        Assert.Null(queue.RetentionHold);

        AppendSegments(appender, 10);
        Assert.Equal(11, SegmentFiles().Length);
        RetentionHold hold = Assert.IsType<RetentionHold>(queue.RetentionHold);
        Assert.Equal(256, hold.FirstPosition);
        Assert.Contains($"(process {Environment.ProcessId})", Assert.Single(hold.Holders), StringComparison.Ordinal);

        _clock.Pass(TimeSpan.FromSeconds(59));
        AppendSegments(appender, 1);
        Assert.Equal(12, SegmentFiles().Length);
        _clock.Pass(TimeSpan.FromSeconds(1));
        AppendSegments(appender, 2);
        Assert.InRange(SegmentFiles().Length, 2, 5);
        Assert.Equal(1, queue.EvictedSegments);
        Assert.Null(queue.RetentionHold);

        // The rest of the tailer's segment is still readable.
        long read = 1;
        EstreamStorageException? lost = null;
        while (lost is null)
        {
            try
            {
                Assert.True(tailer.TryRead(out QueueMessage message));
                Assert.Equal(read++, message.Sequence);
            }
            catch (EstreamStorageException failure)
            {
                lost = failure;
            }
        }

        Assert.Equal(StorageFailure.NotFound, lost.Reason);
        Assert.Contains("was deleted by retention", lost.Message, StringComparison.Ordinal);
        Assert.InRange(read, 3, appender.NextSequence - 1);
        tailer.SeekToStart();
        Assert.True(tailer.TryRead(out QueueMessage first));
        Assert.Equal(appender.NextSequence, ReadToEnd(tailer, first.Sequence + 1));
        Assert.True(queue.Verify().IsWhole);
    }

    [Fact]
    public void An_idle_shared_appender_whose_segment_was_deleted_continues_at_the_end_of_the_log()
    {
        using EstreamQueue queue = EstreamQueue.Open(QueueDirectory, Retaining(1));
        using QueueAppender idle = queue.CreateAppender(AppenderMode.Shared);
        using QueueAppender busy = queue.CreateAppender(AppenderMode.Shared);
        AppendSegments(busy, 6);
        _clock.Pass(TimeSpan.FromSeconds(60));
        AppendSegments(busy, 4);
        Assert.Equal(1, queue.EvictedSegments);

        long last = SegmentFiles()[^1];
        long position = idle.Append("late"u8, Durability.Every);

        Assert.True(position / SegmentBytes >= last, $"position {position}");
        Assert.True(queue.DurablePosition > position);
        Assert.True(queue.Verify().IsWhole);
        using QueueTailer tailer = queue.CreateTailer();
        tailer.Seek(position);
        Assert.True(tailer.TryRead(out QueueMessage message));
        Assert.Equal("late"u8, message.Payload);
    }

    [Fact]
    public void Each_of_several_readers_has_its_own_hold_limit()
    {
        using EstreamQueue queue = EstreamQueue.Open(QueueDirectory, Retaining(2));
        using QueueAppender appender = queue.CreateAppender(AppenderMode.Exclusive);
        AppendUpTo(appender, 3);
        using QueueTailer one = queue.CreateTailer();
        Assert.True(one.TryRead(out _));
        AppendSegments(appender, 2);
        using QueueTailer two = queue.CreateTailer();
        two.SeekToEnd();
        Assert.False(two.TryRead(out _));
        AppendSegments(appender, 6);

        // Both readers have blocked retention since the same moment.
        _clock.Pass(TimeSpan.FromSeconds(60));
        AppendSegments(appender, 2);

        Assert.Equal(2, queue.EvictedSegments);
        Assert.InRange(SegmentFiles().Length, 2, 5);
    }

    [Fact]
    public void Without_a_hold_limit_readers_retain_their_segments_and_named_ones_their_unread_messages()
    {
        using EstreamQueue queue = EstreamQueue.Open(QueueDirectory, Retaining(1) with { MaxRetentionHold = TimeSpan.Zero });
        using QueueAppender appender = queue.CreateAppender(AppenderMode.Exclusive);
        AppendUpTo(appender, 3);
        using (QueueTailer tailer = queue.CreateTailer())
        {
            Assert.True(tailer.TryRead(out _));
            AppendSegments(appender, 6);
            _clock.Pass(TimeSpan.FromDays(1));
            AppendSegments(appender, 1);
            Assert.Equal(appender.NextSequence, ReadToEnd(tailer, 1));
        }

        using EstreamQueue named = EstreamQueue.Open(Beside("named"), Retaining(1));
        using QueueAppender other = named.CreateAppender(AppenderMode.Exclusive);
        AppendUpTo(other, 3);
        using QueueTailer slow = named.CreateTailer("slow");
        Assert.True(slow.TryRead(out _));
        AppendSegments(other, 6);
        _clock.Pass(TimeSpan.FromDays(1));
        AppendSegments(other, 1);
        Assert.Equal(other.NextSequence, ReadToEnd(slow, 1));
    }

    [Fact]
    public void A_stopped_process_cannot_prevent_retention()
    {
        using EstreamQueue queue = EstreamQueue.Open(QueueDirectory, Retaining(1));
        using QueueAppender appender = queue.CreateAppender(AppenderMode.Exclusive);
        AppendUpTo(appender, 3);
        using ChildProcess reader = StartOther("read", QueueDirectory);
        reader.WaitForText("reading");
        ChildProcess.Run("/bin/sh", ["-c", $"kill -STOP {reader.Id}"]).EnsureSuccess();
        AppendSegments(appender, 6);
        Assert.Contains($"(process {reader.Id})", Assert.Single(queue.RetentionHold!.Holders), StringComparison.Ordinal);

        _clock.Pass(TimeSpan.FromSeconds(60));
        AppendSegments(appender, 20);

        Assert.InRange(SegmentFiles().Length, 2, 4);
        ChildProcess.Run("/bin/sh", ["-c", $"kill -CONT {reader.Id}"]).EnsureSuccess();
        reader.Input.WriteLine();
        reader.Input.Flush();
        ProcessResult end = reader.WaitForExit();
        Assert.NotEqual(0, end.ExitCode);
        Assert.Contains("was deleted by retention", end.Error, StringComparison.Ordinal);
    }

    [Fact]
    public void Messages_past_their_age_are_deleted_even_under_a_reader()
    {
        QueueOptions aging = Small with
        {
            RetainedAge = TimeSpan.FromHours(1), Clock = _clock, Background = InlineScheduler.Instance,
        };
        using EstreamQueue queue = EstreamQueue.Open(QueueDirectory, aging);
        using QueueAppender appender = queue.CreateAppender(AppenderMode.Exclusive);
        AppendUpTo(appender, 3);
        using QueueTailer tailer = queue.CreateTailer();
        Assert.True(tailer.TryRead(out _));
        AppendSegments(appender, 3);
        _clock.Pass(TimeSpan.FromHours(2));

        Assert.Equal(0, queue.Keeper.ReclaimExpired());
        _clock.Pass(TimeSpan.FromSeconds(60));
        Assert.Equal(3, queue.Keeper.ReclaimExpired());
        Assert.Equal([3], SegmentFiles());
    }
}

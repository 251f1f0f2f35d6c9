using Estream.Core;
using Estream.Queue.Tests.Support;
using Estream.Testing;

namespace Estream.Queue.Tests;

/// <summary>What RetainedAge deletes and keeps, with a manual clock.</summary>
public sealed class RetentionAgeTests : QueueCase
{
    private readonly ManualClock _clock = new();

    // Segments are prepared on the appending thread. A late background thread could otherwise reuse old segments after the clock was moved.
    private QueueOptions Aging => Small with { RetainedAge = TimeSpan.FromHours(1), Clock = _clock, Background = InlineScheduler.Instance };

    [Fact]
    public void Segments_are_deleted_when_their_last_message_is_old_enough_and_not_before()
    {
        using EstreamQueue queue = EstreamQueue.Open(QueueDirectory, Aging);
        using QueueAppender appender = queue.CreateAppender(AppenderMode.Exclusive);
        for (int segment = 0; segment < 4; segment++)
        {
            AppendSegments(appender, 1);
            PassMinutes(10);
        }

        // Segments were completed at minutes 0, 10, 20 and 30.
        PassMinutes(19);
        Assert.Equal((0, 5), (queue.Keeper.ReclaimExpired(), SegmentFiles().Length));
        PassMinutes(1);
        Assert.Equal(1, queue.Keeper.ReclaimExpired());
        PassMinutes(10);
        Assert.Equal(1, queue.Keeper.ReclaimExpired());
        Assert.Equal([2, 3, 4], SegmentFiles());
        PassMinutes(100_000);
        Assert.Equal(2, queue.Keeper.ReclaimExpired());
        Assert.Equal([4], SegmentFiles());
        QueueInfo info = queue.GetInfo();
        Assert.Equal(info.NextSequence, ReadToEnd(queue.CreateTailer(), info.FirstSequence));
        AppendSegments(appender, 2);
        Assert.True(queue.Verify().IsWhole);
    }

    [Fact]
    public void Messages_with_a_future_time_are_not_deleted()
    {
        using EstreamQueue queue = EstreamQueue.Open(QueueDirectory, Aging);
        using QueueAppender appender = queue.CreateAppender(AppenderMode.Exclusive);
        AppendSegments(appender, 3);
        PassMinutes(-10_000);
        Assert.Equal(0, queue.Keeper.ReclaimExpired());
        using EstreamQueue forEver = EstreamQueue.Open(QueueDirectory, Aging with { RetainedAge = TimeSpan.MaxValue });
        PassMinutes(10_000_000);
        Assert.Equal(0, forEver.Keeper.ReclaimExpired());
    }

    [Fact]
    public void A_named_tailer_retains_unread_messages_until_its_name_is_deleted()
    {
        using EstreamQueue queue = EstreamQueue.Open(QueueDirectory, Aging);
        using QueueAppender appender = queue.CreateAppender(AppenderMode.Exclusive);
        AppendSegments(appender, 1);
        using (QueueTailer slow = queue.CreateTailer("slow"))
        {
            while (slow.Position < SegmentBytes)
            {
                AppendUpTo(appender, appender.NextSequence + 1);
                Assert.True(slow.TryRead(out _));
            }
        }

        AppendSegments(appender, 2);
        PassMinutes(61);
        Assert.Equal((1, 3), (queue.Keeper.ReclaimExpired(), SegmentFiles().Length));
        Assert.Equal(["slow"], queue.GetInfo().Retention.HeldBy);
        Assert.True(queue.RemoveTailer("slow"));
        Assert.Equal(2, queue.Keeper.ReclaimExpired());
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void A_reader_in_a_segment_retains_it_and_the_following_ones(bool isReadOnly)
    {
        using EstreamQueue queue = EstreamQueue.Open(QueueDirectory, Aging);
        using QueueAppender appender = queue.CreateAppender();
        AppendSegments(appender, 3);
        AppendUpTo(appender, appender.NextSequence + 3);
        PassMinutes(61);
        using EstreamQueue reading = isReadOnly ? EstreamQueue.OpenReadOnly(QueueDirectory) : EstreamQueue.Open(QueueDirectory);
        QueueTailer tailer = reading.CreateTailer();
        Assert.True(tailer.TryRead(out _));
        Assert.Equal(0, queue.Keeper.ReclaimExpired());
        Assert.Equal(appender.NextSequence, ReadToEnd(tailer, 1));
        Assert.Equal(3, queue.Keeper.ReclaimExpired());
    }

    [Fact]
    public void A_reader_in_another_process_retains_its_segment()
    {
        using EstreamQueue queue = EstreamQueue.Open(QueueDirectory, Aging);
        using QueueAppender appender = queue.CreateAppender(AppenderMode.Exclusive);
        AppendSegments(appender, 3);
        PassMinutes(61);
        using ChildProcess reader = StartOther("read", QueueDirectory);
        reader.WaitForText("reading");
        Assert.Equal(0, queue.Keeper.ReclaimExpired());
        reader.Kill();

        // The kernel releases the resources of a process a moment after its death.
        int removed = 0;
        Eventually.True(() => (removed += queue.Keeper.ReclaimExpired()) == 3, "all but the last segment are deleted");
    }

    [Fact]
    public void A_damaged_cursor_retains_everything()
    {
        using EstreamQueue queue = EstreamQueue.Open(QueueDirectory, Aging);
        queue.CreateTailer("damaged").Dispose();
        InvertByte(InQueue("tailers", "damaged.cursor"), 20);
        using QueueAppender appender = queue.CreateAppender(AppenderMode.Exclusive);
        AppendSegments(appender, 3);
        PassMinutes(61);
        Assert.Throws<EstreamCorruptionException>(() => queue.Keeper.ReclaimExpired());
        Assert.Equal(4, SegmentFiles().Length);
    }

    [Theory]
    [InlineData(AppenderMode.Exclusive)]
    [InlineData(AppenderMode.Shared)]
    public void Retention_runs_in_the_background_while_an_idle_appender_is_open(AppenderMode mode)
    {
        using EstreamQueue queue = EstreamQueue.Open(QueueDirectory, Small with { RetainedAge = TimeSpan.FromMilliseconds(1) });
        using (QueueAppender appender = queue.CreateAppender(mode))
        {
            AppendSegments(appender, 3);
            Eventually.True(() => SegmentFiles() is [3], "all but the last segment are deleted");
        }

        using QueueTailer tailer = queue.CreateTailer("late");
        tailer.SeekToEnd();
        tailer.Commit();
        Assert.Single(SegmentFiles());
    }

    /// <summary>A segment beyond either limit is available for reuse.</summary>
    [Fact]
    public void Old_segments_are_also_reused()
    {
        using EstreamQueue queue = EstreamQueue.Open(QueueDirectory, Aging with { RetainedBytes = 10 * SegmentBytes });
        using QueueAppender appender = queue.CreateAppender(AppenderMode.Exclusive);
        AppendSegments(appender, 4);
        PassMinutes(61);
        AppendSegments(appender, 3);
        Assert.InRange(SegmentFiles().Length, 1, 5);
        Assert.Equal(7, SegmentFiles()[^1]);
        AppendSegments(appender, 20);
        Assert.InRange(SegmentFiles().Length, 10, 13);
    }

    [Fact]
    public void An_invalid_retention_age_is_refused() =>
        Assert.Throws<ArgumentException>(() => EstreamQueue.Open(QueueDirectory, Small with { RetainedAge = TimeSpan.FromTicks(-1) }));

    private void PassMinutes(int minutes) => _clock.PassNanos(minutes * 60_000_000_000);
}

using Estream.Core;
using Estream.Queue.Tests.Support;
using Estream.Testing;

namespace Estream.Queue.Tests;

/// <summary>How long retention waits for an unused named tailer, with a manual clock.</summary>
public sealed class UnusedTailerTests : QueueCase
{
    private static readonly TimeSpan s_age = TimeSpan.FromDays(7);

    private readonly ManualClock _clock = new();

    private QueueOptions Aging => Small with
    {
        RetainedBytes = 2 * SegmentBytes, Clock = _clock, Background = InlineScheduler.Instance,
    };

    [Fact]
    public void Retention_stops_waiting_for_a_name_that_is_unused_for_longer_than_its_age()
    {
        using EstreamQueue queue = EstreamQueue.Open(QueueDirectory, Aging);
        using QueueAppender appender = queue.CreateAppender(AppenderMode.Exclusive);
        AppendUpTo(appender, 10);
        using (QueueTailer pod = queue.CreateTailer("client-pod", s_age))
        {
            ReadToEnd(pod, 0);
            pod.Commit();
        }

        AppendSegments(appender, 8);
        Assert.Equal(new TailerHold("client-pod", 6 * SegmentBytes), Assert.Single(queue.GetTailerHolds()));
        _clock.Pass(s_age - TimeSpan.FromSeconds(1));
        Assert.Equal(0, queue.ApplyRetention().Segments);
        Assert.Equal(["client-pod"], queue.GetInfo().Retention.HeldBy);

        _clock.Pass(TimeSpan.FromSeconds(1));
        Assert.Empty(queue.GetTailerHolds());
        Assert.Empty(queue.GetInfo().Retention.HeldBy);
        Assert.Equal(6, queue.ApplyRetention().Segments);

        // The position stays. The next user of the name learns that the message is gone, and can go on at the oldest message.
        TailerInfo unused = Assert.Single(queue.GetInfo().Tailers);
        Assert.Equal((false, _clock.UtcNanos), (unused.IsRetaining, unused.RetainsUntil));
        using QueueTailer back = queue.CreateTailer("client-pod", s_age);
        Assert.Equal(unused.Position, back.Position);
        Assert.Equal(StorageFailure.NotFound, Assert.Throws<EstreamStorageException>(() => back.TryRead(out _)).Reason);
        back.SeekToStart();
        back.Commit();
        Assert.True(Assert.Single(queue.GetInfo().Tailers).IsRetaining);
    }

    [Fact]
    public void A_name_in_use_retains_its_messages_however_old_its_last_use_is()
    {
        using EstreamQueue queue = EstreamQueue.Open(QueueDirectory, Aging);
        using QueueAppender appender = queue.CreateAppender(AppenderMode.Exclusive);
        using (QueueTailer used = queue.CreateTailer("used", s_age))
        {
            AppendSegments(appender, 8);
            _clock.Pass(10 * s_age);
            Assert.Equal(0, queue.ApplyRetention().Segments);
        }

        // Closing the tailer counts as use.
        Assert.Equal(0, queue.ApplyRetention().Segments);
        _clock.Pass(s_age);
        Assert.Equal(6, queue.ApplyRetention().Segments);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void A_crash_does_not_age_a_name_that_was_in_use_without_a_commit(bool givesAge)
    {
        long usedAt;
        using (EstreamQueue queue = EstreamQueue.Open(QueueDirectory, Aging))
        {
            using QueueAppender appender = queue.CreateAppender(AppenderMode.Exclusive);
            AppendSegments(appender, 8);
            queue.CreateTailer("client-pod", s_age).Dispose();
            using QueueTailer used = givesAge ? queue.CreateTailer("client-pod", s_age) : queue.CreateTailer("client-pod");
            for (int hour = 0; hour < 8 * 24; hour++)
            {
                _clock.Pass(TimeSpan.FromHours(1));
                queue.RetentionClock.Renew();
            }

            usedAt = queue.GetInfo().Tailers.Single().RetainsUntil!.Value - (s_age.Ticks * 100);
        }

        // As a crash leaves the file: its lock is gone, and nothing recorded the end of the use.
        Overwrite(InQueue("tailers", "client-pod.cursor"), 128, BitConverter.GetBytes(usedAt));
        using EstreamQueue again = EstreamQueue.Open(QueueDirectory, Aging);
        TailerInfo tailer = Assert.Single(again.GetInfo().Tailers);
        Assert.Equal((true, _clock.UtcNanos + (s_age.Ticks * 100)), (tailer.IsRetaining, tailer.RetainsUntil));
        Assert.Equal(0, again.ApplyRetention().Segments);
    }

    [Fact]
    public void The_use_of_a_name_is_stored_without_a_retention_run()
    {
        using EstreamQueue queue = EstreamQueue.Open(QueueDirectory, Small with { Clock = _clock });
        queue.RetentionClock.PeriodMs = 10;
        using QueueTailer used = queue.CreateTailer("client-pod", s_age);
        _clock.Pass(TimeSpan.FromHours(1));
        long until = _clock.UtcNanos + (s_age.Ticks * 100);
        Eventually.True(() => queue.GetInfo().Tailers.Single().RetainsUntil == until, "the timer stores that the name is in use");
    }

    [Fact]
    public void An_age_stays_with_the_name_until_another_is_set()
    {
        using EstreamQueue queue = EstreamQueue.Open(QueueDirectory, Aging);
        queue.CreateTailer("a", s_age).Dispose();
        queue.CreateTailer("a").Dispose();
        Assert.Equal(_clock.UtcNanos + (s_age.Ticks * 100), Assert.Single(queue.GetInfo().Tailers).RetainsUntil);
        queue.CreateTailer("a", TimeSpan.Zero).Dispose();
        Assert.Null(Assert.Single(queue.GetInfo().Tailers).RetainsUntil);
        queue.CreateTailer("a", TimeSpan.MaxValue).Dispose();
        Assert.True(Assert.Single(queue.GetInfo().Tailers).IsRetaining);
        Assert.Throws<ArgumentOutOfRangeException>(() => queue.CreateTailer("a", TimeSpan.FromTicks(-1)));
    }

    /// <summary>The age lies outside the checked header of the cursor.</summary>
    [Theory]
    [InlineData(1, long.MaxValue)]
    [InlineData(long.MaxValue, 1)]
    [InlineData(-1, 1)]
    [InlineData(1, -1)]
    public void An_impossible_age_in_a_cursor_retains_for_ever(long usedAt, long maxUnused)
    {
        using EstreamQueue queue = EstreamQueue.Open(QueueDirectory, Aging);
        queue.CreateTailer("a").Dispose();
        byte[] cursor = File.ReadAllBytes(InQueue("tailers", "a.cursor"));
        BitConverter.GetBytes(usedAt).CopyTo(cursor, 128);
        BitConverter.GetBytes(maxUnused).CopyTo(cursor, 136);
        File.WriteAllBytes(InQueue("tailers", "a.cursor"), cursor);
        Assert.True(Assert.Single(queue.GetInfo().Tailers).IsRetaining);
    }
}

using Estream.Queue.Tests.Support;
using Estream.Testing;

namespace Estream.Queue.Tests;

/// <summary>A clock that is wrong deletes no messages; a clock that is right does, even after a long pause.</summary>
public sealed class RetentionClockTests : QueueCase
{
    private const long HourNanos = 3_600_000_000_000;
    private const long DayNanos = 24 * HourNanos;

    private readonly ManualClock _clock = new();

    private QueueOptions Aging => Small with { RetainedAge = TimeSpan.FromDays(90), Clock = _clock, Background = InlineScheduler.Instance };

    [Fact]
    public void A_clock_that_jumps_ahead_deletes_nothing_until_it_is_confirmed()
    {
        using EstreamQueue queue = EstreamQueue.Open(QueueDirectory, Aging);
        using QueueAppender appender = queue.CreateAppender(AppenderMode.Exclusive);
        AppendSegments(appender, 3);
        _clock.UtcNanos += 100 * DayNanos;
        Assert.Equal((0, 0), (queue.Keeper.ReclaimExpired(), queue.ApplyRetention().Segments));
        AppendSegments(appender, 1);
        Assert.Equal(5, SegmentFiles().Length);
        RetentionPause pause = queue.RetentionPause!;
        Assert.Equal((TimeSpan.FromDays(100), null), (pause.Ahead, pause.EndsIn));
        Assert.Contains("--confirm", pause.Reason, StringComparison.Ordinal);

        // Any process can confirm. The time that it confirms is the time from which on retention measures.
        using (EstreamQueue other = EstreamQueue.Open(QueueDirectory, new QueueOptions { Clock = _clock }))
        {
            Assert.NotNull(other.CheckRetentionClock());
            other.ConfirmRetentionClock();
        }

        Assert.Equal(3, queue.Keeper.ReclaimExpired());
        Assert.Null(queue.RetentionPause);
        _clock.UtcNanos += 100 * DayNanos;
        Assert.Equal(0, queue.Keeper.ReclaimExpired());
    }

    [Fact]
    public void A_clock_that_is_set_back_lets_retention_continue()
    {
        using EstreamQueue queue = EstreamQueue.Open(QueueDirectory, Aging);
        using QueueAppender appender = queue.CreateAppender(AppenderMode.Exclusive);
        AppendSegments(appender, 3);
        _clock.UtcNanos += 100 * DayNanos;
        Assert.Equal(0, queue.Keeper.ReclaimExpired());
        _clock.UtcNanos -= 100 * DayNanos;
        Assert.Equal(0, queue.Keeper.ReclaimExpired());
        Assert.Null(queue.RetentionPause);
        _clock.PassNanos(91 * DayNanos);
        Assert.Equal(3, queue.Keeper.ReclaimExpired());
    }

    [Fact]
    public void Small_corrections_and_time_that_passes_delete_as_before()
    {
        using EstreamQueue queue = EstreamQueue.Open(QueueDirectory, Aging);
        using QueueAppender appender = queue.CreateAppender(AppenderMode.Exclusive);
        AppendSegments(appender, 3);
        for (int day = 0; day < 91; day++)
        {
            // A time service corrects by half an hour every other day: together by almost a day, never by more than an hour at once.
            _clock.PassNanos(25 * HourNanos);
            _clock.UtcNanos += day % 2 * HourNanos / 2;
            queue.Keeper.ReclaimExpired();
            Assert.Null(queue.RetentionPause);
        }

        Assert.Single(SegmentFiles());
    }

    /// <summary>The mark is in the queue: the jump may happen while no process has the queue open.</summary>
    [Fact]
    public void A_jump_between_two_processes_is_noticed()
    {
        FillAndClose();
        _clock.UtcNanos += 100 * DayNanos;
        using EstreamQueue queue = EstreamQueue.Open(QueueDirectory, Aging);
        using QueueAppender appender = queue.CreateAppender(AppenderMode.Exclusive);
        Assert.Equal(0, queue.Keeper.ReclaimExpired());
        Assert.Null(queue.RetentionPause!.EndsIn);
    }

    [Fact]
    public void After_a_long_time_off_retention_waits_an_hour_for_the_clock_to_be_corrected()
    {
        FillAndClose();
        Reboot();
        _clock.UtcNanos += 100 * DayNanos;
        using EstreamQueue queue = EstreamQueue.Open(QueueDirectory, Aging);
        using QueueAppender appender = queue.CreateAppender(AppenderMode.Exclusive);
        Assert.Equal(0, queue.Keeper.ReclaimExpired());
        Assert.Equal(TimeSpan.FromHours(1), queue.RetentionPause!.EndsIn);

        // A time service corrects the clock within the hour.
        _clock.UtcNanos -= 99 * DayNanos;
        _clock.PassNanos(HourNanos);
        Assert.Equal(0, queue.Keeper.ReclaimExpired());
        Assert.Null(queue.RetentionPause);
    }

    [Fact]
    public void An_old_queue_is_cleaned_an_hour_after_the_machine_was_started()
    {
        FillAndClose();
        Reboot();
        _clock.UtcNanos += 100 * DayNanos;
        using EstreamQueue queue = EstreamQueue.Open(QueueDirectory, Aging);
        using QueueAppender appender = queue.CreateAppender(AppenderMode.Exclusive);
        _clock.PassNanos(HourNanos);
        Assert.Equal(3, queue.Keeper.ReclaimExpired());
    }

    [Fact]
    public void A_restart_after_less_than_a_day_needs_no_wait()
    {
        FillAndClose();
        Reboot();
        _clock.UtcNanos += 23 * HourNanos;
        using EstreamQueue queue = EstreamQueue.Open(QueueDirectory, Aging with { RetainedAge = TimeSpan.FromHours(20) });
        using QueueAppender appender = queue.CreateAppender(AppenderMode.Exclusive);
        Assert.Equal(3, queue.Keeper.ReclaimExpired());
    }

    [Fact]
    public void A_damaged_mark_counts_as_none()
    {
        FillAndClose();
        InvertByte(InQueue("queue.meta"), 1030);
        _clock.UtcNanos += 100 * DayNanos;
        using EstreamQueue queue = EstreamQueue.Open(QueueDirectory, Aging);
        using QueueAppender appender = queue.CreateAppender(AppenderMode.Exclusive);
        Assert.Equal(0, queue.Keeper.ReclaimExpired());
        Assert.NotNull(queue.RetentionPause!.EndsIn);
    }

    [Fact]
    public void A_jump_does_not_end_the_hold_of_an_unused_name()
    {
        using EstreamQueue queue = EstreamQueue.Open(
            QueueDirectory, Aging with { RetainedAge = TimeSpan.Zero, RetainedBytes = SegmentBytes });
        using QueueAppender appender = queue.CreateAppender(AppenderMode.Exclusive);
        queue.CreateTailer("client-pod", TimeSpan.FromDays(7)).Dispose();
        AppendSegments(appender, 4);
        _clock.UtcNanos += 100 * DayNanos;
        Assert.Equal(0, queue.ApplyRetention().Segments);
        queue.ConfirmRetentionClock();
        Assert.Equal(3, queue.ApplyRetention().Segments);
    }

    private void FillAndClose()
    {
        using EstreamQueue queue = EstreamQueue.Open(QueueDirectory, Aging);
        using QueueAppender appender = queue.CreateAppender(AppenderMode.Exclusive);
        AppendSegments(appender, 3);
    }

    // The mark of another boot: its id differs from that of this machine.
    private void Reboot()
    {
        byte[] file = File.ReadAllBytes(InQueue("queue.meta"));
        file[1048] ^= 1;
        BitConverter.GetBytes(Core.Crc32C.Compute(file.AsSpan(1024, 40))).CopyTo(file, 1064);
        File.WriteAllBytes(InQueue("queue.meta"), file);
    }
}

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

    [Theory]
    [InlineData(AppenderMode.Exclusive)]
    [InlineData(AppenderMode.Shared)]
    public void A_segment_that_begins_with_a_clock_in_the_past_makes_no_earlier_segment_old(AppenderMode mode)
    {
        using EstreamQueue queue = EstreamQueue.Open(QueueDirectory, Aging);
        using QueueAppender appender = queue.CreateAppender(mode);
        AppendSegments(appender, 1);
        _clock.UtcNanos -= 100 * DayNanos;
        AppendSegments(appender, 1);
        _clock.UtcNanos += 100 * DayNanos;
        AppendSegments(appender, 1);
        Assert.Equal(0, queue.Keeper.ReclaimExpired());
        Assert.Equal(0, queue.ApplyRetention().FirstPosition / SegmentBytes);
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
    public void After_more_than_a_day_off_retention_waits_until_the_clock_is_set_right_or_confirmed()
    {
        FillAndClose();
        Reboot();
        _clock.UtcNanos += 100 * DayNanos;
        using EstreamQueue queue = EstreamQueue.Open(QueueDirectory, Aging);
        using QueueAppender appender = queue.CreateAppender(AppenderMode.Exclusive);
        Assert.Equal(0, queue.Keeper.ReclaimExpired());
        Assert.Equal((TimeSpan.FromDays(100), null), (queue.RetentionPause!.Ahead, queue.RetentionPause.EndsIn));

        // A time service corrects the clock after two hours: the machine was off for a few hours only.
        _clock.PassNanos(2 * HourNanos);
        _clock.UtcNanos -= (99 * DayNanos) + (12 * HourNanos);
        Assert.Equal(0, queue.Keeper.ReclaimExpired());
        Assert.Null(queue.RetentionPause);
    }

    [Fact]
    public void A_second_restart_does_not_make_a_wrong_clock_right()
    {
        FillAndClose();
        _clock.UtcNanos += 100 * DayNanos;
        for (int boot = 0; boot < 3; boot++)
        {
            Reboot();
            AssertKeepsForTwoHours();
        }

        using EstreamQueue queue = EstreamQueue.Open(QueueDirectory, Aging);
        using QueueAppender appender = queue.CreateAppender(AppenderMode.Exclusive);
        queue.ConfirmRetentionClock();
        Assert.Equal(3, queue.Keeper.ReclaimExpired());
    }

    /// <summary>The segment that begins during the pause has the wrong time.</summary>
    [Fact]
    public void A_restart_does_not_end_the_pause_after_a_jump()
    {
        using (EstreamQueue queue = EstreamQueue.Open(QueueDirectory, Aging))
        using (QueueAppender appender = queue.CreateAppender(AppenderMode.Exclusive))
        {
            AppendSegments(appender, 3);
            _clock.UtcNanos += 100 * DayNanos;
            AppendSegments(appender, 1);
            Assert.Equal(0, queue.Keeper.ReclaimExpired());
            Assert.NotNull(queue.RetentionPause);
        }

        Reboot();
        AssertKeepsForTwoHours();
    }

    [Fact]
    public void A_restart_during_the_wait_of_a_queue_without_a_mark_starts_the_wait_again()
    {
        FillAndClose();
        InvertByte(InQueue("queue.meta"), 1030);
        _clock.UtcNanos += 100 * DayNanos;
        for (int boot = 0; boot < 3; boot++)
        {
            using EstreamQueue queue = EstreamQueue.Open(QueueDirectory, Aging);
            using QueueAppender appender = queue.CreateAppender(AppenderMode.Exclusive);
            _clock.PassNanos(HourNanos / 2);
            Assert.Equal(0, queue.Keeper.ReclaimExpired());
            Assert.Equal(TimeSpan.FromMinutes(30), queue.RetentionPause!.EndsIn);
            Reboot();
        }
    }

    [Fact]
    public void Segments_of_the_wait_do_not_make_a_wrong_clock_right()
    {
        FillAndClose();
        InvertByte(InQueue("queue.meta"), 1030);
        _clock.UtcNanos += 100 * DayNanos;
        for (int boot = 0; boot < 2; boot++)
        {
            using EstreamQueue queue = EstreamQueue.Open(QueueDirectory, Aging);
            using QueueAppender appender = queue.CreateAppender(AppenderMode.Exclusive);
            AppendSegments(appender, 1);
            Assert.Equal(0, queue.Keeper.ReclaimExpired());
            Assert.Equal(TimeSpan.FromHours(1), queue.RetentionPause!.EndsIn);
            Reboot();
        }
    }

    [Fact]
    public void A_queue_without_a_mark_is_cleaned_an_hour_after_its_first_use()
    {
        FillAndClose();
        InvertByte(InQueue("queue.meta"), 1030);
        _clock.UtcNanos += 100 * DayNanos;
        using EstreamQueue queue = EstreamQueue.Open(QueueDirectory, Aging);
        using QueueAppender appender = queue.CreateAppender(AppenderMode.Exclusive);
        _clock.PassNanos(HourNanos);
        Assert.Equal(3, queue.Keeper.ReclaimExpired());
    }

    /// <summary>A machine without a battery for its clock starts in 1970, until a time service answers.</summary>
    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void A_clock_before_the_last_known_time_needs_no_confirmation_when_it_is_set_right(bool hasMark)
    {
        FillAndClose();
        Reboot();
        if (!hasMark)
        {
            InvertByte(InQueue("queue.meta"), 1030);
        }

        long right = _clock.UtcNanos;
        _clock.UtcNanos = HourNanos;
        using EstreamQueue queue = EstreamQueue.Open(QueueDirectory, Aging);
        using QueueAppender appender = queue.CreateAppender(AppenderMode.Exclusive);
        Assert.Equal(0, queue.Keeper.ReclaimExpired());
        Assert.InRange(queue.RetentionPause!.Ahead, TimeSpan.MinValue, TimeSpan.FromDays(-1));
        Assert.Contains("before the last known time", queue.RetentionPause.Reason, StringComparison.Ordinal);

        _clock.PassNanos(2 * HourNanos);
        _clock.UtcNanos = right + (5 * HourNanos);
        queue.Keeper.ReclaimExpired();
        Assert.Null(queue.RetentionPause);
        _clock.PassNanos(91 * DayNanos);
        Assert.Equal(3, queue.Keeper.ReclaimExpired());
    }

    [Fact]
    public void A_time_service_may_set_a_clock_forward_in_the_first_hour_after_a_restart()
    {
        FillAndClose();
        Reboot();
        using EstreamQueue queue = EstreamQueue.Open(QueueDirectory, Aging);
        using QueueAppender appender = queue.CreateAppender(AppenderMode.Exclusive);
        _clock.PassNanos(HourNanos / 2);
        _clock.UtcNanos += 10 * HourNanos;
        queue.Keeper.ReclaimExpired();
        Assert.Null(queue.RetentionPause);
    }

    [Fact]
    public void A_restart_needs_no_confirmation_however_long_the_machine_has_run()
    {
        using (EstreamQueue queue = EstreamQueue.Open(QueueDirectory, Aging))
        using (QueueAppender appender = queue.CreateAppender(AppenderMode.Exclusive))
        {
            for (int hour = 0; hour < 48; hour++)
            {
                _clock.PassNanos(HourNanos);
                queue.RetentionClock.Renew();
            }
        }

        Reboot();
        _clock.PassNanos(23 * HourNanos);
        using EstreamQueue again = EstreamQueue.Open(QueueDirectory, Aging);
        Assert.Null(again.CheckRetentionClock());
    }

    /// <summary>Without an age limit, only a new segment starts a retention run.</summary>
    [Fact]
    public void A_clock_that_is_set_back_ends_the_pause_of_a_queue_without_an_age_limit()
    {
        using EstreamQueue queue = EstreamQueue.Open(
            QueueDirectory, Aging with { RetainedAge = TimeSpan.Zero, RetainedBytes = SegmentBytes });
        queue.CreateTailer("client-pod", TimeSpan.FromDays(7)).Dispose();
        for (int i = 0; i < 2; i++)
        {
            _clock.UtcNanos += 10 * DayNanos;
            queue.ApplyRetention();
            Assert.NotNull(queue.RetentionPause);
            _clock.UtcNanos -= 10 * DayNanos;
            queue.ApplyRetention();
            Assert.Null(queue.RetentionPause);
        }
    }

    [Fact]
    public void A_pause_ends_without_a_retention_run()
    {
        using EstreamQueue queue = EstreamQueue.Open(QueueDirectory, Small with { Clock = _clock });
        queue.RetentionClock.PeriodMs = 10;
        queue.CreateTailer("client-pod", TimeSpan.FromDays(7)).Dispose();
        _clock.UtcNanos += 10 * DayNanos;
        Assert.NotNull(queue.CheckRetentionClock());
        _clock.UtcNanos -= 10 * DayNanos;
        Eventually.True(() => queue.RetentionPause is null, "the timer checks the clock");
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

    private void AssertKeepsForTwoHours()
    {
        using EstreamQueue queue = EstreamQueue.Open(QueueDirectory, Aging);
        using QueueAppender appender = queue.CreateAppender(AppenderMode.Exclusive);
        for (int i = 0; i < 3; i++)
        {
            Assert.Equal(0, queue.Keeper.ReclaimExpired());
            Assert.Null(queue.RetentionPause!.EndsIn);
            _clock.PassNanos(HourNanos);
        }
    }

    // The mark of another boot: its id differs from that of this machine.
    private void Reboot()
    {
        byte[] file = File.ReadAllBytes(InQueue("queue.meta"));
        file[1048]++;
        BitConverter.GetBytes(Core.Crc32C.Compute(file.AsSpan(1024, 40))).CopyTo(file, 1064);
        File.WriteAllBytes(InQueue("queue.meta"), file);
    }
}

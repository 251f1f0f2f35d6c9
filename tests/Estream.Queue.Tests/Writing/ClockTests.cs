using Estream.Queue.Tests.Support;
using Estream.Testing;

namespace Estream.Queue.Tests;

/// <summary>Message time never goes back and is never far off, whatever the clock does.</summary>
public sealed class ClockTests : QueueCase
{
    private const long Millisecond = 1_000_000;
    private const long Day = 86_400_000 * Millisecond;

    private readonly ManualClock _clock = new();

    [Fact]
    public void Message_time_follows_the_clock_in_steps_of_a_tenth_of_a_millisecond()
    {
        using EstreamQueue queue = Open();
        using QueueAppender appender = queue.CreateAppender(AppenderMode.Exclusive);
        long[] steps = [0, 100_000, 199_999, Millisecond, 3 * Day, 4 * Day];
        foreach (long step in steps)
        {
            _clock.UtcNanos = ManualClock.Start + step;
            appender.Append("x"u8);
        }

        Assert.Equal(steps.Select(s => ManualClock.Start + (s / 100_000 * 100_000)), Times(queue));
        Assert.Equal(1, queue.GetInfo().SegmentCount);
    }

    [Fact]
    public void Message_time_does_not_advance_while_the_clock_is_set_back()
    {
        using EstreamQueue queue = Open();
        using QueueAppender appender = queue.CreateAppender(AppenderMode.Exclusive);
        foreach (long step in (long[])[10, 5, -1_000_000, 9, 11, 0, long.MinValue / Millisecond / 2])
        {
            _clock.UtcNanos = ManualClock.Start + (step * Millisecond);
            appender.Append("x"u8);
        }

        Assert.Equal([10, 10, 10, 10, 11, 11, 11], Times(queue).Select(t => (t - ManualClock.Start) / Millisecond));
        Assert.Equal(1, queue.GetInfo().SegmentCount);
    }

    [Fact]
    public void An_appender_starts_a_new_segment_when_the_time_no_longer_fits()
    {
        using EstreamQueue queue = Open();
        using QueueAppender appender = queue.CreateAppender(AppenderMode.Exclusive);
        appender.Append("a"u8);
        _clock.PassNanos(uint.MaxValue * 100_000L);
        appender.Append("b"u8);
        Assert.Equal(1, queue.GetInfo().SegmentCount);
        _clock.PassNanos(100_000);
        using (AppendClaim claim = appender.Claim(10))
        {
            claim.Commit(1);
        }

        appender.Append("d"u8);
        Assert.Equal(2, queue.GetInfo().SegmentCount);
        _clock.PassNanos(400 * Day);
        appender.Append("e"u8);
        long[] times = [.. Times(queue)];
        Assert.Equal(_clock.UtcNanos, times[^1]);
        Assert.Equal(times.Order(), times);
        Assert.Equal(3, queue.GetInfo().SegmentCount);
        Assert.True(queue.Verify().IsWhole);
    }

    [Fact]
    public void Message_time_does_not_go_back_across_segments_and_appenders()
    {
        using EstreamQueue queue = Open();
        _clock.PassNanos(Day);
        using (QueueAppender appender = queue.CreateAppender(AppenderMode.Exclusive))
        {
            appender.Append("a"u8);
            _clock.PassNanos(2 * Day);
            appender.Append("b"u8);
            _clock.UtcNanos = ManualClock.Start;
            AppendSegments(appender, 2);
        }

        _clock.UtcNanos = 0;
        using (QueueAppender appender = queue.CreateAppender(AppenderMode.Exclusive))
        {
            AppendSegments(appender, 1);
            appender.Append("c"u8);
        }

        long[] times = [.. Times(queue)];
        Assert.Equal(ManualClock.Start + Day, times[0]);
        Assert.All(times[1..], t => Assert.Equal(ManualClock.Start + (3 * Day), t));
    }

    [Fact]
    public void A_clock_with_random_jumps_never_makes_message_time_go_back()
    {
        var random = new Random(49);
        using EstreamQueue queue = Open();
        using QueueAppender appender = queue.CreateAppender(AppenderMode.Exclusive);
        for (int i = 0; i < 3_000; i++)
        {
            _clock.UtcNanos = random.Next(100) == 0 ? random.NextInt64(ManualClock.Start * 2) : _clock.UtcNanos + random.Next(10_000_000);
            appender.Append("x"u8);
        }

        long[] times = [.. Times(queue)];
        Assert.Equal(3_000, times.Length);
        Assert.Equal(times.Order(), times);
    }

    private EstreamQueue Open() => EstreamQueue.Open(QueueDirectory, Small with { Clock = _clock });

    private static List<long> Times(EstreamQueue queue)
    {
        using QueueTailer tailer = queue.CreateTailer();
        var times = new List<long>();
        while (tailer.TryRead(out QueueMessage message))
        {
            times.Add(message.Time);
        }

        return times;
    }
}

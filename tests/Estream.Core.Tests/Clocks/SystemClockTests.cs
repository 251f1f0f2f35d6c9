using Estream.Core.Internal;
using Estream.Testing;

namespace Estream.Core.Tests;

/// <summary>Tests of the coarse clock. The limit for the age of a value is in seconds. It catches a value that is never renewed, and
/// tolerates a machine that is slow for a moment.</summary>
public sealed class SystemClockTests
{
    private const long GenerousNanos = 10_000_000_000;

    [Fact]
    public void Coarse_time_follows_the_precise_time_and_is_never_ahead_of_it()
    {
        IClock clock = SystemClock.Instance;
        for (int i = 0; i < 100_000; i++)
        {
            long before = clock.UtcNanos;
            long coarse = clock.CoarseUtcNanos;
            long after = clock.UtcNanos;
            Assert.InRange(coarse, before - GenerousNanos, after);
        }
    }

    [Fact]
    public void Coarse_time_advances_while_it_is_read()
    {
        long first = SystemClock.Instance.CoarseUtcNanos;
        Eventually.True(() => SystemClock.Instance.CoarseUtcNanos > first, "the coarse time moves on");
    }

    [Fact]
    public void Reading_the_coarse_time_allocates_nothing() =>
        Assert.Equal(0, AllocationMeter.OnThisThread(100_000, static () => _ = SystemClock.Instance.CoarseUtcNanos));

    [Fact]
    public void Monotonic_time_counts_nanoseconds_and_never_goes_back()
    {
        IClock clock = SystemClock.Instance;
        long utc = clock.UtcNanos;
        long first = clock.MonotonicNanos;
        long last = first;
        Eventually.True(
            () =>
            {
                long now = clock.MonotonicNanos;
                Assert.InRange(now, last, long.MaxValue);
                last = now;
                return clock.UtcNanos - utc > 20_000_000;
            },
            "20 ms are over");
        Assert.InRange(last - first, 1_000_000, GenerousNanos);
    }

    [Fact]
    public void Precise_time_is_the_time_of_the_machine()
    {
        long before = DateTimeOffset.UtcNow.ToUnixTimeMilliseconds() * 1_000_000;
        Assert.InRange(SystemClock.Instance.UtcNanos, before, before + GenerousNanos);
    }

    /// <summary>The ticker rests every few milliseconds here, so the reads also hit the moments at which it starts and stops.</summary>
    [Fact]
    public void Coarse_time_does_not_go_back_while_the_ticker_starts_ticks_and_stops()
    {
        CoarseTicker ticker = new(periodsBeforeRest: 8);
        long shared = 0;
        int back = 0, starts = 0;
        Parallel.For(0, 3, _ =>
        {
            bool rested = true;
            Eventually.True(
                () =>
                {
                    for (int i = 0; i < 10_000; i++)
                    {
                        long earlier = Volatile.Read(ref shared);
                        long now = ticker.Now;
                        back += now < earlier ? 1 : 0;
                        Interlocked.CompareExchange(ref shared, now, earlier);
                        starts += rested && !ticker.IsResting ? 1 : 0;
                        rested = ticker.IsResting;
                    }

                    return Volatile.Read(ref starts) >= 20;
                },
                "the ticker has started twenty times");
        });
        Assert.Equal(0, back);
    }

    [Fact]
    public void A_few_readings_do_not_wake_the_ticker()
    {
        CoarseTicker ticker = new();
        for (int i = 0; i < 150; i++)
        {
            long before = SystemClock.ReadUtcNanos();
            Assert.InRange(ticker.Now, before, before + GenerousNanos);
        }

        Assert.True(ticker.IsResting);
    }

    // Reads the fields, because the state is not visible from outside: a stopped ticker answers with the precise time.
    [Fact]
    public void The_ticker_stops_when_the_clock_is_not_read_and_restarts_when_it_is_read_often()
    {
        var ticker = new CoarseTicker();
        Assert.True(ticker.IsResting);
        Eventually.True(() => IsAwakeWhenAsked(ticker), "the ticker wakes");
        Eventually.True(() => ticker.IsResting, "the ticker rests");
        long before = SystemClock.ReadUtcNanos();
        Assert.InRange(ticker.Now, before, before + GenerousNanos);
        Eventually.True(() => IsAwakeWhenAsked(ticker), "the ticker wakes again");
        long awake = ticker.Now;
        Eventually.True(() => ticker.Now > awake, "the ticker ticks again");
    }

    // Reads the time often at each attempt, because the ticker stops again a moment after the last read.
    private static bool IsAwakeWhenAsked(CoarseTicker ticker)
    {
        for (int i = 0; i < 100_000 && ticker.IsResting; i++)
        {
            _ = ticker.Now;
        }

        return !ticker.IsResting;
    }
}

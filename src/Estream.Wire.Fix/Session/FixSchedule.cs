namespace Estream.Wire.Fix;

/// <summary>When a session is open: every day, or once a week, from a time to a time in UTC. Each interval begins with both numbers at
/// 1.</summary>
public sealed record FixSchedule
{
    private const long NanosPerDay = 24L * 60 * 60 * 1_000_000_000;
    private const long DaysPerWeek = 7;

    /// <summary>When it opens.</summary>
    public required TimeOnly Start { get; init; }

    /// <summary>When it closes; not after <see cref="Start"/>: on the next day. The same time: it is open all the time, and begins anew
    /// then.</summary>
    public required TimeOnly End { get; init; }

    /// <summary>The day on which a weekly session opens. Default: none, the session opens every day.</summary>
    public DayOfWeek? StartDay { get; init; }

    /// <summary>The day on which a weekly session closes; set where <see cref="StartDay"/> is. Default: none.</summary>
    public DayOfWeek? EndDay { get; init; }

    private bool IsWeekly => StartDay is not null;

    private long Period => IsWeekly ? DaysPerWeek * NanosPerDay : NanosPerDay;

    /// <summary>Whether it is open at a time.</summary>
    /// <param name="utcNanos">Nanoseconds since 1970-01-01 UTC.</param>
    public bool IsOpen(long utcNanos)
    {
        long length = Modulo(Offset(EndDay, End) - Offset(StartDay, Start), Period);
        return length == 0 || SinceStart(utcNanos) < length;
    }

    /// <summary>Whether two times lie in the same interval, from one opening to the next.</summary>
    /// <param name="first">Nanoseconds since 1970-01-01 UTC.</param>
    /// <param name="second">The same.</param>
    public bool IsSameInterval(long first, long second)
    {
        return first - SinceStart(first) == second - SinceStart(second);
    }

    private static long Modulo(long value, long period)
    {
        return ((value % period) + period) % period;
    }

    // 1970-01-01 was a Thursday: day 0 of that day's week is the Sunday four days before.
    private static long Offset(DayOfWeek? day, TimeOnly time)
    {
        long days = day is { } known ? (long)known - (long)DayOfWeek.Thursday : 0;
        return (days * NanosPerDay) + (time.Ticks * 100);
    }

    private long SinceStart(long utcNanos)
    {
        return Modulo(utcNanos - Offset(StartDay, Start), Period);
    }
}

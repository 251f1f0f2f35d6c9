namespace Estream.Wire.Fix;

/// <summary>When a session is open: daily or weekly, between two UTC times. At the start of each interval, both sequence numbers are reset
/// to 1.</summary>
public sealed record FixSchedule
{
    private const long NanosPerDay = 24L * 60 * 60 * 1_000_000_000;
    private const long DaysPerWeek = 7;

    /// <summary>The time at which the session opens.</summary>
    public required TimeOnly Start { get; init; }

    /// <summary>The time at which the session closes. In a daily schedule, a time not later than <see cref="Start"/> is on the next day. If
    /// opening and closing are equal, the session is always open and resets at this time.</summary>
    public required TimeOnly End { get; init; }

    /// <summary>The day on which a weekly session opens. Default: none, the session opens daily.</summary>
    public DayOfWeek? StartDay { get; init; }

    /// <summary>The day on which a weekly session closes; required with <see cref="StartDay"/>. Default: none.</summary>
    public DayOfWeek? EndDay { get; init; }

    private bool IsWeekly => StartDay is not null;

    private long Period => IsWeekly ? DaysPerWeek * NanosPerDay : NanosPerDay;

    /// <summary>Whether the session is open at a time.</summary>
    /// <param name="utcNanos">Nanoseconds since 1970-01-01 UTC.</param>
    public bool IsOpen(long utcNanos)
    {
        long length = Modulo(Offset(EndDay, End) - Offset(StartDay, Start), Period);
        return length == 0 || SinceStart(utcNanos) < length;
    }

    /// <summary>Whether two times are in the same interval, from one opening to the next.</summary>
    /// <param name="first">Nanoseconds since 1970-01-01 UTC.</param>
    /// <param name="second">Nanoseconds since 1970-01-01 UTC.</param>
    public bool IsSameInterval(long first, long second)
    {
        return first - SinceStart(first) == second - SinceStart(second);
    }

    private static long Modulo(long value, long period)
    {
        return ((value % period) + period) % period;
    }

    // 1970-01-01 was a Thursday; the Sunday of that week was four days earlier.
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

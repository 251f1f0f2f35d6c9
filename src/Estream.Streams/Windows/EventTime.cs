using Estream.Core;

namespace Estream.Streams;

/// <summary>Times of events, in nanoseconds since 1970 UTC, within bounds that no sum of a time and some durations leaves.</summary>
internal static class EventTime
{
    /// <summary>Before any event.</summary>
    public const long None = long.MinValue;

    private const long MostNanos = 1L << 60;
    private const long Furthest = 1L << 62;

    /// <exception cref="ArgumentOutOfRangeException">The duration is not above zero, or too long.</exception>
    public static long Nanos(TimeSpan duration, string parameter)
    {
        ArgumentOutOfRangeException.ThrowIfLessThanOrEqual(duration, TimeSpan.Zero, parameter);
        return NanosOrNone(duration, parameter);
    }

    /// <exception cref="ArgumentOutOfRangeException">The duration is negative or too long.</exception>
    public static long NanosOrNone(TimeSpan duration, string parameter)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(duration, TimeSpan.Zero, parameter);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(duration.Ticks, MostNanos / TimeSpan.NanosecondsPerTick, parameter);
        return duration.Ticks * TimeSpan.NanosecondsPerTick;
    }

    /// <summary>Whether an event may be of that time.</summary>
    public static bool IsGood(Int128 time) => time >= -Furthest && time <= Furthest;

    /// <exception cref="EstreamFormatException">No event is of that time.</exception>
    public static long Require(long time, long position) => time is >= -Furthest and <= Furthest
        ? time
        : throw new EstreamFormatException(
            $"At position {position}: the event's time is {time} ns since 1970, outside of the years 1823 to 2116, and would close every "
            + "window. "
            + "Leave such events out with Where, or take their time from elsewhere.", null);
}

using Estream.Core;

namespace Estream.Streams;

/// <summary>Event times, in nanoseconds since 1970 UTC, within bounds that prevent overflow when durations are added to a time.</summary>
internal static class EventTime
{
    /// <summary>A time before any event.</summary>
    public const long None = long.MinValue;

    private const long MostNanos = 1L << 60;
    private const long Furthest = 1L << 62;

    /// <exception cref="ArgumentOutOfRangeException">The duration is not above zero, or is too long.</exception>
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

    /// <summary>Returns true if the time is a valid event time.</summary>
    public static bool IsGood(Int128 time) => time >= -Furthest && time <= Furthest;

    /// <exception cref="EstreamFormatException">The time is not a valid event time.</exception>
    public static long Require(long time, long position) => time is >= -Furthest and <= Furthest
        ? time
        : throw new EstreamFormatException(
            $"At position {position}: the event time {time} ns since 1970 is outside of the years 1823 to 2116, and would close every "
            + "window. "
            + "Remove such events with Where, or take the time from another field.", null);
}

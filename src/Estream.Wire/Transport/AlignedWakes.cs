using Estream.Core.Internal;

namespace Estream.Wire;

/// <summary>
/// Lets the periodic work of a process wake at the same time (timer coalescing): each wait ends at a multiple of its period of the clock
/// that the timers of .NET use, so timers of the same period fire in one wake-up of the timer thread. A host at rest has five such timers.
/// Thread-safe.
/// </summary>
internal static class AlignedWakes
{
    /// <summary>Returns the time until the next multiple of a period that is at least half a period away.</summary>
    /// <param name="period">The period: whole milliseconds, at least two.</param>
    public static TimeSpan UntilNext(TimeSpan period) => UntilNext(period, TimerClock.Milliseconds);

    internal static TimeSpan UntilNext(TimeSpan period, long nowMs)
    {
        long periodMs = (long)period.TotalMilliseconds;
        long left = periodMs - (nowMs % periodMs);
        return TimeSpan.FromMilliseconds(left < periodMs / 2 ? left + periodMs : left);
    }
}

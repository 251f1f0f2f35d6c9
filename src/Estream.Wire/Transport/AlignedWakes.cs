using Estream.Core.Internal;

namespace Estream.Wire;

/// <summary>
/// Lets the periodic work of a process wake at the same time (timer coalescing): each wait ends when the clock of the .NET
/// timers shows a multiple of the period, so timers of the same period fire in one wake-up of the timer thread. An idle host has five such
/// timers. Thread-safe.
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

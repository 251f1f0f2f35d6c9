namespace Estream.Core.Internal;

/// <summary>The clock that the timers of .NET use. It has the resolution of the timers, unlike
/// <see cref="SystemClock.MonotonicNanos"/>.</summary>
internal static class TimerClock
{
    /// <summary>Milliseconds since the start of the machine.</summary>
    public static long Milliseconds => Environment.TickCount64;
}

namespace Estream.Net.Multicast.Internal;

/// <summary>
/// Decides how long a channel waits when nothing was received or sent: 1 ms at first, then twice as long each time, up to 20 ms. A packet
/// ends each wait, so only timers and the first message after an idle time are late by that. Not thread-safe.
/// </summary>
internal sealed class IdlePause
{
    private static readonly TimeSpan s_first = TimeSpan.FromMilliseconds(1);
    private static readonly TimeSpan s_last = TimeSpan.FromMilliseconds(20);

    private TimeSpan _next = s_first;

    /// <summary>Returns how long to wait after a poll.</summary>
    /// <param name="handled">What the poll returned.</param>
    public TimeSpan After(int handled)
    {
        if (handled > 0)
        {
            _next = s_first;
            return TimeSpan.Zero;
        }

        TimeSpan pause = _next;
        _next = TimeSpan.FromTicks(Math.Min(2 * _next.Ticks, s_last.Ticks));
        return pause;
    }
}

namespace Estream.Circuits.Triggers;

/// <summary>
/// The due times of a timer: multiples of its interval since 1970 UTC, so they do not depend on when or on which machine they are computed.
/// Each due time is due once. Not thread-safe.
/// </summary>
/// <remarks>All times are in nanoseconds since 1970 UTC.</remarks>
internal sealed class DueTimes
{
    private readonly long _every;

    /// <param name="every">The interval.</param>
    /// <param name="last">The last due time taken; null if none was taken, so that the first due time is not before
    /// <paramref name="now"/>.</param>
    /// <param name="now">The current time.</param>
    public DueTimes(long every, long? last, long now)
    {
        _every = every;
        Last = last ?? (MultiplesUpTo(now - 1) * every);
    }

    /// <summary>The last due time taken; if none was taken, the latest multiple of the interval before the start.</summary>
    public long Last { get; private set; }

    /// <summary>The next due time.</summary>
    public long Next => (MultiplesUpTo(Last) + 1) * _every;

    /// <summary>Returns the due time to take now. If several due times have passed, returns the latest.</summary>
    /// <param name="now">The current time.</param>
    /// <param name="at">The due time.</param>
    /// <param name="missed">The number of due times skipped since the last due time taken.</param>
    /// <returns>Whether a due time has come.</returns>
    public bool TryGetDue(long now, out long at, out long missed)
    {
        long multiples = MultiplesUpTo(now);
        at = multiples * _every;
        missed = multiples - MultiplesUpTo(Last) - 1;
        return now >= Next;
    }

    /// <summary>Takes a due time. No due time up to this one is due again, even if the clock goes back.</summary>
    public void Take(long at) => Last = at;

    private long MultiplesUpTo(long time) => (time / _every) - (time % _every < 0 ? 1 : 0);
}

namespace Estream.Circuits.Triggers;

/// <summary>
/// When a timer is due: at whole multiples of its interval since 1970 UTC, so that whoever asks with whatever clock finds the same due
/// times. Each is due once. Not thread-safe.
/// </summary>
/// <remarks>All times are in nanoseconds since 1970 UTC.</remarks>
internal sealed class DueTimes
{
    private readonly long _every;

    /// <param name="every">The interval.</param>
    /// <param name="last">The last due time that was taken; null where none was: then the first one is not before now.</param>
    /// <param name="now">The time.</param>
    public DueTimes(long every, long? last, long now)
    {
        _every = every;
        Last = last ?? (MultiplesUpTo(now - 1) * every);
    }

    /// <summary>The last due time that was taken, or before the first one the last that was not.</summary>
    public long Last { get; private set; }

    /// <summary>The next due time.</summary>
    public long Next => (MultiplesUpTo(Last) + 1) * _every;

    /// <summary>The due time that is to be taken now: of several the last one.</summary>
    /// <param name="now">The time.</param>
    /// <param name="at">The due time.</param>
    /// <param name="missed">How many there were since the last one that was taken.</param>
    /// <returns>Whether one has come.</returns>
    public bool TryGetDue(long now, out long at, out long missed)
    {
        long multiples = MultiplesUpTo(now);
        at = multiples * _every;
        missed = multiples - MultiplesUpTo(Last) - 1;
        return now >= Next;
    }

    /// <summary>A due time was taken: neither it nor one before it is due again, wherever the clock goes.</summary>
    public void Take(long at) => Last = at;

    private long MultiplesUpTo(long time) => (time / _every) - (time % _every < 0 ? 1 : 0);
}

namespace Estream.Circuits.Metering;

/// <summary>
/// How much may be used per second: a leaky bucket without a queue (the generic cell rate algorithm of ITU-T I.371), which says how long to
/// wait behind what was used. Not thread-safe.
/// </summary>
/// <param name="perSecond">How much may be used per second.</param>
internal sealed class RateBudget(long perSecond)
{
    private const long NanosPerSecond = 1_000_000_000;

    // So much may be used at once after a rest: what is less than the time a thread needs to wake up is not worth a wait.
    private const long BurstNanos = 50_000_000;

    // When all that was used would have been used up at the rate.
    private long _usedUpAt = long.MinValue;

    /// <summary>Takes from the budget.</summary>
    /// <param name="amount">How much was used.</param>
    /// <param name="now">Nanoseconds on a clock that never goes back.</param>
    /// <returns>For how many nanoseconds nothing more may be used.</returns>
    public long Use(long amount, long now)
    {
        Int128 cost = (Int128)amount * NanosPerSecond / perSecond;
        _usedUpAt = (long)Int128.Min(Math.Max(_usedUpAt, now) + cost, long.MaxValue);
        return Math.Max(0, _usedUpAt - now - BurstNanos);
    }
}

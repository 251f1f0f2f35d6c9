namespace Estream.Wire;

/// <summary>Waits between attempts: exponential with full jitter, so that many clients do not reconnect at the same time.</summary>
/// <remarks>The n-th wait is uniform between 0 and min(max, initial × 2ⁿ). Not thread-safe.</remarks>
public sealed class Backoff
{
    private const int MaxDoublings = 30;

    private readonly TimeSpan _initial;
    private readonly TimeSpan _max;
    private readonly Random _random;
    private int _attempt;

    /// <summary>Creates a backoff at its first attempt.</summary>
    /// <param name="initial">The upper limit of the first wait; more than zero.</param>
    /// <param name="max">The upper limit of each wait; at least <paramref name="initial"/>.</param>
    /// <param name="random">The source of the jitter; seed it for repeatable waits.</param>
    /// <exception cref="ArgumentOutOfRangeException">A time is out of range.</exception>
    public Backoff(TimeSpan initial, TimeSpan max, Random random)
    {
        ArgumentOutOfRangeException.ThrowIfLessThanOrEqual(initial, TimeSpan.Zero);
        ArgumentOutOfRangeException.ThrowIfLessThan(max, initial);
        ArgumentNullException.ThrowIfNull(random);
        _initial = initial;
        _max = max;
        _random = random;
    }

    /// <summary>The wait before the next attempt; each call counts one attempt.</summary>
    public TimeSpan Next()
    {
        double ceiling = Math.Min(_max.TotalMilliseconds, _initial.TotalMilliseconds * Math.Pow(2, _attempt));
        _attempt = Math.Min(_attempt + 1, MaxDoublings);
        return TimeSpan.FromMilliseconds(_random.NextDouble() * ceiling);
    }

    /// <summary>Starts over. Call it after a successful attempt.</summary>
    public void Reset()
    {
        _attempt = 0;
    }
}

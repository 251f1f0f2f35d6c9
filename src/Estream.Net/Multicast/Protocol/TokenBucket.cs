namespace Estream.Net.Multicast.Internal;

/// <summary>Limits a rate: tokens arrive evenly up to a burst. Not thread-safe.</summary>
/// <param name="perSecond">Tokens per second.</param>
/// <param name="burst">The most tokens that can be saved.</param>
internal sealed class TokenBucket(double perSecond, double burst)
{
    private const double NanosPerSecond = 1e9;

    private readonly double _burst = burst;
    private double _tokens = burst;
    private long _last = long.MinValue;

    /// <summary>Takes tokens if there are enough of them.</summary>
    public bool TryTake(double count, long now)
    {
        Refill(now);
        if (_tokens < count)
        {
            return false;
        }

        _tokens -= count;
        return true;
    }

    /// <summary>Whether any token is there. A caller that then takes more than there are pays by waiting longer.</summary>
    public bool HasAny(long now)
    {
        Refill(now);
        return _tokens > 0;
    }

    /// <summary>Takes tokens; the bucket may become negative.</summary>
    public void Take(double count) => _tokens -= count;

    private void Refill(long now)
    {
        if (_last == long.MinValue)
        {
            _last = now;
        }

        if (now > _last)
        {
            _tokens = Math.Min(_burst, _tokens + ((now - _last) / NanosPerSecond * perSecond));
            _last = now;
        }
    }
}

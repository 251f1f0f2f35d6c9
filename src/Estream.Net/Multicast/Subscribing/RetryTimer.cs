namespace Estream.Net.Multicast.Internal;

/// <summary>
/// Computes after which time an unanswered NAK is repeated, from measured round trips: the retransmission timeout of RFC 6298, section 2,
/// with a lowest value. Not thread-safe.
/// </summary>
internal sealed class RetryTimer
{
    private const long MostNanos = 10_000_000_000;

    private readonly long _leastNanos;
    private long _smoothed;
    private long _variation;

    /// <param name="leastNanos">The timeout without a measurement, and the lowest one.</param>
    public RetryTimer(long leastNanos) => (_leastNanos, Nanos) = (leastNanos, leastNanos);

    /// <summary>The timeout.</summary>
    public long Nanos { get; private set; }

    /// <summary>Takes a measured round trip into account. Not that of a repeated request: which one was answered is unknown.</summary>
    public void OnRoundTrip(long nanos)
    {
        if (nanos is <= 0 or > MostNanos)
        {
            return;
        }

        if (_smoothed == 0)
        {
            (_smoothed, _variation) = (nanos, nanos / 2);
        }
        else
        {
            _variation += (Math.Abs(_smoothed - nanos) - _variation) / 4;
            _smoothed += (nanos - _smoothed) / 8;
        }

        Nanos = Math.Clamp(_smoothed + (4 * _variation), _leastNanos, Math.Max(_leastNanos, MostNanos));
    }
}

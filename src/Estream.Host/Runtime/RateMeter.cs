using Estream.Core;

namespace Estream.Host.Runtime;

/// <summary>
/// Computes the rate per second of a growing total over the last two intervals, so one late timer tick does not appear as a dip followed by
/// a spike. Not thread-safe.
/// </summary>
internal sealed class RateMeter(IClock clock)
{
    private const double NanosPerSecond = 1e9;

    private readonly (long Total, long Nanos)[] _samples = new (long, long)[3];
    private int _count;

    /// <summary>Adds a sample and returns the rate; 0 until there are two samples.</summary>
    public double Sample(long total)
    {
        _samples[2] = _samples[1];
        _samples[1] = _samples[0];
        _samples[0] = (total, clock.MonotonicNanos);
        _count = Math.Min(_count + 1, _samples.Length);
        if (_count < 2)
        {
            return 0;
        }

        (long oldTotal, long oldNanos) = _samples[_count - 1];
        double seconds = (_samples[0].Nanos - oldNanos) / NanosPerSecond;
        return seconds <= 0 ? 0 : Math.Max(0, Math.Round((total - oldTotal) / seconds, 1));
    }
}

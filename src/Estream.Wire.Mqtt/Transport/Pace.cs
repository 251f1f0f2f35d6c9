using Estream.Core;

namespace Estream.Wire.Mqtt.Internal;

/// <summary>Says how many messages a given rate allows by now.</summary>
internal readonly struct Pace(double perSecond)
{
    private const double NanosPerSecond = 1e9;

    private readonly long _start = SystemClock.Instance.MonotonicNanos;

    /// <summary>How many may still be sent now after <paramref name="sent"/>; no limit at rate 0.</summary>
    public long Allowed(long sent)
    {
        return perSecond <= 0
            ? long.MaxValue
            : (long)((SystemClock.Instance.MonotonicNanos - _start) / NanosPerSecond * perSecond) + 1 - sent;
    }
}

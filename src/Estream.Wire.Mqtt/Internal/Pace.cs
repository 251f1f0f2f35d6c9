using System.Diagnostics;

namespace Estream.Wire.Mqtt.Internal;

/// <summary>Says how many messages a given rate allows by now.</summary>
internal readonly struct Pace(double perSecond)
{
    private readonly long _start = Stopwatch.GetTimestamp();

    /// <summary>How many may still be sent now after <paramref name="sent"/>; no limit at rate 0.</summary>
    public long Allowed(long sent)
    {
        return perSecond <= 0
            ? long.MaxValue
            : (long)(Stopwatch.GetElapsedTime(_start).TotalSeconds * perSecond) + 1 - sent;
    }
}

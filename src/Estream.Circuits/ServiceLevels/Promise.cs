using Estream.Core;

namespace Estream.Circuits.ServiceLevels;

/// <summary>One promise, which is looked at from time to time. One thread; its state may be read from any.</summary>
internal abstract class Promise(string name, string promised)
{
    private ServiceLevelState _state = new(name, promised, "", null);

    public ServiceLevelState State => Volatile.Read(ref _state);

    /// <summary>Looks whether it is kept.</summary>
    /// <param name="clock">What time it is.</param>
    /// <returns>Whether that has changed since the look before.</returns>
    public bool Evaluate(IClock clock)
    {
        ServiceLevelState before = _state;
        if (Measure(clock.MonotonicNanos) is not (string measured, bool isKept))
        {
            return false;
        }

        DateTimeOffset? since = isKept
            ? null
            : before.BrokenSince ?? DateTimeOffset.UnixEpoch.AddTicks(clock.UtcNanos / TimeSpan.NanosecondsPerTick);
        Volatile.Write(ref _state, before with { Measured = measured, BrokenSince = since });
        return isKept != before.IsMet;
    }

    /// <summary>Measures.</summary>
    /// <param name="now">Nanoseconds on a clock that never goes back.</param>
    /// <returns>Null where there is nothing to say yet.</returns>
    protected abstract (string Measured, bool IsMet)? Measure(long now);
}

using Estream.Core;

namespace Estream.Circuits.ServiceLevels;

/// <summary>One promise of a service level, evaluated periodically by one thread. Its state may be read by any thread.</summary>
internal abstract class Promise(string name, string promised)
{
    private ServiceLevelState _state = new(name, promised, "", null);

    public ServiceLevelState State => Volatile.Read(ref _state);

    /// <summary>Evaluates whether the promise is kept.</summary>
    /// <param name="clock">The clock.</param>
    /// <returns>Whether the result differs from the previous evaluation.</returns>
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

    /// <summary>Measures the promised quantity.</summary>
    /// <param name="now">Nanoseconds of a monotonic clock.</param>
    /// <returns>Null if no statement is possible yet.</returns>
    protected abstract (string Measured, bool IsMet)? Measure(long now);
}

using Estream.Core;

namespace Estream.Wire.Compliance.Internal;

/// <summary>The system clock, whose time of day can be frozen, so that events "within one second" can be counted on any machine.</summary>
internal sealed class ComplianceClock : IClock
{
    private long _stoppedAt;

    public long UtcNanos => Volatile.Read(ref _stoppedAt) is var stoppedAt && stoppedAt != 0 ? stoppedAt : SystemClock.Instance.UtcNanos;

    public long CoarseUtcNanos => UtcNanos;

    public long MonotonicNanos => SystemClock.Instance.MonotonicNanos;

    /// <summary>Freezes the time of day.</summary>
    public void StopTimeOfDay()
    {
        Volatile.Write(ref _stoppedAt, SystemClock.Instance.UtcNanos);
    }
}

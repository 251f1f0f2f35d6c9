using Estream.Core;

namespace Estream.Wire.Compliance.Internal;

/// <summary>The machine's clock, whose time of day can be stopped: what an adapter does within a second can then be counted on any
/// machine.</summary>
internal sealed class ComplianceClock : IClock
{
    private long _stoppedAt;

    public long UtcNanos => Volatile.Read(ref _stoppedAt) is var stoppedAt && stoppedAt != 0 ? stoppedAt : SystemClock.Instance.UtcNanos;

    public long CoarseUtcNanos => UtcNanos;

    public long MonotonicNanos => SystemClock.Instance.MonotonicNanos;

    /// <summary>From here on it is the same time of day.</summary>
    public void StopTimeOfDay()
    {
        Volatile.Write(ref _stoppedAt, SystemClock.Instance.UtcNanos);
    }
}

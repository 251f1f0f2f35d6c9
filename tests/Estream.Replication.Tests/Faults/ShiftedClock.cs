using Estream.Core;

namespace Estream.Replication.Tests.Faults;

/// <summary>The clock of the machine, whose time of day a test shifts. Thread-safe.</summary>
internal sealed class ShiftedClock : IClock
{
    private long _shift;

    public long UtcNanos => SystemClock.Instance.UtcNanos + Interlocked.Read(ref _shift);

    public long CoarseUtcNanos => SystemClock.Instance.CoarseUtcNanos + Interlocked.Read(ref _shift);

    public long MonotonicNanos => SystemClock.Instance.MonotonicNanos;

    public void Shift(TimeSpan by) => Interlocked.Add(ref _shift, by.Ticks * TimeSpan.NanosecondsPerTick);
}

using Estream.Core;

namespace Estream.Circuits.Testing;

/// <summary>The time of a trial, which stands still but where it is told to go on.</summary>
internal sealed class TrialClock : IClock
{
    // 14 November 2023, so that times in vectors have as many digits as those of today.
    private long _now = 1_700_000_000_000_000_000;

    public long UtcNanos => Volatile.Read(ref _now);

    public long CoarseUtcNanos => UtcNanos;

    public long MonotonicNanos => UtcNanos;

    public void Pass(long nanos) => Interlocked.Add(ref _now, nanos);
}

using Estream.Core;

namespace Estream.Net.Multicast.Internal;

/// <summary>The clock of a copy: the time of day is that of the source message being appended, so the copy stores the same times.
/// Thread-safe.</summary>
internal sealed class ReplicaClock(IClock clock) : IClock
{
    private long _utcNanos;

    public long UtcNanos
    {
        get => Volatile.Read(ref _utcNanos);
        set => Volatile.Write(ref _utcNanos, value);
    }

    public long CoarseUtcNanos => UtcNanos;

    public long MonotonicNanos => clock.MonotonicNanos;
}

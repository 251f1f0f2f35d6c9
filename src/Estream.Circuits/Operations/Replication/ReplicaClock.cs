using Estream.Core;

namespace Estream.Circuits.Operations.Replication;

/// <summary>Gives the messages of a replica the times they have in the source. Set and read by the one thread that appends.</summary>
internal sealed class ReplicaClock : IClock
{
    private long _now;

    public long UtcNanos => Volatile.Read(ref _now);

    public long CoarseUtcNanos => UtcNanos;

    public long MonotonicNanos => SystemClock.Instance.MonotonicNanos;

    public void Set(long time) => Volatile.Write(ref _now, time);
}

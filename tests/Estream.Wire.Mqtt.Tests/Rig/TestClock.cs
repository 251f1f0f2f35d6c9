using Estream.Core;

namespace Estream.Wire.Mqtt.Tests.Rig;

/// <summary>A clock that a test moves.</summary>
internal sealed class TestClock : IClock
{
    private long _offset;

    public long UtcNanos => SystemClock.Instance.UtcNanos + Interlocked.Read(ref _offset);

    public long CoarseUtcNanos => SystemClock.Instance.CoarseUtcNanos + Interlocked.Read(ref _offset);

    public long MonotonicNanos => SystemClock.Instance.MonotonicNanos + Interlocked.Read(ref _offset);

    public void Advance(TimeSpan time)
    {
        Interlocked.Add(ref _offset, (long)time.TotalNanoseconds);
    }
}

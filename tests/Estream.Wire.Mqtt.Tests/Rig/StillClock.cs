using Estream.Core;

namespace Estream.Wire.Mqtt.Tests.Rig;

/// <summary>A clock that stands still, however busy the machine is.</summary>
internal sealed class StillClock : IClock
{
    public long UtcNanos => 1_763_600_000_000_000_000;

    public long CoarseUtcNanos => UtcNanos;

    public long MonotonicNanos => UtcNanos;
}

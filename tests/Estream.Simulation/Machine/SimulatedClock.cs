using Estream.Core;

namespace Estream.Simulation.Machine;

/// <summary>A clock that is moved: forward as time goes by, and in jumps of either direction as clocks of machines do.</summary>
internal sealed class SimulatedClock : IClock
{
    private const long CoarseStepNanos = 1_000_000;
    private long _utcNanos = 1_767_225_600_000_000_000;

    public long UtcNanos => _utcNanos;

    public long CoarseUtcNanos => _utcNanos - (_utcNanos % CoarseStepNanos);

    public long MonotonicNanos { get; private set; } = 1;

    public void Pass(long nanos)
    {
        _utcNanos += nanos;
        MonotonicNanos += nanos;
    }

    /// <summary>Somebody sets the clock.</summary>
    public void Jump(long nanos) => _utcNanos = Math.Max(1, _utcNanos + nanos);
}

using Estream.Core;

namespace Estream.Fpga.Tests;

/// <summary>A clock that stands still until it is told to go on.</summary>
internal sealed class TestClock : IClock
{
    public long UtcNanos { get; private set; } = 1_700_000_000_000_000_000;

    public long CoarseUtcNanos => UtcNanos;

    public long MonotonicNanos { get; private set; } = 1;

    public void Advance(TimeSpan time)
    {
        UtcNanos += time.Ticks * 100;
        MonotonicNanos += time.Ticks * 100;
    }
}

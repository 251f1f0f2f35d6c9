using Estream.Core;

namespace Estream.Witness.Tests.Support;

/// <summary>A clock that a test sets.</summary>
internal sealed class ManualClock : IClock
{
    public long UtcNanos { get; set; } = 1_700_000_000_000_000_000;

    public long CoarseUtcNanos => UtcNanos;

    public long MonotonicNanos => UtcNanos;

    public void Pass(TimeSpan time) => UtcNanos += time.Ticks * TimeSpan.NanosecondsPerTick;
}

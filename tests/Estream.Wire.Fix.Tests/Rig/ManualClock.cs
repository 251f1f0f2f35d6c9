using Estream.Core;

namespace Estream.Wire.Fix.Tests.Rig;

/// <summary>A clock that stands still until a test moves it; both of its times move together unless the day is set.</summary>
internal sealed class ManualClock : IClock
{
    // 2026-07-07 12:30:00 UTC.
    public const long Start = 1_783_427_400_000_000_000;

    public long UtcNanos { get; private set; } = Start;

    public long CoarseUtcNanos => UtcNanos;

    public long MonotonicNanos { get; private set; } = 1;

    public void Advance(TimeSpan time)
    {
        long nanos = (long)time.TotalNanoseconds;
        UtcNanos += nanos;
        MonotonicNanos += nanos;
    }

    /// <summary>Sets the time of day, as an operator or a time server does.</summary>
    public void Jump(TimeSpan time)
    {
        UtcNanos += (long)time.TotalNanoseconds;
    }
}

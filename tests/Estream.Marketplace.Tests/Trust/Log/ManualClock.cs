using Estream.Core;

namespace Estream.Marketplace.Tests.Trust.Log;

/// <summary>A clock that stands still until it is set.</summary>
internal sealed class ManualClock : IClock
{
    private const long NanosPerSecond = 1_000_000_000;

    /// <summary>Seconds since 1970 UTC.</summary>
    public long Seconds { get; set; } = 1_790_000_000;

    public long UtcNanos => Seconds * NanosPerSecond;

    public long CoarseUtcNanos => UtcNanos;

    public long MonotonicNanos => UtcNanos;
}

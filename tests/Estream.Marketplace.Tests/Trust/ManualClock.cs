using Estream.Core;

namespace Estream.Marketplace.Tests.Trust;

/// <summary>Time that a test sets.</summary>
internal sealed class ManualClock : IClock
{
    public DateTimeOffset Now { get; set; } = new(2026, 11, 23, 6, 33, 0, TimeSpan.Zero);

    public long UtcNanos => Now.ToUnixTimeMilliseconds() * 1_000_000;

    public long CoarseUtcNanos => UtcNanos;

    public long MonotonicNanos => UtcNanos;
}

using Estream.Core;

namespace Estream.Cli.Tests;

/// <summary>A clock that stands still until it is set.</summary>
internal sealed class ManualClock : IClock
{
    public const long NanosPerMillisecond = 1_000_000;

    public long UtcNanos { get; set; } = 1_700_000_000_000 * NanosPerMillisecond;

    public long CoarseUtcNanos => UtcNanos;

    public long MonotonicNanos => UtcNanos;
}

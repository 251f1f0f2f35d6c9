using Estream.Core;

namespace Estream.Queue.Tests.Support;

/// <summary>A clock that stands where it is put.</summary>
internal sealed class FakeClock : IClock
{
    /// <summary>2026-01-01 00:00:00 UTC.</summary>
    public const long Start = 1_767_225_600_000_000_000;

    public long Now { get; set; } = Start;

    public long UtcNanos => Now;

    public long CoarseUtcNanos => Now;

    public long MonotonicNanos => Now;
}

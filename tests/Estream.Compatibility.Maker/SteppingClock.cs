using Estream.Core;

namespace Estream.Compatibility;

/// <summary>A clock in which a message takes so and so long, in whole units of a frame's time field, so that what is stored is
/// exact.</summary>
internal sealed class SteppingClock : IClock
{
    /// <summary>2026-01-01 00:00:00 UTC.</summary>
    private const long Start = 1_767_225_600_000_000_000;

    public long Now { get; private set; } = Start;

    public long UtcNanos => Now;

    public long CoarseUtcNanos => Now;

    public long MonotonicNanos => Now;

    public void Step(long number) => Now += (long)(SeededBytes.Mix((ulong)number) % 50) * 100_000;
}

using Estream.Core;

namespace Estream.Map.Internal;

/// <summary>
/// Waits for a living writer: spins, gives way, sleeps for up to a fifth of a millisecond, and tells the caller when it has been too long.
/// A writer holds what others wait for less than a microsecond, or while it moves a stripe; only one that is stopped holds it longer.
/// </summary>
internal struct Patience(IClock clock)
{
    /// <summary>How many rounds lie between two looks whether the owner lives, each of which is some system calls.</summary>
    private const int RoundsPerLook = 24;
    private const int LongestSleepMicroseconds = 200;
    private const long LimitNanos = 60_000_000_000;

    private IdleStrategy _idle = IdleStrategy.Backoff(LongestSleepMicroseconds);
    private int _rounds;
    private long _since;

    /// <summary>Waits a little.</summary>
    /// <returns>Whether it is time to look whether the owner still lives.</returns>
    public bool Wait()
    {
        _idle.Idle(0);
        _rounds = (_rounds + 1) % RoundsPerLook;
        return _rounds == 0;
    }

    /// <summary>Whether the wait has been so long that the caller of the map should hear of it. Call it when <see cref="Wait"/> returned
    /// true.</summary>
    public bool IsAtItsEnd()
    {
        long now = clock.MonotonicNanos;
        _since = _since == 0 ? now : _since;
        return now - _since > LimitNanos;
    }
}

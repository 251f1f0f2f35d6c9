using Estream.Core;

namespace Estream.Map.Internal;

/// <summary>
/// Waits for the lock of a living writer, with a time limit: spins, yields, then sleeps for up to 200 µs. A writer holds a lock for less
/// than a microsecond, or while it migrates a stripe; only a stopped writer holds it longer.
/// </summary>
internal struct LockTimeout(IClock clock)
{
    /// <summary>Rounds between two liveness checks of the owner, each of which costs some system calls.</summary>
    private const int RoundsPerLook = 24;
    private const int LongestSleepMicroseconds = 200;
    private const long LimitNanos = 60_000_000_000;

    private IdleStrategy _idle = IdleStrategy.Backoff(LongestSleepMicroseconds);
    private int _rounds;
    private long _since;

    /// <summary>Waits for one round.</summary>
    /// <returns>Whether it is time to check the liveness of the owner.</returns>
    public bool Wait()
    {
        _idle.Idle(0);
        _rounds = (_rounds + 1) % RoundsPerLook;
        return _rounds == 0;
    }

    /// <summary>Whether the time limit has passed. Call it when <see cref="Wait"/> returned true.</summary>
    public bool IsExpired()
    {
        long now = clock.MonotonicNanos;
        _since = _since == 0 ? now : _since;
        return now - _since > LimitNanos;
    }
}

using Estream.Core.Internal;

namespace Estream.Core;

/// <summary>
/// Idles in a polling loop while there is no work: spins, then yields, then sleeps for longer and longer. Starts over after the next work.
/// Keep it in a local or a field of one thread.
/// </summary>
/// <remarks>
/// Spinning reacts within tens of nanoseconds and uses a core; sleeping costs nothing and reacts within its longest sleep.
/// </remarks>
public struct IdleStrategy
{
    private const int Spins = 100;
    private const int Yields = 100;
    private const int ShortestSleepMicroseconds = 50;

    private readonly int _longestSleepMicroseconds;

    // The idle round at which the strategy starts: a round that spins, or a round that sleeps.
    private readonly int _firstRound;
    private int _idleRounds;
    private int _sleepMicroseconds;

    private IdleStrategy(int longestSleepMicroseconds, int firstRound)
    {
        _longestSleepMicroseconds = longestSleepMicroseconds;
        _firstRound = firstRound;
        _idleRounds = firstRound;
    }

    /// <summary>Only spins: the lowest latency, one core at full load.</summary>
    public static IdleStrategy BusySpin => new(0, 0);

    /// <summary>Spins, yields, then sleeps from 50 µs doubling up to a longest sleep.</summary>
    /// <param name="longestSleepMicroseconds">Microseconds, 50 to 1,000,000. 1,000 by default.</param>
    /// <exception cref="ArgumentOutOfRangeException">The sleep is not in that range.</exception>
    public static IdleStrategy Backoff(int longestSleepMicroseconds = 1_000) => new(Checked(longestSleepMicroseconds), 0);

    /// <summary>Sleeps from the first idle round on, from 50 µs doubling up to a longest sleep: for work that can wait.</summary>
    /// <param name="longestSleepMicroseconds">Microseconds, 50 to 1,000,000. 1,000 by default.</param>
    /// <exception cref="ArgumentOutOfRangeException">The sleep is not in that range.</exception>
    public static IdleStrategy Sleep(int longestSleepMicroseconds = 1_000) => new(Checked(longestSleepMicroseconds), Spins + Yields);

    /// <summary>How long the last round slept; 0 if it did not.</summary>
    internal readonly int SleepMicroseconds => _sleepMicroseconds;

    /// <summary>Idles if the last round of the loop did nothing.</summary>
    /// <param name="workCount">The amount of work done; 0 for none.</param>
    public void Idle(int workCount)
    {
        if (workCount > 0)
        {
            Reset();
            return;
        }

        if (!TryIdleAwake())
        {
            _sleepMicroseconds = Math.Clamp(_sleepMicroseconds * 2, ShortestSleepMicroseconds, _longestSleepMicroseconds);
            ShortSleep.Microseconds(_sleepMicroseconds);
        }
    }

    /// <summary>Spins or yields, unless it is time to sleep: for a loop that sleeps by other means than <see cref="Idle"/>, so that it can
    /// be woken.</summary>
    /// <returns>False if it is time to sleep.</returns>
    public bool TryIdleAwake()
    {
        // Counts only as far as necessary: otherwise the counter would wrap around after weeks, and spin for minutes.
        if (_idleRounds < Spins || _longestSleepMicroseconds == 0)
        {
            _idleRounds = Math.Min(_idleRounds + 1, Spins);
            Thread.SpinWait(1);
            return true;
        }

        if (_idleRounds < Spins + Yields)
        {
            _idleRounds++;
            Thread.Yield();
            return true;
        }

        return false;
    }

    /// <summary>Starts over at the first step.</summary>
    public void Reset()
    {
        _idleRounds = _firstRound;
        _sleepMicroseconds = 0;
    }

    private static int Checked(int longestSleepMicroseconds)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(longestSleepMicroseconds, ShortestSleepMicroseconds);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(longestSleepMicroseconds, 1_000_000);
        return longestSleepMicroseconds;
    }
}

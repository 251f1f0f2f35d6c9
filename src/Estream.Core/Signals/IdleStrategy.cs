using Estream.Core.Internal;

namespace Estream.Core;

/// <summary>
/// What a polling loop does when there is nothing to do: spin, then yield, then sleep for longer and longer, and start over with the
/// next piece of work. A value to keep in a local or a field of one thread.
/// </summary>
/// <remarks>
/// Spinning answers in tens of nanoseconds and burns a core; sleeping costs nothing and answers in up to its longest sleep. The
/// ladder takes the first when work has just been there and the second when it has not.
/// </remarks>
public struct IdleStrategy
{
    private const int Spins = 100;
    private const int Yields = 100;
    private const int ShortestSleepMicroseconds = 50;

    private readonly int _longestSleepMicroseconds;

    // Where the ladder begins: at its foot, or where sleeping does.
    private readonly int _firstRound;
    private int _idleRounds;
    private int _sleepMicroseconds;

    private IdleStrategy(int longestSleepMicroseconds, int firstRound)
    {
        _longestSleepMicroseconds = longestSleepMicroseconds;
        _firstRound = firstRound;
        _idleRounds = firstRound;
    }

    /// <summary>Never gives the core away: the lowest latency, one core at full load.</summary>
    public static IdleStrategy BusySpin => new(0, 0);

    /// <summary>Spins, yields, then sleeps from 50 µs doubling up to a longest sleep.</summary>
    /// <param name="longestSleepMicroseconds">Microseconds, 50 to 1,000,000. 1,000 by default.</param>
    /// <exception cref="ArgumentOutOfRangeException">The sleep is not in that range.</exception>
    public static IdleStrategy Backoff(int longestSleepMicroseconds = 1_000) => new(Checked(longestSleepMicroseconds), 0);

    /// <summary>Sleeps from the first idle round on, from 50 µs doubling up to a longest sleep: for work that can wait and shall cost
    /// nothing.</summary>
    /// <param name="longestSleepMicroseconds">Microseconds, 50 to 1,000,000. 1,000 by default.</param>
    /// <exception cref="ArgumentOutOfRangeException">The sleep is not in that range.</exception>
    public static IdleStrategy Sleep(int longestSleepMicroseconds = 1_000) => new(Checked(longestSleepMicroseconds), Spins + Yields);

    /// <summary>How long the last round slept, 0 when it did not.</summary>
    internal readonly int SleepMicroseconds => _sleepMicroseconds;

    /// <summary>Tells the strategy what the last round of the loop did, and idles if it did nothing.</summary>
    /// <param name="workCount">How much was done; 0 for nothing.</param>
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

    /// <summary>Spins or yields, if the ladder is not past that: for a loop that can be woken, and sleeps by other means than
    /// <see cref="Idle"/>.</summary>
    /// <returns>Whether it did. If not, the time for sleeping has come.</returns>
    public bool TryIdleAwake()
    {
        // Counted only as far as it matters: a counter that ran on would wrap around after some weeks and spin for minutes.
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

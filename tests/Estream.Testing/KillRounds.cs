namespace Estream.Testing;

/// <summary>
/// Decides how often a test kills a process: at least a wanted number of times, and then until enough kills have interrupted its work. The
/// moment of a crash is random, so a few crashes may all come before or after the work. With a fixed number of kills, a test that requires
/// interrupted work would sometimes fail, and a test that does not would prove nothing.
/// </summary>
/// <param name="wanted">The minimum number of kills.</param>
/// <param name="atWork">The minimum number of kills that must interrupt the work.</param>
public sealed class KillRounds(int wanted, int atWork)
{
    /// <summary>The maximum number of kills, as a multiple of the wanted kills.</summary>
    public const int MostTimes = 8;

    private int _kills;
    private int _atWork;

    /// <summary>Requires that half of the wanted kills interrupt the work.</summary>
    /// <param name="wanted">The minimum number of kills.</param>
    public KillRounds(int wanted)
        : this(wanted, (wanted + 1) / 2)
    {
    }

    /// <summary>Whether no more kills are needed.</summary>
    /// <exception cref="InvalidOperationException">Too few kills interrupted the work, although there were <see cref="MostTimes"/> times as
    /// many as wanted.</exception>
    public bool AreOver
    {
        get
        {
            if (_kills >= wanted && _atWork >= atWork)
            {
                return true;
            }

            return _kills < wanted * MostTimes
                ? false
                : throw new InvalidOperationException($"Only {_atWork} of {_kills} kills interrupted the work; {atWork} are required.");
        }
    }

    /// <summary>Counts a crash.</summary>
    /// <param name="wasAtWork">Whether some work was done before the crash and some was left.</param>
    public void Add(bool wasAtWork)
    {
        _kills++;
        _atWork += wasAtWork ? 1 : 0;
    }
}

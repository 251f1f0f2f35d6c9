namespace Estream.Testing;

/// <summary>
/// How often a process is killed: so many times, and on until enough kills came amid its work. When a kill comes is chance, and any few may
/// all come before the work or behind it: a test that demanded something of a fixed number of them would be red on some machine some day,
/// and one that demanded nothing could show nothing.
/// </summary>
/// <param name="wanted">The fewest kills.</param>
/// <param name="atWork">The fewest of them that are to come amid the work.</param>
public sealed class KillRounds(int wanted, int atWork)
{
    /// <summary>As many times the wanted kills come at most.</summary>
    public const int MostTimes = 8;

    private int _kills;
    private int _atWork;

    /// <summary>Half of the kills are to come amid the work.</summary>
    /// <param name="wanted">The fewest kills.</param>
    public KillRounds(int wanted)
        : this(wanted, (wanted + 1) / 2)
    {
    }

    /// <summary>Whether there is nothing left to kill.</summary>
    /// <exception cref="InvalidOperationException">Enough kills were not amid the work though there were <see cref="MostTimes"/> times as
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
                : throw new InvalidOperationException($"Only {_atWork} of {_kills} kills came amid the work, {atWork} are wanted.");
        }
    }

    /// <summary>Counts a kill.</summary>
    /// <param name="wasAtWork">Whether something was done before it, and something left.</param>
    public void Add(bool wasAtWork)
    {
        _kills++;
        _atWork += wasAtWork ? 1 : 0;
    }
}

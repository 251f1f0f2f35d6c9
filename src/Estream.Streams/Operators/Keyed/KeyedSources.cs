namespace Estream.Streams.Operators.Keyed;

/// <summary>The sources of a stream, with the time of the newest event of each.</summary>
internal sealed class KeyedSources
{
    /// <summary>The maximum number of sources: their times are committed in one step with the windows.</summary>
    public const int Most = 256;

    private readonly Dictionary<long, int> _places = new(Most);
    private readonly long[] _ids = new long[Most];
    private readonly long[] _newest = new long[Most];
    private readonly bool[] _isChanged = new bool[Most];
    private readonly int[] _changed = new int[Most];
    private int _changedCount;

    public int Count { get; private set; }

    /// <summary>The sources that changed since the last commit.</summary>
    public ReadOnlySpan<int> Changed => _changed.AsSpan(0, _changedCount);

    public (long Id, long Newest) this[int source] => (_ids[source], _newest[source]);

    /// <summary>Updates a source with the time of an event.</summary>
    /// <exception cref="InvalidOperationException">There are too many sources.</exception>
    public void Take(long id, long time)
    {
        if (!_places.TryGetValue(id, out int source))
        {
            if (Count == Most)
            {
                throw new InvalidOperationException(
                    $"The stream has more than {Most} sources. Use a coarser source, such as a gateway or a partition "
                    + "instead of a device.");
            }

            source = Add(id, EventTime.None);
        }

        if (time > _newest[source])
        {
            _newest[source] = time;
            if (!_isChanged[source])
            {
                _isChanged[source] = true;
                _changed[_changedCount++] = source;
            }
        }
    }

    /// <summary>Returns the least of the newest times of all sources that are not idle.</summary>
    /// <param name="idleBefore">A source whose newest event is before this time is idle.</param>
    public long Least(long idleBefore)
    {
        long least = long.MaxValue;
        foreach (long newest in _newest.AsSpan(0, Count))
        {
            least = newest >= idleBefore && newest < least ? newest : least;
        }

        return least;
    }

    public void Restore(long id, long newest) => _ = Add(id, newest);

    public void Committed()
    {
        foreach (int source in Changed)
        {
            _isChanged[source] = false;
        }

        _changedCount = 0;
    }

    public void Clear()
    {
        Committed();
        _places.Clear();
        Count = 0;
    }

    private int Add(long id, long newest)
    {
        _places.Add(id, Count);
        _ids[Count] = id;
        _newest[Count] = newest;
        return Count++;
    }
}

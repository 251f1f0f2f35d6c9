using Estream.Core;
using Estream.Map;

namespace Estream.Streams.Operators;

/// <summary>
/// What a map says of the pipeline it is made by, in two of its user words: one with a number for it, which is 0 until the first event is
/// put, and one with the position of the newest event. So a map that is another's, or newer than what the pipeline remembers, is known.
/// </summary>
internal sealed class MapOrigin<TKey, TValue>(StateMap<TKey, TValue> map, string pipeline)
    where TKey : unmanaged
    where TValue : unmanaged
{
    private const int OriginWord = 0;
    private const int NewestWord = 1;

    private readonly long _origin = OriginNumber.Of(pipeline);
    private bool _isMarked;

    public StateMap<TKey, TValue> Map => map;

    /// <summary>The entries that were put, since it was opened.</summary>
    public ResultCount Results { get; private set; }

    /// <summary>Whether the map is what this pipeline has made, up to where it goes on in the queue.</summary>
    public bool IsConsistentUpTo(long position) =>
        !map.HostCrashed && map.UserWord(OriginWord) == _origin && map.UserWord(NewestWord) <= position;

    /// <summary>Whether the map is empty because nobody has put anything yet, or somebody has cleared it.</summary>
    public bool IsNew => map.Count == 0 && !map.HostCrashed;

    /// <summary>Forgets whose the map is: until the next event a kill leaves one that is made anew.</summary>
    public void Clear()
    {
        map.SetUserWord(OriginWord, 0);
        map.Clear();
        map.SetUserWord(NewestWord, 0);
        _isMarked = false;
    }

    /// <summary>Puts an entry, and counts it.</summary>
    public void Put(in TKey key, in TValue value)
    {
        map.Put(in key, in value);
        Results = Results.And(1, RawValue.SizeOf<TKey>() + RawValue.SizeOf<TValue>());
    }

    /// <summary>Notes an event, before it is put.</summary>
    public void Mark(long position)
    {
        if (!_isMarked)
        {
            map.SetUserWord(OriginWord, _origin);
            _isMarked = true;
        }

        map.SetUserWord(NewestWord, position);
    }
}

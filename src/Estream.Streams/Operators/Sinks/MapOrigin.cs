using Estream.Core;
using Estream.Map;

namespace Estream.Streams.Operators;

/// <summary>
/// Identifies the pipeline that maintains a map, in two user words of the map: a hash of the pipeline's name, which is 0 until the first
/// event is put, and the position of the newest event, stored as its bitwise complement while the pipeline buffers values. The words reveal
/// a map of another pipeline, a map with events after the pipeline's stored position, and a map that lacks values because a crash lost the
/// buffer.
/// </summary>
internal sealed class MapOrigin<TKey, TValue>(StateMap<TKey, TValue> map, string pipeline)
    where TKey : unmanaged
    where TValue : unmanaged
{
    private const int OriginWord = 0;
    private const int NewestWord = 1;

    private readonly long _origin = OriginNumber.Of(pipeline);
    private bool _isMarked;
    private bool _isBuffered;

    public StateMap<TKey, TValue> Map => map;

    /// <summary>The entries put since the map was opened.</summary>
    public ResultCount Results { get; private set; }

    /// <summary>Returns true if this pipeline wrote the map, up to the position where the pipeline resumes in the queue.</summary>
    public bool IsConsistentUpTo(long position) =>
        !map.HostCrashed && map.UserWord(OriginWord) == _origin && Newest <= position;

    /// <summary>True if the map is empty because nothing was put yet, or because it was cleared.</summary>
    public bool IsNew => map.Count == 0 && !map.HostCrashed;

    /// <summary>The last position that <see cref="Mark"/> stored.</summary>
    public long Newest => map.UserWord(NewestWord) is var word && word < 0 ? ~word : word;

    /// <summary>Whether the pipeline last ran with a buffer. If so, the map may lack values between <see cref="Newest"/> and the stored
    /// position of the pipeline.</summary>
    public bool IsBuffered
    {
        get => map.UserWord(NewestWord) < 0;
        set
        {
            _isBuffered = value;
            if (IsBuffered != value)
            {
                StoreNewest(Newest);
            }
        }
    }

    /// <summary>Clears the map and its owner: if the process crashes before the next event, the map is rebuilt.</summary>
    public void Clear()
    {
        map.SetUserWord(OriginWord, 0);
        map.Clear();
        StoreNewest(0);
        _isMarked = false;
    }

    /// <summary>Puts an entry and counts it.</summary>
    public void Put(in TKey key, in TValue value)
    {
        map.Put(in key, in value);
        Results = Results.And(1, RawValue.SizeOf<TKey>() + RawValue.SizeOf<TValue>());
    }

    /// <summary>Stores the position of an event, before its entry is put.</summary>
    public void Mark(long position)
    {
        if (!_isMarked)
        {
            map.SetUserWord(OriginWord, _origin);
            _isMarked = true;
        }

        StoreNewest(position);
    }

    private void StoreNewest(long position) => map.SetUserWord(NewestWord, _isBuffered ? ~position : position);
}

using Estream.Core;
using Estream.Map;

namespace Estream.Host.Runtime;

/// <summary>
/// Puts the newest message of each key into a map, and knows when what the map holds cannot be trusted. One thread
/// writes; the map is read by others meanwhile.
/// </summary>
/// <param name="map">The map.</param>
/// <param name="isFollowed">Whether the queue remembers how far this map was folded. If not, the queue is another one than the map was made from.</param>
internal sealed class LatestMapSink(StateMap<Utf8Key64, LatestEntry> map, bool isFollowed) : IKeyedSink
{
    /// <summary>The map's word that says a replay has begun from the start of the queue, and so that the cursor can be trusted.</summary>
    private const int FilledWord = 0;

    private bool _isMarked;

    public bool NeedsReplay => map.HostCrashed || map.UserWord(FilledWord) == 0 || !isFollowed;

    /// <summary>
    /// The mark goes first: a crash between here and the first put leaves an unmarked map, which is replayed again,
    /// whatever the cursor says.
    /// </summary>
    public void Clear()
    {
        map.SetUserWord(FilledWord, 0);
        map.Clear();
        _isMarked = false;
    }

    public bool TryPut(ReadOnlySpan<byte> key, long position, long sequence, long time, ReadOnlySpan<byte> message)
    {
        if (!Utf8Key64.TryCreate(key, out Utf8Key64 mapKey))
        {
            return false;
        }

        if (!_isMarked)
        {
            // Only now: the fold has put its cursor to the start before it asks for the first put.
            map.SetUserWord(FilledWord, 1);
            _isMarked = true;
        }

        LatestEntry entry = LatestEntry.Create(position, sequence, time, message);
        map.Put(in mapKey, in entry);
        return true;
    }
}

using System.Buffers.Binary;
using System.Security.Cryptography;
using System.Text;
using Estream.Core;
using Estream.Map;

namespace Estream.Host.Runtime;

/// <summary>
/// Puts the newest message of each key into a map, and knows when what the map holds cannot be trusted. One thread
/// writes; the map is read by others meanwhile.
/// </summary>
/// <param name="map">The map.</param>
/// <param name="origin">What the map is made from, see <see cref="OriginOf"/>.</param>
/// <param name="endPosition">The end of the queue when it was opened.</param>
/// <param name="isFollowed">Whether the queue remembers how far this map was folded. If not, the queue is another one than the map was made
/// from.</param>
internal sealed class LatestMapSink(StateMap<Utf8Key64, LatestEntry> map, long origin, long endPosition, bool isFollowed) : IKeyedSink
{
    /// <summary>
    /// The map's word that says what it was made from. It is 0 until a replay has begun at the start of the queue, and
    /// so until the cursor can be trusted.
    /// </summary>
    private const int OriginWord = 0;

    /// <summary>
    /// The map's word with the position of the newest message put. A queue that ends before it is an older copy, put back
    /// after the map was made.
    /// </summary>
    private const int NewestWord = 1;

    private bool _isMarked;

    public bool NeedsReplay =>
        map.HostCrashed || map.UserWord(OriginWord) != origin || map.UserWord(NewestWord) >= endPosition || !isFollowed;

    /// <summary>
    /// A number for queue, schema and key of a map, never 0: a map whose configuration has changed holds keys of
    /// another kind and has to be folded again. The name of the schema counts, not its id, because a schema that has
    /// only grown leaves the map as it is.
    /// </summary>
    public static long OriginOf(string queue, string schema, string key)
    {
        byte[] digest = SHA256.HashData(Encoding.UTF8.GetBytes($"{queue}\n{schema}\n{key}"));
        return BinaryPrimitives.ReadInt64LittleEndian(digest) | 1;
    }

    /// <summary>
    /// The mark goes first: a crash between here and the first put leaves an unmarked map, which is replayed again,
    /// whatever the cursor says.
    /// </summary>
    public void Clear()
    {
        map.SetUserWord(OriginWord, 0);
        map.Clear();
        map.SetUserWord(NewestWord, 0);
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
            map.SetUserWord(OriginWord, origin);
            _isMarked = true;
        }

        // Before the entry: the map never holds one that is newer than it says.
        map.SetUserWord(NewestWord, position);
        LatestEntry entry = LatestEntry.Create(position, sequence, time, message);
        map.Put(in mapKey, in entry);
        return true;
    }
}

using System.Buffers.Binary;
using System.Security.Cryptography;
using System.Text;
using Estream.Core;
using Estream.Map;

namespace Estream.Host.Runtime;

/// <summary>
/// Puts the newest message of each key into a map, and detects when the content of the map cannot be trusted. One thread writes; other
/// threads read the map concurrently.
/// </summary>
/// <param name="map">The map.</param>
/// <param name="origin">The origin of the map, see <see cref="OriginOf"/>.</param>
/// <param name="endPosition">The end of the queue when it was opened.</param>
/// <param name="isFollowed">Whether the queue has the named tailer of this map. If not, the map was built from another queue.</param>
internal sealed class LatestMapSink(StateMap<Utf8Key64, LatestEntry> map, long origin, long endPosition, bool isFollowed) : IKeyedSink
{
    /// <summary>
    /// The user metadata word with the origin of the map. It is 0 until a replay has started at the beginning of the queue; only then can
    /// the cursor be trusted.
    /// </summary>
    private const int OriginWord = 0;

    /// <summary>
    /// The user metadata word with the position of the newest message in the map. A queue that ends before this position is an older copy,
    /// restored after the map was built.
    /// </summary>
    private const int NewestWord = 1;

    private bool _isMarked;

    public bool NeedsReplay =>
        map.HostCrashed || map.UserWord(OriginWord) != origin || map.UserWord(NewestWord) >= endPosition || !isFollowed;

    /// <summary>
    /// Returns a number that identifies queue, schema and key of a map; never 0. A map whose configuration has changed contains other keys
    /// and must be rebuilt. The name of the schema is used, not its id, because compatible schema changes do not affect the map.
    /// </summary>
    public static long OriginOf(string queue, string schema, string key)
    {
        byte[] digest = SHA256.HashData(Encoding.UTF8.GetBytes($"{queue}\n{schema}\n{key}"));
        return BinaryPrimitives.ReadInt64LittleEndian(digest) | 1;
    }

    /// <summary>
    /// Clears the map. The origin word is reset first: a crash before the first put leaves a map without origin, which is rebuilt
    /// independent of the cursor.
    /// </summary>
    public void Clear()
    {
        map.SetUserWord(OriginWord, 0);
        map.Clear();
        map.SetUserWord(NewestWord, 0);
        _isMarked = false;
    }

    /// <summary>Replaces the content by that of another map with the same origin. The origin word is set last, so an incomplete copy is
    /// replaced at the next start.</summary>
    public void CopyFrom(StateMap<Utf8Key64, LatestEntry> source)
    {
        Clear();
        long newest = source.UserWord(NewestWord);
        foreach ((Utf8Key64 key, LatestEntry entry) in source)
        {
            map.Put(in key, in entry);
        }

        map.SetUserWord(NewestWord, newest);
        map.SetUserWord(OriginWord, source.UserWord(OriginWord));
    }

    public bool TryPut(ReadOnlySpan<byte> key, long position, long sequence, long time, ReadOnlySpan<byte> message)
    {
        if (!Utf8Key64.TryCreate(key, out Utf8Key64 mapKey))
        {
            return false;
        }

        if (!_isMarked)
        {
            // Set the origin only now: before the first put, the fold has moved its cursor to the start.
            map.SetUserWord(OriginWord, origin);
            _isMarked = true;
        }

        // Write the position before the entry, so the map never contains an entry newer than this word.
        map.SetUserWord(NewestWord, position);
        LatestEntry entry = LatestEntry.Create(position, sequence, time, message);
        map.Put(in mapKey, in entry);
        return true;
    }
}

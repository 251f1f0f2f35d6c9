using Estream.Core;
using Estream.Map;
using Estream.Queue;

namespace Estream.Replication.Internal;

/// <summary>
/// Applies feeds to a map, which becomes a replica. The position is stored after each change, so a crash repeats at most one change,
/// which has no effect. Not thread-safe.
/// </summary>
/// <remarks>When a new feed begins, the map keeps its entries. The snapshot replaces entries with earlier versions; at its end, entries
/// that the snapshot does not have are removed. Readers therefore never see an entry go back.</remarks>
internal sealed class MapFolder : IDisposable
{
    private readonly VersionedByteMap _map;
    private EstreamQueue? _feed;
    private QueueTailer? _tailer;
    private long _snapshotEnd;

    // The keys of the snapshot that is being applied.
    private ByteMap? _seen;

    public MapFolder(VersionedByteMap map) => _map = map;

    /// <summary>The number of the feed; 0 if none was begun.</summary>
    public long Feed => _map.UserWord(MapWords.Feed);

    /// <summary>Whether a feed is open. The copy of a feed may not exist yet.</summary>
    public bool IsOpen => _tailer is not null;

    /// <summary>Opens the feed of a pointer. The map continues in the feed, or begins it with its snapshot.</summary>
    /// <exception cref="EstreamException">The feed cannot be read.</exception>
    public void Open(in MapPointer pointer, string directory)
    {
        Close();
        _feed = EstreamQueue.OpenReadOnly(directory);
        _tailer = _feed.CreateTailer();
        _snapshotEnd = pointer.SnapshotEnd;
        if (Feed != pointer.Feed)
        {
            _map.SetUserWord(MapWords.Position, 0);
            _map.SetUserWord(MapWords.Feed, pointer.Feed);
        }

        long position = _map.UserWord(MapWords.Position);
        if (position >= _snapshotEnd && position > 0 && _tailer.TrySeek(position))
        {
            return;
        }

        // The keys of a snapshot are known only if it is read from its start.
        _tailer.SeekToStart();
        _map.SetUserWord(MapWords.Position, 0);
        _seen = ByteMap.CreateInMemory();
    }

    /// <summary>Applies messages of the feed.</summary>
    /// <param name="most">The maximum number of messages.</param>
    /// <returns>The number of messages; 0 if the feed has no further message now.</returns>
    /// <exception cref="EstreamException">The feed cannot be read, or the map cannot be written.</exception>
    public int Fold(int most)
    {
        int count = 0;
        for (; _tailer is not null && count < most && _tailer.TryPeek(out QueueMessage message); count++)
        {
            if (MapChange.TryRead(message.Payload, out MapChange change))
            {
                _map.Apply(in change);
                Note(in change);
            }

            long time = message.Time;
            _ = _tailer.TryRead(out _);
            if (_seen is { } seen && _tailer.Position >= _snapshotEnd)
            {
                EndSnapshot(seen);
            }

            _map.SetUserWord(MapWords.Position, _tailer.Position);
            if (_seen is null)
            {
                _map.SetUserWord(MapWords.AsOf, Math.Max(time, _map.UserWord(MapWords.AsOf)));
            }
        }

        return count;
    }

    /// <summary>Waits until the feed has a message.</summary>
    public void Wait(TimeSpan timeout, CancellationToken cancellation) => _ = _tailer?.WaitToRead(timeout, cancellation);

    public void Close()
    {
        _tailer?.Dispose();
        _feed?.Dispose();
        _seen?.Dispose();
        (_tailer, _feed, _seen) = (null, null, null);
    }

    public void Dispose() => Close();

    private void Note(in MapChange change)
    {
        if (_seen is not null && change.Kind == MapChangeKind.Put)
        {
            _seen.Put(change.Key, default);
        }
    }

    private void EndSnapshot(ByteMap seen)
    {
        List<byte[]> removed = [];
        foreach (VersionedByteMapEntry entry in _map)
        {
            if (!seen.ContainsKey(entry.Key))
            {
                removed.Add(entry.Key.ToArray());
            }
        }

        removed.ForEach(key => _map.Remove(key));
        seen.Dispose();
        _seen = null;
        _map.SetUserWord(MapWords.IsComplete, 1);
    }
}

/// <summary>The user words of a replicated map.</summary>
internal static class MapWords
{
    /// <summary>One of <see cref="Replica"/> and <see cref="Owner"/>; 0 in a map that was never replicated.</summary>
    public const int Role = 0;

    /// <summary>The number of the feed.</summary>
    public const int Feed = 1;

    /// <summary>The position in the feed after the last applied message.</summary>
    public const int Position = 2;

    /// <summary>The time of the last applied message, by the clock of the owner, in nanoseconds since 1970 UTC.</summary>
    public const int AsOf = 3;

    /// <summary>1 once a whole snapshot was applied.</summary>
    public const int IsComplete = 4;

    public const long Replica = 0x4553524D41500001;
    public const long Owner = 0x4553524D41500002;

    /// <summary>Forgets the entries of a map and its place in a feed.</summary>
    public static void Reset(VersionedByteMap map)
    {
        map.Clear();
        for (int word = Feed; word <= IsComplete; word++)
        {
            map.SetUserWord(word, 0);
        }

        map.SetUserWord(Role, Replica);
    }
}

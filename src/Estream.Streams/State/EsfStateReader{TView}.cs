using Estream.Core;
using Estream.Esf;
using Estream.Map;
using Estream.Queue;
using Estream.Streams.Internal;
using Estream.Streams.State;

namespace Estream.Streams;

/// <summary>
/// A reader that joins late: it first reads the newest message of each key from the map, in no order, then all later messages from the
/// queue, in queue order. A caller that takes each entry as the state of its key has, once <see cref="IsConsistent"/> is true, the same
/// state as a reader of the whole queue.
/// </summary>
/// <typeparam name="TView">The generated view.</typeparam>
/// <remarks>
/// Not thread-safe: use it on one thread at a time. Any process may write the map meanwhile. The reader takes its queue position before it
/// reads the map, and keeps retention from reclaiming messages from that position on. Messages that are already in the map may therefore be
/// read again; none is skipped. Allocates nothing per entry.
/// </remarks>
public sealed class EsfStateReader<TView> : IDisposable
    where TView : struct, IEsfView<TView>, allows ref struct
{
    private const int MostAttempts = 16;

    private readonly ByteMap _map;
    private readonly EventSelector<TView, ReadOnlySpan<byte>> _key;
    private ByteMap.Enumerator _entries;
    private bool _isEnumerated;
    private long _newestInMap;

    internal EsfStateReader(EstreamQueue queue, ByteMap map, EventSelector<TView, ReadOnlySpan<byte>> key)
    {
        _map = map;
        _key = key;
        Tailer = queue.CreateTailer();
        try
        {
            GoToMap(queue);
            _entries = map.GetEnumerator();
        }
        catch
        {
            Tailer.Dispose();
            throw;
        }
    }

    /// <summary>The tailer that reads the queue after the entries of the map; use it to wait for new messages.</summary>
    public QueueTailer Tailer { get; }

    /// <summary>True if the entries so far are the complete state at one moment: just before the message at
    /// <see cref="QueueTailer.Position"/>.</summary>
    public bool IsConsistent => _isEnumerated && Tailer.Position > _newestInMap;

    /// <summary>Reads the next entry, if there is one.</summary>
    /// <param name="entry">The entry; valid until the next call.</param>
    /// <returns>True if there was an entry. False means none for now: messages appended later are read later.</returns>
    /// <exception cref="EstreamFormatException">The next message has this schema's id but cannot be read. The next call continues after
    /// it.</exception>
    /// <exception cref="EstreamCorruptionException">The map or the queue is damaged; the exception names the file and offset.</exception>
    /// <exception cref="EstreamStorageException">The queue has reclaimed the next message because this reader was idle for too long: create
    /// a new reader.</exception>
    public bool TryRead(out EsfStateEntry<TView> entry)
    {
        if (!_isEnumerated)
        {
            if (_entries.MoveNext())
            {
                ByteMapEntry current = _entries.Current;
                entry = new EsfStateEntry<TView>(current.Key, TView.Of(current.Value), isRemoved: false);
                return true;
            }

            // Read this word after the last entry: each entry was put after its position was stored in the word.
            _newestInMap = _map.UserWord(StateKeys.NewestWord);
            _entries.Dispose();
            _isEnumerated = true;
        }

        while (Tailer.TryRead(out QueueMessage message))
        {
            if (Message.TryView(message.Payload, message.Position, out TView view))
            {
                entry = new EsfStateEntry<TView>(StateKeys.Take(_key(in view), message.Position), view, isRemoved: false);
                return true;
            }

            if (Message.TryView(message.Payload, message.Position, out StateRemovalRecord.View removal))
            {
                entry = new EsfStateEntry<TView>(StateKeys.Take(removal.Key, message.Position), default, isRemoved: true);
                return true;
            }
        }

        entry = default;
        return false;
    }

    /// <summary>Releases the queue position. Idempotent.</summary>
    public void Dispose()
    {
        if (!_isEnumerated)
        {
            _entries.Dispose();
            _isEnumerated = true;
        }

        Tailer.Dispose();
    }

    // Compaction may advance the stored position between the read and the seek, and retention may then reclaim the old position. The seek
    // is therefore retried.
    private void GoToMap(EstreamQueue queue)
    {
        for (int attempt = 1; ; attempt++)
        {
            long folded = _map.UserWord(StateKeys.FoldedWord);
            try
            {
                if (folded != 0)
                {
                    Tailer.Seek(folded);
                }
                else if (queue.GetInfo().FirstSequence > 0 && _map.UserWord(StateKeys.OriginWord) != 0)
                {
                    throw new EstreamStorageException(
                        $"The map '{_map.Directory}' does not record its position in '{queue.Directory}', which has reclaimed messages. "
                        + "Run the compaction.", _map.Directory, StorageFailure.NotFound);
                }

                return;
            }
            catch (EstreamStorageException gone) when (gone.Reason == StorageFailure.NotFound && attempt < MostAttempts)
            {
            }
        }
    }
}

/// <summary>The state of one key: its newest message, or its removal. Valid until the reader moves on.</summary>
/// <typeparam name="TView">The generated view.</typeparam>
public readonly ref struct EsfStateEntry<TView>
    where TView : struct, IEsfView<TView>, allows ref struct
{
    internal EsfStateEntry(ReadOnlySpan<byte> key, TView view, bool isRemoved)
    {
        Key = key;
        View = view;
        IsRemoved = isRemoved;
    }

    /// <summary>The key.</summary>
    public ReadOnlySpan<byte> Key { get; }

    /// <summary>The newest message of the key; an empty view if <see cref="IsRemoved"/>.</summary>
    public TView View { get; }

    /// <summary>True if the key has no state any more.</summary>
    public bool IsRemoved { get; }
}

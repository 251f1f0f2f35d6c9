using Estream.Core;
using Estream.Esf;
using Estream.Map;
using Estream.Queue;
using Estream.Streams.Internal;
using Estream.Streams.State;

namespace Estream.Streams;

/// <summary>
/// A reader that begins late: first the newest message of each key, in no order, then all messages since, in theirs. Whoever takes each
/// entry as the state of its key has, from the moment <see cref="IsConsistent"/> says so, what one would have who had read the queue from
/// its beginning.
/// </summary>
/// <typeparam name="TView">The generated view.</typeparam>
/// <remarks>
/// One thread at a time. The map may be written meanwhile, by whatever process. The place in the queue is taken before the map is read, and
/// kept from retention, so messages that are in the map already may come again; none is left out. Allocates nothing for an entry.
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

    /// <summary>The tailer of the messages since; wait for new ones with it.</summary>
    public QueueTailer Tailer { get; }

    /// <summary>Whether all entries so far are the state as it was at one moment: that before the message at
    /// <see cref="QueueTailer.Position"/>.</summary>
    public bool IsConsistent => _isEnumerated && Tailer.Position > _newestInMap;

    /// <summary>Reads the next entry, if there is one.</summary>
    /// <param name="entry">The entry; valid until the next call.</param>
    /// <returns>Whether there was one. False for now: what is appended later comes later.</returns>
    /// <exception cref="EstreamFormatException">The next message says it is of this schema and cannot be read. The next call goes on behind
    /// it.</exception>
    /// <exception cref="EstreamCorruptionException">Map or queue is damaged; file and offset are named.</exception>
    /// <exception cref="EstreamStorageException">The queue has given up what comes next, since this reader was away for too long: begin
    /// with a new one.</exception>
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

            // After the last entry: everything seen so far was marked before it was put.
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

    /// <summary>Gives the place in the queue back. Idempotent.</summary>
    public void Dispose()
    {
        if (!_isEnumerated)
        {
            _entries.Dispose();
            _isEnumerated = true;
        }

        Tailer.Dispose();
    }

    // The word rises while it is looked at, and retention follows it.
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
                        $"The map '{_map.Directory}' does not say how far it is in '{queue.Directory}', which has given up messages. Run "
                        + "the compaction.", _map.Directory, StorageFailure.NotFound);
                }

                return;
            }
            catch (EstreamStorageException gone) when (gone.Reason == StorageFailure.NotFound && attempt < MostAttempts)
            {
            }
        }
    }
}

/// <summary>How one key is: what its newest message says, or that it has no state any more. Valid until the reader goes on.</summary>
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

    /// <summary>The newest message of the key; a view of nothing where <see cref="IsRemoved"/>.</summary>
    public TView View { get; }

    /// <summary>Whether the key has no state any more.</summary>
    public bool IsRemoved { get; }
}

using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using Estream.Core;
using Estream.Map;
using Estream.Queue;
using Estream.Streams.Operators;

namespace Estream.Streams.Media;

/// <summary>
/// The end of a pipeline that joins the pieces of large objects. A commit stores the pieces in chunks, and then commits the read position
/// in one batch with the manifests of the complete objects.
/// </summary>
/// <remarks>
/// Before that batch, a commit stores a record of each changed object: its new state with the read position of the batch, and its previous
/// length. After a crash, the committed read position determines which of the two is valid. Each piece therefore counts once, and each
/// object is published once.
/// </remarks>
internal sealed class MediaEnd : PipelineEnd
{
    public const int ChunkBytes = 64 << 10;

    /// <summary>The maximum number of unfinished objects.</summary>
    public const int MaxOpen = 256;

    private const int MaxPieces = 256;

    // More slots than records: a record for each open object, and for each object that ends in a step. A step adds at most MaxPieces pieces
    // and the pieces of one more message, of which a circuit makes at most 1024.
    private const int Slots = 2048;
    private const int UsualBytes = 1 << 20;
    private const int MaxReasonBytes = 256;
    private const long NoMessage = -1;

    // Upper bounds for the bytes that a batch needs for each message in addition to the message itself, and for the read position.
    private const int MessageOverhead = 24;
    private const int PlaceOverhead = 1024;

    private const int MaxTextBytes = EsfMedia.MaxNameBytes + EsfMedia.MaxMediaTypeBytes;

    private static readonly long s_run = BitConverter.ToInt64(FileStorage.Instance.BootId.ToByteArray());

    private readonly EstreamQueue _output;
    private readonly ByteMap _store;
    private readonly MediaFields _fields;
    private readonly QueueAppender _appender;
    private readonly long _owner;
    private readonly int _maxChunks;
    private readonly Dictionary<string, MediaInProgress> _open = new(StringComparer.Ordinal);
    private readonly Dictionary<string, MediaInProgress>.AlternateLookup<ReadOnlySpan<char>> _openByName;

    // The objects that changed since the last commit, and the complete or abandoned objects among them. Both lists are ordered.
    private readonly List<MediaInProgress> _changed = [];
    private readonly List<MediaInProgress> _ended = [];
    private readonly Stack<int> _freeSlots = new(Slots);
    private readonly byte[] _record = new byte[MediaProgressRecord.FixedLength + MaxTextBytes + ChunkBytes];

    // The half of a batch for all results except the manifests after last pieces, and the maximum number of bytes that one source message
    // needs in this half.
    private readonly int _resultRoom;
    private readonly int _resultsOfMessage;
    private byte[] _bytes = new byte[ChunkBytes];
    private (int Length, long Time)[] _pieces = new (int, long)[MaxPieces];
    private ResultCount _results;
    private int _count;
    private int _used;
    private int _resultBytes;
    private bool _hasLast;
    private (int Count, int Used, int ResultBytes, bool HasLast) _mark;

    // The number of pieces added to objects since this end was opened.
    private long _lastPiece;

    // The position of the source message that yielded the last pieces.
    private long _begun = NoMessage;

    // The progress of a commit that failed: the pieces added to their objects; the object to which a piece is being added, and its length
    // before that piece; and the position of the batch if it was published.
    private int _added;
    private int _addedBytes;
    private MediaInProgress? _adding;
    private long _addingFrom;
    private long? _published;

    /// <param name="output">The queue of the manifests.</param>
    /// <param name="store">The store of the chunks.</param>
    /// <param name="fields">The fields of the pieces.</param>
    /// <param name="pipeline">The name of the pipeline.</param>
    /// <param name="maxBytes">The maximum length of a message with a piece.</param>
    /// <param name="routes">The maximum number of pieces from one source message.</param>
    /// <exception cref="ArgumentException">The manifests of the objects that one source message completes do not fit in a segment of the
    /// queue.</exception>
    public MediaEnd(EstreamQueue output, ByteMap store, MediaFields fields, string pipeline, int maxBytes, int routes)
    {
        (_output, _store, _fields, _owner) = (output, store, fields, OriginNumber.Of(pipeline));
        _openByName = _open.GetAlternateLookup<ReadOnlySpan<char>>();
        _resultRoom = (output.MaxMessageBytes - PlaceOverhead) / 2;
        _resultsOfMessage = (int)Math.Min(int.MaxValue, (long)routes * MaxResultBytes(maxBytes));
        int manifestBytes = (_resultRoom / routes) - MessageOverhead;
        _maxChunks = Math.Min(EsfMedia.MaxChunks,
            (manifestBytes - MediaManifestRecord.FixedLength - MaxTextBytes) / ChunkDigest.Bytes);
        if (_resultsOfMessage > _resultRoom || _maxChunks < ChunksOf(maxBytes))
        {
            throw new ArgumentException(
                $"The manifests of {routes} objects of up to {maxBytes} bytes do not fit in a segment of '{output.Directory}', which has "
                + $"{output.SegmentBytes} bytes. Create the queue with larger SegmentBytes, reduce the number of routes, or lower "
                + "'max_bytes'.", nameof(output));
        }

        _appender = output.CreateAppender();
    }

    public override ResultCount Results => _results;

    public override long BufferBytes => _bytes.Length + (_open.Count * (long)ChunkBytes);

    public override bool IsHolding => _count > 0 || _changed.Count > 0;

    public override QueueTailer OpenTailer(EstreamQueue queue, string name)
    {
        QueueTailer tailer = queue.CreateTailer(name, _output);
        try
        {
            Recover(tailer.Position);
            return tailer;
        }
        catch
        {
            tailer.Dispose();
            throw;
        }
    }

    /// <summary>Buffers a piece.</summary>
    /// <param name="message">A message with the fields of a piece, with a valid name.</param>
    /// <param name="source">The source message.</param>
    public void Write(ReadOnlySpan<byte> message, scoped in QueueMessage source)
    {
        if (source.Position != _begun)
        {
            (_begun, _mark) = (source.Position, (_count, _used, _resultBytes, _hasLast));
        }

        if (_bytes.Length - _used < message.Length)
        {
            Array.Resize(ref _bytes, Math.Max(_used + message.Length, 2 * _bytes.Length));
        }

        if (_count == _pieces.Length)
        {
            Array.Resize(ref _pieces, 2 * _count);
        }

        message.CopyTo(_bytes.AsSpan(_used));
        _pieces[_count++] = (message.Length, source.Time);
        _used += message.Length;
        _resultBytes += MaxResultBytes(message.Length);
        _hasLast |= _fields.Last is not null && _fields.Read(message).IsLast;
        SetFull();
    }

    /// <inheritdoc/>
    public override bool Refuse(QueueTailer tailer, long position)
    {
        // The message is read again and takes all its routes again, so the pieces of its earlier routes are discarded.
        if (position == _begun)
        {
            (_count, _used, _resultBytes, _hasLast) = _mark;
            _begun = NoMessage;
            SetFull();
        }

        return base.Refuse(tailer, position);
    }

    public override void Commit(QueueTailer tailer)
    {
        AddPieces();
        long position = tailer.Position;
        foreach (MediaInProgress changed in _changed)
        {
            if (changed.State == MediaProgressState.Complete)
            {
                changed.Chunks.StoreTail();
            }

            Put(changed, position);
        }

        Publish(tailer);
        Finish(position);
    }

    public override void StartOver(QueueTailer tailer) =>
        throw new NotSupportedException(
            $"The objects in '{_output.Directory}' cannot be discarded. Open the pipeline under another name, with another queue.");

    public override void Dispose()
    {
        _appender.Dispose();
        base.Dispose();
    }

    private static int ChunksOf(int bytes) => (bytes + ChunkBytes - 1) / ChunkBytes;

    // If the type has no 'last', each piece completes an object. Otherwise, a piece that is not the last can at most abandon an object.
    private int MaxResultBytes(int messageBytes)
    {
        int abandoned = MediaAbandonedRecord.FixedLength + EsfMedia.MaxNameBytes + MaxReasonBytes;
        int manifest = MediaManifestRecord.FixedLength + MaxTextBytes + (ChunksOf(messageBytes) * ChunkDigest.Bytes);
        return MessageOverhead + (_fields.Last is null ? Math.Max(abandoned, manifest) : abandoned);
    }

    // After a last piece, the batch may need its other half for a manifest of any length.
    private void SetFull() => IsFull = _hasLast || _count >= MaxPieces || _used >= UsualBytes
        || _resultBytes > _resultRoom - _resultsOfMessage;

    private void AddPieces()
    {
        for (; _added < _count; _added++)
        {
            (int length, long time) = _pieces[_added];
            MediaPiece piece = _fields.Read(_bytes.AsSpan(_addedBytes, length));
            _adding ??= ObjectOf(in piece, time);
            if (_adding is { } media)
            {
                media.LastPiece = ++_lastPiece;
                media.Chunks.Add(piece.Data[(int)(media.Chunks.Length - _addingFrom)..]);
                media.Pieces++;
                if (piece.IsLast)
                {
                    media.Complete();
                    End(media);
                }
            }

            _adding = null;
            _addedBytes += length;
        }
    }

    /// <summary>Returns the object to which to add a piece; null if the piece is ignored or its object is abandoned.</summary>
    private MediaInProgress? ObjectOf(in MediaPiece piece, long time)
    {
        Span<char> name = stackalloc char[EsfMedia.MaxNameBytes];
        name = name[..Encoding.UTF8.GetChars(piece.Name, name)];
        _ = _openByName.TryGetValue(name, out MediaInProgress? media);
        if (piece.Number == 0)
        {
            if (media is not null)
            {
                Abandon(media, "another piece 0 began the object again");
            }
            else if (_open.Count == MaxOpen)
            {
                Abandon(_open.Values.MinBy(open => open.LastPiece)!,
                    $"{MaxOpen} other objects began or got pieces since its last piece");
            }

            media = Begin(in piece, name.ToString(), time);
        }
        else if (media is null || piece.Number < media.Pieces)
        {
            return null;
        }
        else if (piece.Number > media.Pieces)
        {
            Abandon(media, string.Create(CultureInfo.InvariantCulture, $"piece {media.Pieces} is missing"));
            return null;
        }

        long most = (long)_maxChunks * media.Chunks.ChunkBytes;
        if (media.Chunks.Length + piece.Data.Length > most)
        {
            Abandon(media,
                string.Create(CultureInfo.InvariantCulture, $"the object is longer than {most} bytes; use a queue with larger segments"));
            return null;
        }

        MarkChanged(media);
        _addingFrom = media.Chunks.Length;
        return media;
    }

    // The record is stored before the first chunk. If this process crashes, the next opening removes the chunks of an object that was not
    // committed.
    private MediaInProgress Begin(in MediaPiece piece, string name, long time)
    {
        byte[] id = RandomNumberGenerator.GetBytes(MediaKeys.ObjectBytes);
        MediaInProgress media = new(
            new MediaChunks(_store, id, ChunkBytes), _freeSlots.Peek(), name, piece.Name.ToArray(), piece.MediaType.ToArray(), time);
        Put(media, long.MaxValue);
        _ = _freeSlots.Pop();
        _open.Add(name, media);
        return media;
    }

    private void Abandon(MediaInProgress media, string reason)
    {
        media.Abandon(reason);
        MarkChanged(media);
        End(media);
    }

    private void End(MediaInProgress media)
    {
        if (_open.TryGetValue(media.Name, out MediaInProgress? open) && open == media)
        {
            _ = _open.Remove(media.Name);
        }

        _ended.Add(media);
    }

    private void MarkChanged(MediaInProgress media)
    {
        if (!media.IsChanged)
        {
            media.IsChanged = true;
            _changed.Add(media);
        }
    }

    private void Put(MediaInProgress media, long position)
    {
        Span<byte> key = stackalloc byte[MediaKeys.ProgressKeyBytes];
        _store.Put(MediaKeys.OfProgress(media.Slot, key), _record.AsSpan(0, media.WriteProgress(_record, _owner, position, s_run)));
    }

    private void Publish(QueueTailer tailer)
    {
        bool isDurable = false;
        int bytes = 0;
        foreach (MediaInProgress ended in _ended)
        {
            isDurable |= ended.State == MediaProgressState.Complete;
            bytes += ended.ResultLength;
        }

        if (_published is null)
        {
            if (isDurable)
            {
                _store.Flush();
            }

            using BatchClaim batch = _appender.ClaimBatch(Math.Max(bytes, 1), Math.Max(_ended.Count, 1), tailer);
            foreach (MediaInProgress ended in _ended)
            {
                batch.Add(ended.WriteResult(batch.Span));
            }

            batch.Commit();
            _published = batch.Position;
            _results = _results.And(_ended.Count, bytes + _used);
        }

        // Finish removes the records next. If a power cut then lost the manifests, the objects could no longer be published. A quorum of
        // other machines does not have the chunks, so this machine must keep the manifests too.
        if (isDurable)
        {
            _output.WaitDurable(_published.Value);
            _output.WaitFlushed(_published.Value, CancellationToken.None);
        }
    }

    private void Finish(long position)
    {
        foreach (MediaInProgress changed in _changed)
        {
            changed.MarkCommitted(position);
        }

        foreach (MediaInProgress ended in _ended)
        {
            Remove(ended.Slot, ended.Chunks.Id, withChunks: ended.State == MediaProgressState.Abandoned);
        }

        // Not earlier: a repeated call removes the records again.
        foreach (MediaInProgress ended in _ended)
        {
            _freeSlots.Push(ended.Slot);
        }

        _changed.Clear();
        _ended.Clear();
        (_count, _used, _resultBytes, _hasLast, _mark, _begun) = (0, 0, 0, false, default, NoMessage);
        (_added, _addedBytes, _published) = (0, 0, null);
        SetFull();
    }

    // Removes the record last, so that the next opening finds it after a crash and removes the remaining chunks.
    private void Remove(int slot, ReadOnlySpan<byte> id, bool withChunks)
    {
        if (withChunks)
        {
            MediaChunks.Remove(_store, id);
        }

        Span<byte> key = stackalloc byte[MediaKeys.ProgressKeyBytes];
        _ = _store.Remove(MediaKeys.OfProgress(slot, key));
    }

    /// <summary>Restores the objects of the last run to their state at the committed read position.</summary>
    private void Recover(long committed)
    {
        List<(int Slot, byte[] Record)> records = ReadRecords();

        // A power cut can restore records that were removed, and read positions of another pipeline do not apply to this one.
        HashSet<string>? published = records.Count > 0
            && records.Exists(one => IsOfCrash(MediaProgressRecord.View.Of(one.Record))
                || MediaProgressRecord.View.Of(one.Record).Owner != _owner)
            ? MediaManifests.Ids(_output)
            : null;
        foreach ((int slot, byte[] bytes) in records)
        {
            MediaProgressRecord.View record = MediaProgressRecord.View.Of(bytes);
            byte[] id = record.Object.ToArray();
            bool isCommitted = record.Position <= committed;
            if (published?.Contains(Convert.ToHexStringLower(id)) is true)
            {
                Drop(slot, id, withChunks: false);
            }
            else if (record.Owner != _owner || (!isCommitted && record.EarlierPieces < 0))
            {
                Drop(slot, id, withChunks: true);
            }
            else if (isCommitted && record.State != MediaProgressState.Open)
            {
                Drop(slot, id, withChunks: record.State == MediaProgressState.Abandoned);
            }
            else
            {
                Continue(slot, id, in record, isCommitted, committed);
            }
        }

        foreach (MediaInProgress media in _open.Values.OrderBy(media => media.Position))
        {
            media.LastPiece = ++_lastPiece;
        }
    }

    /// <summary>Returns the records in all slots, and notes the free slots.</summary>
    private List<(int Slot, byte[] Record)> ReadRecords()
    {
        List<(int Slot, byte[] Record)> records = [];
        Span<byte> key = stackalloc byte[MediaKeys.ProgressKeyBytes];
        for (int slot = Slots - 1; slot >= 0; slot--)
        {
            if (_store.TryGet(MediaKeys.OfProgress(slot, key), out byte[]? record))
            {
                records.Add((slot, record));
            }
            else
            {
                _freeSlots.Push(slot);
            }
        }

        return records;
    }

    // Removes an object of the last run, and frees its slot.
    private void Drop(int slot, ReadOnlySpan<byte> id, bool withChunks)
    {
        Remove(slot, id, withChunks);
        _freeSlots.Push(slot);
    }

    // HostCrashed remains set, so a record of an earlier run of the machine may be stale.
    private bool IsOfCrash(in MediaProgressRecord.View record) => _store.HostCrashed && record.Run != s_run;

    private void Continue(int slot, byte[] id, in MediaProgressRecord.View record, bool isCommitted, long committed)
    {
        string name = Encoding.UTF8.GetString(record.Name);
        MediaChunks chunks = new(_store, id, record.ChunkBytes);
        MediaInProgress media = new(chunks, slot, name, record.Name.ToArray(), record.MediaType.ToArray(), record.Begun)
        {
            Pieces = isCommitted ? record.Pieces : record.EarlierPieces,
        };

        // The second condition: the queue of the results lost batches, and both states are newer than the committed read position.
        bool isUnsure = IsOfCrash(in record) || (!isCommitted && record.EarlierPosition > committed);
        bool isWhole = !isUnsure && TryLoad(chunks, id, in record, isCommitted ? record.TotalBytes : record.EarlierBytes);
        media.MarkCommitted(isCommitted ? record.Position : committed);
        if (!isWhole || !_open.TryAdd(name, media))
        {
            AbandonDamaged(media);
        }
        else if (!isCommitted)
        {
            Put(media, committed);
        }
    }

    // If many objects are damaged, one batch cannot hold all their records. The remaining objects are removed without a record.
    private void AbandonDamaged(MediaInProgress media)
    {
        _resultBytes += MaxResultBytes(0);
        if (_resultBytes > _resultRoom)
        {
            Drop(media.Slot, media.Chunks.Id, withChunks: true);
            return;
        }

        Abandon(media, "a power cut may have lost a part of the object");
    }

    // Added bytes never change. The earlier state is therefore a prefix of the later state.
    private bool TryLoad(MediaChunks chunks, ReadOnlySpan<byte> id, in MediaProgressRecord.View record, long length)
    {
        Span<byte> key = stackalloc byte[MediaKeys.ChunkKeyBytes];
        byte[] chunk = new byte[chunks.ChunkBytes];
        while (length - chunks.Length >= chunk.Length)
        {
            if (!_store.TryGet(MediaKeys.OfChunk(id, chunks.Count, key), chunk, out int stored).IsOk || stored != chunk.Length)
            {
                return false;
            }

            chunks.Adopt(chunk);
        }

        int rest = (int)(length - chunks.Length);
        if (rest == 0)
        {
            return true;
        }

        ReadOnlySpan<byte> tail = record.Tail;
        if (record.TotalBytes - tail.Length != chunks.Length)
        {
            tail = _store.TryGet(MediaKeys.OfChunk(id, chunks.Count, key), chunk, out int stored).IsOk ? chunk.AsSpan(0, stored) : default;
        }

        if (tail.Length < rest)
        {
            return false;
        }

        chunks.Add(tail[..rest]);
        return true;
    }
}

using System.Buffers;
using System.Security.Cryptography;
using Estream.Core;
using Estream.Esf;
using Estream.Queue;
using Estream.Queue.Internal;

namespace Estream.Wire;

/// <summary>
/// A queue that many connections write to: an exclusive appender behind a lock. A connection takes the lock once for all messages of a
/// read, through its <see cref="IngressWriter"/>. Thread-safe.
/// </summary>
public sealed class IngressSink : IDisposable
{
    private readonly Lock _lock = new();
    private readonly EstreamQueue _queue;
    private readonly QueueAppender _appender;
    private readonly BlockedState _blocked;
    private Durability _flushing;
    private readonly QueueMeter _meter;
    private readonly Dictionary<ulong, SealingBuffer> _sealing = [];
    private IAppendNote? _note;
    private MapFold[] _folds = [];
    private bool _hasNew;
    private bool _isMain;
    private bool _isSubLex;
    private long _messages;
    private long _bytes;
    private long _lastPosition;

    internal IngressSink(string name, EstreamQueue queue, IClock clock, SignatureRule? signatures = null)
    {
        ArgumentNullException.ThrowIfNull(queue);
        Name = name;
        Signatures = signatures;
        _queue = queue;
        _blocked = new BlockedState(Control, clock);
        _flushing = FlushingOf(queue);
        _appender = queue.CreateAppender(AppenderMode.Exclusive);
        Earlier = new PreexistingMessages(queue, _appender.NextPosition, _appender.NextSequence);

        // Who waits for the newest message of an earlier process waits for the whole log.
        _lastPosition = _appender.NextPosition - 1;
        _meter = new QueueMeter(name, () => Messages, () => Bytes, () => Failure is not null);
        IngressMetrics.Add(_meter);
    }

    /// <summary>The name of the queue.</summary>
    public string Name { get; }

    /// <summary>Whether new messages are encrypted.</summary>
    public bool IsEncrypted => _queue.HasKeys;

    /// <summary>The durability of acknowledged messages; see <see cref="QueueOptions.IngressDurability"/>.</summary>
    public Durability Durability => _queue.IngressDurability;

    /// <summary>The signatures that messages must have; null if the queue accepts unsigned messages.</summary>
    public SignatureRule? Signatures { get; }

    /// <summary>Why the queue is paused or the last write failed; null if neither.</summary>
    public EstreamStorageException? Failure => _blocked.Failure;

    /// <summary>Whether an append would be refused now. Requires the lock of the queue.</summary>
    internal bool MustWait => _blocked.MustWait;

    /// <summary>The number of messages appended by this object.</summary>
    public long Messages => Volatile.Read(ref _messages);

    /// <summary>The number of bytes in the messages appended by this object.</summary>
    public long Bytes => Volatile.Read(ref _bytes);

    /// <summary>Pauses and resumes the queue.</summary>
    internal IngressControl Control { get; } = new();

    /// <summary>The maximum length of a message in bytes.</summary>
    internal int MaxMessageBytes => _queue.MaxMessageBytes;

    /// <summary>The messages that earlier processes appended.</summary>
    internal PreexistingMessages Earlier { get; }

    /// <summary>The sequence number of the next message.</summary>
    internal long NextSequence
    {
        get
        {
            lock (_lock)
            {
                return _appender.NextSequence;
            }
        }
    }

    /// <summary>The queue, and the position of the last message appended. Before the first append, the last position of the log.</summary>
    internal (EstreamQueue Queue, long Position) Newest => (_queue, Volatile.Read(ref _lastPosition));

    /// <summary>Disposes the appender.</summary>
    public void Dispose()
    {
        lock (_lock)
        {
            _appender.Dispose();
            foreach (SealingBuffer buffer in _sealing.Values)
            {
                buffer.Dispose();
            }
        }

        IngressMetrics.Remove(_meter);
    }

    /// <summary>Prepares to store messages of a mapping. Private fields are sealed from now on.</summary>
    /// <exception cref="EsfKeyException">An audience of its private fields has no key.</exception>
    /// <exception cref="ArgumentException">The schema has tokenized fields and there is no vault; or the queue stores a
    /// sub-lex.</exception>
    /// <exception cref="WireConfigurationException">The queue requires signatures, and messages of the mapping cannot be
    /// signed.</exception>
    internal void Prepare(TopicMapping mapping, EsfAudienceKeys keys, IEsfTokenVault? vault)
    {
        EsfSchema schema = mapping.Schema;
        if (Signatures is { } rule && SignatureRule.WhyNot(mapping) is { } reason)
        {
            throw new WireConfigurationException(rule.Setting, $"Queue '{Name}' accepts signed messages only, but {reason}");
        }

        lock (_lock)
        {
            if (_isSubLex)
            {
                throw new ArgumentException(
                    $"Queue '{Name}' stores a sub-lex, which is kept apart from messages. Name another queue for the messages of {schema}.",
                    nameof(mapping));
            }

            _isMain = true;
            if (schema.IsProtected && !_sealing.ContainsKey(schema.Id))
            {
                _sealing.Add(schema.Id, new SealingBuffer(new EsfSealer(schema, keys, null, vault)));
            }
        }
    }

    /// <summary>Prepares to store the parts of messages in a sub-lex. The queue stores nothing else. So a thread that holds the lock of
    /// this queue takes no other lock, which rules out deadlocks.</summary>
    /// <exception cref="ArgumentException">The queue stores messages of a mapping.</exception>
    internal void PrepareSubLex()
    {
        lock (_lock)
        {
            if (_isMain)
            {
                throw new ArgumentException(
                    $"Queue '{Name}' stores messages of a mapping, and a sub-lex is kept apart from them. Name another queue for the "
                    + "sub-lex.");
            }

            _isSubLex = true;
        }
    }

    /// <summary>Whether the message at a position has a SHA-256. Also true if retention has deleted the position.</summary>
    /// <param name="position">The position that an <see cref="IAppendNote"/> received.</param>
    /// <param name="hash">The SHA-256 of the message that the <see cref="IAppendNote"/> received.</param>
    internal bool Has(long position, ReadOnlySpan<byte> hash)
    {
        using QueueTailer tailer = _queue.CreateTailer();
        try
        {
            return tailer.TrySeek(position) && tailer.TryPeek(out QueueMessage message) && message.Position == position
                && SHA256.HashData(message.Payload).AsSpan().SequenceEqual(hash);
        }
        catch (EstreamStorageException deleted) when (deleted.Reason == StorageFailure.NotFound)
        {
            return true;
        }
        catch (EstreamCorruptionException)
        {
            return false;
        }
    }

    /// <summary>
    /// The durability of an append, which never waits for a flush: a flush that failed inside an append would leave a message that is
    /// stored and reported as not stored. <see cref="IngressWriter.WaitDurableAsync"/> waits.
    /// </summary>
    internal static Durability FlushingOf(EstreamQueue queue) =>
        queue.IngressDurability == Durability.Every ? Durability.GroupCommit(TimeSpan.Zero, 1) : queue.IngressDurability;

    /// <summary>Registers a fold of this queue, which is told of appended messages.</summary>
    internal void Add(MapFold fold)
    {
        lock (_lock)
        {
            _folds = [.. _folds, fold];
        }
    }

    /// <summary>Removes a fold.</summary>
    internal void Remove(MapFold fold)
    {
        lock (_lock)
        {
            _folds = [.. _folds.Where(other => other != fold)];
        }
    }

    /// <summary>Takes over a changed <see cref="QueueOptions.IngressDurability"/> of the queue.</summary>
    internal void Adjust()
    {
        lock (_lock)
        {
            _flushing = FlushingOf(_queue);
        }
    }

    internal void Enter()
    {
        _lock.Enter();
    }

    /// <summary>Releases the lock. Then stores the appended messages in the maps of this queue.</summary>
    internal void Exit()
    {
        MapFold[] folds = _hasNew ? _folds : [];
        _hasNew = false;
        _lock.Exit();
        foreach (MapFold fold in folds)
        {
            fold.StoreAppended();
        }
    }

    /// <summary>Encodes a message in the memory of the queue. The caller holds the lock.</summary>
    /// <returns>False if the queue cannot be written now; the same call can succeed later.</returns>
    internal bool TryAppend(
        IngressRoute route, in WireMessage message, ReadOnlySpan<FieldCapture> captures, RawPayload raw, IAppendNote? note,
        out TranslateStatus status)
    {
        _note = note;
        TopicMapping mapping = route.Mapping;
        int room = Math.Min(mapping.EstimateLength(message), _queue.MaxMessageBytes);
        status = default;
        if (_blocked.MustWait)
        {
            return false;
        }

        try
        {
            if (mapping.Schema.IsProtected)
            {
                return TryAppendSealed(_sealing[mapping.Schema.Id], route, message, captures, raw, ref room, out status);
            }

            while (true)
            {
                using AppendClaim claim = _appender.Claim(room);
                _blocked.Clear();
                status = mapping.Translate(message, captures, raw, claim.Span, out int length);
                if (status.IsOk)
                {
                    return TryCommit(claim, length);
                }

                if (!status.IsDestinationTooSmall)
                {
                    return true;
                }

                if (room == _queue.MaxMessageBytes)
                {
                    status = TooLong();
                    return true;
                }

                room = (int)Math.Min(2L * room, _queue.MaxMessageBytes);
            }
        }
        catch (EstreamStorageException failure)
        {
            _blocked.Set(failure, room);
            status = default;
            return false;
        }
    }

    /// <summary>Appends an encoded message. The caller holds the lock.</summary>
    /// <returns>False if the queue cannot be written now; the same call can succeed later.</returns>
    internal bool TryAppend(ReadOnlySpan<byte> message, IAppendNote? note)
    {
        _note = note;
        if (_blocked.MustWait)
        {
            return false;
        }

        try
        {
            using AppendClaim claim = _appender.Claim(message.Length);
            _blocked.Clear();
            message.CopyTo(claim.Span);
            return TryCommit(claim, message.Length);
        }
        catch (EstreamStorageException failure)
        {
            _blocked.Set(failure, message.Length);
            return false;
        }
    }

    /// <summary>Appends encoded messages that become visible together. The caller holds the lock.</summary>
    /// <param name="messages">The messages, concatenated.</param>
    /// <param name="lengths">The length of each message; at least one, unless <paramref name="consumed"/> is given.</param>
    /// <param name="note">Receives the position and length of the first message before the batch is stored. Null for none.</param>
    /// <param name="position">The position of the first message; -1 if nothing was stored.</param>
    /// <param name="consumed">The tailer whose progress the batch commits, made for this queue. <paramref name="note"/> may move it. Null
    /// for none.</param>
    /// <returns>False if the queue cannot be written now; the same call can succeed later.</returns>
    /// <exception cref="ArgumentException">The batch does not fit in a segment.</exception>
    /// <exception cref="EstreamStorageException">The queue of <paramref name="consumed"/> cannot be read. Nothing was stored.</exception>
    internal bool TryAppendBatch(
        ReadOnlySpan<byte> messages, ReadOnlySpan<int> lengths, IAppendNote? note, out long position, QueueTailer? consumed = null)
    {
        position = -1;
        if (_blocked.MustWait)
        {
            return false;
        }

        int bytes = messages.Length;
        bool isNoting = false;
        try
        {
            using BatchClaim batch = consumed is null
                ? _appender.ClaimBatch(bytes, lengths.Length)
                : _appender.ClaimBatch(bytes, Math.Max(1, lengths.Length), consumed);
            _blocked.Clear();
            foreach (int length in lengths)
            {
                batch.Append(messages[..length]);
                messages = messages[length..];
            }

            isNoting = true;
            if (note?.TryNote(Name, batch.Position, lengths.IsEmpty ? 0 : lengths[0]) == false)
            {
                return false;
            }

            isNoting = false;
            batch.Commit(_flushing);
            position = batch.Position;
        }
        catch (EstreamStorageException failure) when (!isNoting || consumed is null)
        {
            _blocked.Set(failure, Math.Min(bytes, _queue.MaxMessageBytes));
            return false;
        }

        Volatile.Write(ref _lastPosition, position);
        Volatile.Write(ref _bytes, _bytes + bytes);
        Volatile.Write(ref _messages, _messages + lengths.Length);
        _hasNew = true;
        return true;
    }

    /// <summary>Waits until a takeover cannot lose a message of a queue that is acknowledged at a quorum; does not wait for other queues.
    /// Without this wait, another message could get the position of a lost one, and a reader that has stored the result of the lost
    /// message would skip it.</summary>
    /// <param name="queue">The queue, which this host writes and replicates.</param>
    /// <param name="position">The position of the message.</param>
    /// <param name="cancellation">Ends the wait.</param>
    /// <exception cref="EstreamException">Replication has failed, or another host has taken over the queue.</exception>
    internal static ValueTask WaitConfirmedAsync(EstreamQueue queue, long position, CancellationToken cancellation) =>
        queue.IngressDurability.NeedsQuorum ? queue.WaitQuorumAsync(position, cancellation) : ValueTask.CompletedTask;

    /// <summary>Creates a tailer whose progress is stored with the batches that this queue gets, so that a copy of the queue has the
    /// progress. On another host, the tailer continues where the batches end.</summary>
    /// <param name="source">The queue to read; may be this queue.</param>
    /// <param name="name">The name of the reader, unique among the readers of the source.</param>
    /// <param name="start">Where a new reader starts if this queue has no batch of it; null for the oldest message.</param>
    internal QueueTailer CreateConsumer(EstreamQueue source, string name, long? start)
    {
        string tailer = GroupOutput.AdapterPrefix + name;
        return source.CreateTailer(tailer, _queue, one => new GroupOutput(_queue, tailer).Find(one) ?? start);
    }

    /// <summary>Stores the progress of a tailer without a message. The caller does not hold the lock.</summary>
    /// <param name="consumer">A tailer of <see cref="CreateConsumer"/>.</param>
    /// <returns>False if the queue cannot be written now.</returns>
    internal bool TryStoreProgress(QueueTailer consumer)
    {
        Enter();
        try
        {
            return TryAppendBatch([], [], note: null, out _, consumer);
        }
        finally
        {
            Exit();
        }
    }

    /// <summary>Moves the start of the search for the batches of a tailer forward, before retention could delete the start. Call this
    /// method now and then while the tailer has no message.</summary>
    /// <param name="consumer">A tailer of <see cref="CreateConsumer"/>.</param>
    /// <exception cref="EstreamStorageException">A flush failed.</exception>
    internal void Refresh(QueueTailer consumer) => consumer.TransactionalConsumer?.Refresh(_queue.EndPosition());

    /// <summary>Encodes and seals a message for <see cref="TryAppendBatch"/>. The caller holds the lock.</summary>
    /// <param name="mapping">The mapping; its schema has private fields and no sub-lex.</param>
    /// <param name="message">The message.</param>
    /// <param name="raw">Converts raw payloads to JSON.</param>
    /// <param name="destination">Gets the message.</param>
    /// <param name="length">The length of the message; 0 after a failure.</param>
    internal TranslateStatus Seal(
        TopicMapping mapping, in WireMessage message, RawPayload raw, ArrayBufferWriter<byte> destination, out int length)
    {
        SealingBuffer buffer = _sealing[mapping.Schema.Id];
        length = 0;
        try
        {
            int room = Math.Min(mapping.EstimateLength(message), _queue.MaxMessageBytes);
            TranslateStatus status = buffer.Encode(mapping, message, [], raw, room, _queue.MaxMessageBytes, out int encoded);
            if (!status.IsOk)
            {
                return status.IsDestinationTooSmall ? TooLong() : status;
            }

            status = buffer.Seal(encoded, destination.GetSpan(buffer.MaxSealedLength(encoded)), out int written);
            length = status.IsOk ? written : 0;
            destination.Advance(length);
            return status;
        }
        finally
        {
            buffer.Clear();
        }
    }

    /// <summary>Encodes a message in private memory and seals it in the memory of the queue.</summary>
    /// <returns>False if the queue of a sub-lex cannot be written now.</returns>
    private bool TryAppendSealed(
        SealingBuffer buffer, IngressRoute route, in WireMessage message, ReadOnlySpan<FieldCapture> captures, RawPayload raw, ref int room,
        out TranslateStatus status)
    {
        try
        {
            status = buffer.Encode(route.Mapping, message, captures, raw, room, _queue.MaxMessageBytes, out int length);
            if (!status.IsOk)
            {
                status = status.IsDestinationTooSmall ? TooLong() : status;
                return true;
            }

            if (route.SubLexes.Length > 0)
            {
                return TryAppendParts(buffer, route, length, ref room, out status);
            }

            room = buffer.MaxSealedLength(length);
            if (room > _queue.MaxMessageBytes)
            {
                status = TooLong();
                return true;
            }

            using AppendClaim claim = _appender.Claim(room);
            _blocked.Clear();
            status = buffer.Seal(length, claim.Span, out int written);
            return !status.IsOk || TryCommit(claim, written);
        }
        finally
        {
            buffer.Clear();
        }
    }

    /// <summary>
    /// Seals a message and splits it. First claims the space of the message, so that a full disk is noticed before any append. Then
    /// appends the parts in sub-lexes, and commits the message last: a crash in between leaves no message with missing parts.
    /// </summary>
    private bool TryAppendParts(SealingBuffer buffer, IngressRoute route, int length, ref int room, out TranslateStatus status)
    {
        status = buffer.SealParts(length);
        if (!status.IsOk)
        {
            return true;
        }

        ReadOnlySpan<byte> main = buffer.Part(0);
        room = main.Length;
        IngressSink? tooSmall = room > _queue.MaxMessageBytes ? this : null;
        for (int i = 0; i < route.SubLexes.Length; i++)
        {
            tooSmall ??= buffer.Part(i + 1).Length > route.SubLexes[i]._queue.MaxMessageBytes ? route.SubLexes[i] : null;
        }

        if (tooSmall is not null)
        {
            status = tooSmall.TooLong();
            return true;
        }

        using AppendClaim claim = _appender.Claim(room);
        _blocked.Clear();
        for (int i = 0; i < route.SubLexes.Length; i++)
        {
            if (!route.SubLexes[i].TryAppendPart(buffer.Part(i + 1)))
            {
                return false;
            }
        }

        main.CopyTo(claim.Span);
        return TryCommit(claim, room);
    }

    /// <summary>Appends the part of a message in a sub-lex. The caller holds the lock of another queue.</summary>
    /// <returns>False if the queue cannot be written now.</returns>
    private bool TryAppendPart(ReadOnlySpan<byte> part)
    {
        if (part.IsEmpty)
        {
            return true;
        }

        lock (_lock)
        {
            if (_blocked.MustWait)
            {
                return false;
            }

            try
            {
                using AppendClaim claim = _appender.Claim(part.Length);
                _blocked.Clear();
                part.CopyTo(claim.Span);
                Commit(claim, part.Length);
                foreach (MapFold fold in _folds)
                {
                    fold.Wake();
                }

                return true;
            }
            catch (EstreamStorageException failure)
            {
                _blocked.Set(failure, part.Length);
                return false;
            }
        }
    }

    /// <returns>False if the position cannot be recorded beforehand.</returns>
    private bool TryCommit(AppendClaim claim, int length)
    {
        if (_note?.TryNote(Name, claim.Position, claim.Span[..length]) == false)
        {
            return false;
        }

        Commit(claim, length);
        return true;
    }

    private void Commit(AppendClaim claim, int length)
    {
        claim.Commit(length, _flushing);
        Volatile.Write(ref _lastPosition, claim.Position);
        Volatile.Write(ref _bytes, _bytes + length);
        Volatile.Write(ref _messages, _messages + 1);
        _hasNew = true;
    }

    internal TranslateStatus TooLong() =>
        TranslateStatus.Unfit(
            $"the message is longer than the {_queue.MaxMessageBytes} bytes that queue '{Name}' accepts; give it larger segments");

    /// <summary>Checks whether a queue that could not be written can be written now.</summary>
    internal void Retry()
    {
        if (_blocked.Failure is null || !_lock.TryEnter())
        {
            return;
        }

        try
        {
            _blocked.Retry(_appender);
        }
        finally
        {
            _lock.Exit();
        }
    }
}

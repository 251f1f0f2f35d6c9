using Estream.Core;
using Estream.Esf;
using Estream.Queue;

namespace Estream.Wire;

/// <summary>
/// One queue as many connections write to it: the exclusive appender behind one lock, which a connection takes once for all the
/// messages it has read, through its <see cref="IngressWriter"/>. Thread-safe.
/// </summary>
public sealed class IngressSink : IDisposable
{
    private readonly Lock _lock = new();
    private readonly EstreamQueue _queue;
    private readonly QueueAppender _appender;
    private readonly BlockedState _blocked;
    private readonly Durability _flushing;
    private readonly QueueMeter _meter;
    private readonly Dictionary<ulong, SealingBuffer> _sealing = [];
    private readonly HashSet<object> _feeders = [];
    private IAppendNote? _note;
    private bool _isMain;
    private bool _isSubLex;
    private long _messages;
    private long _bytes;
    private long _lastPosition;

    internal IngressSink(string name, EstreamQueue queue, IClock clock)
    {
        ArgumentNullException.ThrowIfNull(queue);
        Name = name;
        _queue = queue;
        _blocked = new BlockedState(clock);
        _flushing = FlushingOf(queue);
        _appender = queue.CreateAppender(AppenderMode.Exclusive);
        Earlier = new PreexistingMessages(queue, _appender.NextPosition);
        _meter = new QueueMeter(name, () => Messages, () => Bytes, () => Failure is not null);
        IngressMetrics.Add(_meter);
    }

    /// <summary>The queue's name.</summary>
    public string Name { get; }

    /// <summary>Whether what is appended from now on is encrypted.</summary>
    public bool IsEncrypted => _queue.HasKeys;

    /// <summary>What a message survives once it is acknowledged; see <see cref="QueueOptions.IngressDurability"/>.</summary>
    public Durability Durability => _queue.IngressDurability;

    /// <summary>Why the queue could not be written the last time; null when it could.</summary>
    public EstreamStorageException? Failure => _blocked.Failure;

    /// <summary>Messages appended since the sink was made.</summary>
    public long Messages => Volatile.Read(ref _messages);

    /// <summary>Bytes of those messages.</summary>
    public long Bytes => Volatile.Read(ref _bytes);

    /// <summary>What it held when this process began.</summary>
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

    /// <summary>The queue, and the position of the newest message that was appended to it.</summary>
    internal (EstreamQueue Queue, long Position) Newest => (_queue, Volatile.Read(ref _lastPosition));

    /// <summary>Has nothing be appended until it is called with null, as if the disk were full.</summary>
    internal void Pause(EstreamStorageException? reason) => _blocked.Pause = reason;

    /// <summary>Gives the append right back.</summary>
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

    /// <summary>Makes ready to store messages of a schema: where it has private fields, they are sealed from now on.</summary>
    /// <exception cref="EsfKeyException">An audience of its private fields has no key.</exception>
    /// <exception cref="ArgumentException">It has tokenized fields and there is no vault; or the queue takes a sub-lex.</exception>
    internal void Prepare(EsfSchema schema, EsfAudienceKeys keys, IEsfTokenVault? vault)
    {
        lock (_lock)
        {
            if (_isSubLex)
            {
                throw new ArgumentException(
                    $"Queue '{Name}' takes a sub-lex, which is kept apart from messages: name another queue for the messages of {schema}.",
                    nameof(schema));
            }

            _isMain = true;
            if (schema.IsProtected && !_sealing.ContainsKey(schema.Id))
            {
                _sealing.Add(schema.Id, new SealingBuffer(new EsfSealer(schema, keys, null, vault)));
            }
        }
    }

    /// <summary>Makes ready to take what messages keep in a sub-lex. Such a queue takes nothing else: who has locked it locks no other, so
    /// that nobody waits in a circle.</summary>
    /// <exception cref="ArgumentException">The queue takes messages of a mapping.</exception>
    internal void PrepareSubLex()
    {
        lock (_lock)
        {
            if (_isMain)
            {
                throw new ArgumentException(
                    $"Queue '{Name}' takes messages of a mapping, and a sub-lex is kept apart from them: name another queue for the "
                    + "sub-lex.");
            }

            _isSubLex = true;
        }
    }

    /// <summary>Notes that an adapter appends to this queue: by its name, or by an object of its own if it has given none.</summary>
    internal void AddFeeder(object adapter)
    {
        lock (_lock)
        {
            _feeders.Add(adapter);
        }
    }

    /// <summary>Whether this adapter, and no other, appends to this queue.</summary>
    internal bool IsFedOnlyBy(string adapter)
    {
        lock (_lock)
        {
            return _feeders.Count == 1 && _feeders.Contains(adapter);
        }
    }

    /// <summary>
    /// The durability of an append, which never waits for a flush: a flush that failed inside an append would leave a message that is
    /// stored and reported as not stored. <see cref="IngressWriter.WaitDurableAsync"/> waits.
    /// </summary>
    internal static Durability FlushingOf(EstreamQueue queue) =>
        queue.IngressDurability == Durability.Every ? Durability.GroupCommit(TimeSpan.Zero, 1) : queue.IngressDurability;

    internal void Enter()
    {
        _lock.Enter();
    }

    /// <summary>Lets the next connection in.</summary>
    internal void Exit()
    {
        _lock.Exit();
    }

    /// <summary>Encodes a message where it will stay. The caller is inside the lock.</summary>
    /// <returns>False when the queue cannot be written now: nothing was stored, and the same call can succeed later.</returns>
    internal bool TryAppend(
        IngressRoute route, in WireMessage message, ReadOnlySpan<FieldCapture> captures, RawPayload raw, IAppendNote? note,
        out TranslateStatus status)
    {
        _note = note;
        TopicMapping mapping = route.Mapping;
        int room = Math.Min(TopicMapping.EstimateLength(message), _queue.MaxMessageBytes);
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

    /// <summary>Encodes a message beside the queue and seals it where it will stay.</summary>
    /// <returns>False when the queue of a sub-lex cannot be written now.</returns>
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
    /// Seals a message and takes it apart. What it keeps in sub-lexes is appended first, so that a kill in between loses nothing that the
    /// message says there is; but its own place is claimed before, so that a full disk is seen before anything is appended.
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

    /// <summary>Appends what a message keeps in a sub-lex. The caller is inside the lock of another queue.</summary>
    /// <returns>False when the queue cannot be written now.</returns>
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
                return true;
            }
            catch (EstreamStorageException failure)
            {
                _blocked.Set(failure, part.Length);
                return false;
            }
        }
    }

    /// <returns>False when who wants to know of it beforehand cannot note it.</returns>
    private bool TryCommit(AppendClaim claim, int length)
    {
        if (_note?.TryNote(Name, claim.Position, length) == false)
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
    }

    private TranslateStatus TooLong() =>
        TranslateStatus.Unfit(
            $"the message is longer than the {_queue.MaxMessageBytes} bytes queue '{Name}' takes; give it larger segments");

    /// <summary>Looks whether a queue that could not be written can be now, though nobody sends.</summary>
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

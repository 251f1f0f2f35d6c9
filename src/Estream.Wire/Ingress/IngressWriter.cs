using System.Buffers;
using Estream.Core;
using Estream.Esf;
using Estream.Queue;

namespace Estream.Wire;

/// <summary>The outcome of storing a message.</summary>
public enum IngressStatus
{
    /// <summary>
    /// The message is in its queue and survives a crash of the process. Whether it survives a power cut depends on the durability of the
    /// queue: call <see cref="IngressWriter.WaitDurableAsync"/> before you acknowledge the message.
    /// </summary>
    Stored,

    /// <summary>The message is invalid, and was stored as a dead letter.</summary>
    DeadLettered,

    /// <summary>No mapping matches the topic. The message was stored as a dead letter.</summary>
    NotMapped,

    /// <summary>The queue cannot be written now, and nothing was stored. Stop reading, acknowledge nothing, and try again.</summary>
    Blocked,
}

/// <summary>
/// Stores the messages of one connection. Append the messages of a read, then call <see cref="Release"/>, so that the lock of a queue is
/// taken once per read. Not thread-safe; do not await between the first append and the release.
/// </summary>
public sealed class IngressWriter : IDisposable
{
    private const int MaxCachedTopicBytes = 1_024;
    private const string NotMapped = "no mapping covers this topic";

    private readonly IngressRoutes _routes;
    private readonly AdapterContext _context;
    private readonly AdapterEventLog _events;
    private readonly RawPayload _raw;
    private readonly EncodingBuffer _signed = new();
    private readonly FieldCapture[] _captures = new FieldCapture[TopicPattern.MaxCaptures];
    private readonly byte[] _topic = new byte[MaxCachedTopicBytes];
    private int _topicLength;
    private readonly Lock _undurableGate = new();
    private List<(EstreamQueue Queue, long Position)> _undurable = [];
    private List<(EstreamQueue Queue, long Position)> _awaited = [];
    private IngressRoute? _route;
    private IngressSink? _entered;

    // The state of the store times of the adapter. A turn begins with the first append after a release. The time of a message ends with
    // the wait for its flush if the queue is durable, otherwise with the next release.
    private long _turnStart;
    private int _turnMessages;
    private (long Start, int Messages) _unconfirmed;
    private (long Start, int Messages) _confirming;

    /// <summary>Creates the writer of one connection.</summary>
    public IngressWriter(IngressRoutes routes, AdapterContext context, AdapterEventLog events)
    {
        ArgumentNullException.ThrowIfNull(routes);
        ArgumentNullException.ThrowIfNull(context);
        ArgumentNullException.ThrowIfNull(events);
        _routes = routes;
        _context = context;
        _events = events;
        _raw = new RawPayload(context.Clock);
        NoteEarlier();
    }

    /// <summary>The stored topic of the last message, so that protocols need not validate the same bytes again.</summary>
    public ReadOnlySpan<byte> LastTopic => _topic.AsSpan(0, _topicLength);

    /// <summary>Why the last message was <see cref="IngressStatus.Blocked"/>.</summary>
    public EstreamStorageException? Failure { get; private set; }

    /// <summary>Receives the positions of the next messages before they are stored; null for none.</summary>
    internal IAppendNote? Note { get; set; }

    /// <summary>The arrival time of the next messages, in nanoseconds since 1970-01-01 UTC; null for the current time.</summary>
    internal long? ReceivedAt
    {
        get => _raw.ReceivedAt;
        set => _raw.ReceivedAt = value;
    }

    /// <summary>Whether the messages count in the store times of the adapter. If false, the adapter measures its messages itself.</summary>
    internal bool IsMeasured { get; init; } = true;

    /// <summary>The size of the buffers in bytes.</summary>
    internal int BufferedBytes => _raw.Capacity + _signed.Capacity;

    /// <summary>Stores a message in its queue or as a dead letter.</summary>
    public IngressStatus Append(in WireMessage message)
    {
        if (_routes.Sinks.Control?.Failure is { } paused)
        {
            Failure = paused;
            return IngressStatus.Blocked;
        }

        if (!message.Topic.SequenceEqual(LastTopic) || _topicLength == 0)
        {
            FindRoute(message.Topic);
        }

        if (_route is not { } route)
        {
            return DeadLetter(_routes.Redaction.OfUnmapped(message, NotMapped, out string why), why, NotMapped, IngressStatus.NotMapped);
        }

        ReadOnlySpan<FieldCapture> captures = _captures.AsSpan(0, route.Mapping.Pattern.CaptureCount);
        if (!TryAppend(route, message, captures, out TranslateStatus status))
        {
            Failure = route.Failure;
            return IngressStatus.Blocked;
        }

        if (status.IsOk)
        {
            NoteStored(route, 1);
            return IngressStatus.Stored;
        }

        return route.Mapping.Schema.IsProtected
                ? DeadLetter(LetterRedaction.OfPrivate(message, captures, status, out string reason), reason, status.Group,
                    IngressStatus.DeadLettered)
                : DeadLetter(_routes.Redaction.OfPublic(message, status, out string words), words, status.Group,
                    IngressStatus.DeadLettered);
    }

    /// <summary>Stores messages of one topic in one batch, which also stores the progress of a tailer. Neither a crash nor a takeover then
    /// repeats the messages. An invalid message becomes a dead letter. Messages that do not fit in one batch, that must be signed, or
    /// whose schema has a sub-lex, are stored one by one: a crash can repeat these messages.</summary>
    /// <param name="topic">The topic.</param>
    /// <param name="payloads">The payloads. Stored payloads are removed, so that another call continues if the queue is
    /// blocked.</param>
    /// <param name="consumed">A tailer of <see cref="IngressSink.CreateConsumer"/> of the queue of the topic, past the message that the
    /// payloads come from.</param>
    /// <param name="hasProgress">Whether a batch has stored the progress. If not, store it when no payload is left.</param>
    /// <returns>False if a queue cannot be written now.</returns>
    internal bool TryAppendAll(ReadOnlySpan<byte> topic, List<ReadOnlyMemory<byte>> payloads, QueueTailer consumed, out bool hasProgress)
    {
        hasProgress = false;
        if (_routes.Sinks.Control?.Failure is { } paused)
        {
            Failure = paused;
            return false;
        }

        FindRoute(topic);
        if (_route is not { Mapping.Schema.IsProtected: true, SubLexes.Length: 0, Sink.Signatures: null } route)
        {
            return TryAppendEach(topic, payloads);
        }

        Enter(route.Sink);
        if (route.Sink.MustWait)
        {
            Failure = route.Failure;
            return false;
        }

        ArrayBufferWriter<byte> sealedMessages = new();
        List<int> lengths = [];
        List<ReadOnlyMemory<byte>> invalid = [];
        foreach (ReadOnlyMemory<byte> payload in payloads)
        {
            if (route.Sink.Seal(route.Mapping, new WireMessage(topic, payload.Span), _raw, sealedMessages, out int length).IsOk)
            {
                lengths.Add(length);
            }
            else
            {
                invalid.Add(payload);
            }
        }

        try
        {
            if (lengths.Count > 0
                && !route.Sink.TryAppendBatch(sealedMessages.WrittenSpan, [.. lengths], note: null, out _, consumed))
            {
                Failure = route.Failure;
                return false;
            }
        }
        catch (ArgumentException)
        {
            return TryAppendEach(topic, payloads);
        }

        if (lengths.Count > 0)
        {
            NoteStored(route, lengths.Count);
            hasProgress = true;
            payloads.Clear();
            payloads.AddRange(invalid);
        }

        // Dead letters follow the batch: while the queue is blocked, each attempt would otherwise append the dead letters again.
        return TryAppendEach(topic, payloads);
    }

    /// <summary>
    /// Whether messages of a topic may be stored or relayed in plaintext. False if their schema has private fields. Also false if no
    /// mapping matches the topic but a mapping has private fields, because the topic may be misspelled.
    /// </summary>
    public bool CanStoreRaw(ReadOnlySpan<byte> topic)
    {
        if (!topic.SequenceEqual(LastTopic) || _topicLength == 0)
        {
            FindRoute(topic);
        }

        return _route is { } route ? !route.Mapping.Schema.IsProtected : !_routes.Redaction.HasPrivate;
    }

    /// <summary>
    /// Completes when every message that this writer has appended, and every message of an earlier process, is as durable as
    /// <see cref="QueueOptions.IngressDurability"/> of its queue promises. Call it after <see cref="Release"/> and before you acknowledge
    /// the messages. Completes synchronously, and costs one comparison, if no queue is durable. May run concurrently with
    /// <see cref="Append"/>, but not
    /// with another wait.
    /// </summary>
    /// <param name="cancellation">Cancels the wait, not the flush.</param>
    /// <exception cref="EstreamStorageException">A flush failed: acknowledge nothing that was appended since the last wait.</exception>
    /// <exception cref="OperationCanceledException">The wait was cancelled.</exception>
    public ValueTask WaitDurableAsync(CancellationToken cancellation = default)
    {
        return (_undurable.Count > 0 || _awaited.Count > 0) && TakeUndurable() ? WaitForAllAsync(cancellation) : default;
    }

    /// <summary>The blocking form of <see cref="WaitDurableAsync"/>.</summary>
    /// <param name="cancellation">Cancels the wait, not the flush.</param>
    /// <exception cref="EstreamStorageException">A flush failed: acknowledge nothing that was appended since the last wait.</exception>
    /// <exception cref="OperationCanceledException">The wait was cancelled.</exception>
    public void WaitDurable(CancellationToken cancellation = default)
    {
        if (TakeUndurable())
        {
            foreach ((EstreamQueue queue, long position) in _awaited)
            {
                queue.WaitDurable(position, cancellation);
            }

            EndWait();
        }
    }

    /// <summary>The queue for messages of a topic; null if no mapping matches it.</summary>
    internal IngressSink? SinkOf(ReadOnlySpan<byte> topic)
    {
        if (!topic.SequenceEqual(LastTopic) || _topicLength == 0)
        {
            FindRoute(topic);
        }

        return _route?.Sink;
    }

    /// <summary>Translates without storing. Private fields are plaintext in the result, so it must not be stored.</summary>
    public TranslateStatus Translate(in WireMessage message, Span<byte> destination, out int length)
    {
        FindRoute(message.Topic);
        if (_route is { } route)
        {
            return route.Mapping.Translate(
                message, _captures.AsSpan(0, route.Mapping.Pattern.CaptureCount), _raw, destination, out length);
        }

        length = 0;
        return TranslateStatus.NotMapped(NotMapped);
    }

    /// <summary>Releases the locks. Call it after the messages of a read, also after failures.</summary>
    public void Release()
    {
        Leave();
        EndTurn();
        _raw.Trim();
        _signed.Trim();
    }

    /// <summary>Releases the locks and frees the buffers.</summary>
    public void Dispose()
    {
        Release();
        _raw.Dispose();
    }

    /// <returns>False if the queue cannot be written now.</returns>
    private bool TryAppend(IngressRoute route, in WireMessage message, ReadOnlySpan<FieldCapture> captures, out TranslateStatus status)
    {
        if (route.Sink.Signatures is not { } rule)
        {
            Enter(route.Sink);
            return route.Sink.TryAppend(route, message, captures, _raw, Note, out status);
        }

        // Verification takes longer than an append, so it must not hold the lock of the queue.
        BeginTurn();
        Leave();
        status = _signed.Encode(route, message, captures, _raw, out ReadOnlySpan<byte> encoded);
        if (status.IsOk)
        {
            status = rule.Check(route.Mapping.Schema, encoded, _context.Clock.UtcNanos);
        }

        if (!status.IsOk)
        {
            return true;
        }

        Enter(route.Sink);
        return route.Sink.TryAppend(encoded, Note);
    }

    private bool TryAppendEach(ReadOnlySpan<byte> topic, List<ReadOnlyMemory<byte>> payloads)
    {
        while (payloads.Count > 0)
        {
            if (Append(new WireMessage(topic, payloads[0].Span)) == IngressStatus.Blocked)
            {
                return false;
            }

            payloads.RemoveAt(0);
        }

        return true;
    }

    private void FindRoute(ReadOnlySpan<byte> topic)
    {
        _route = null;
        foreach (IngressRoute route in _routes.All)
        {
            if (route.Mapping.Pattern.TryMatch(topic, _captures))
            {
                _route = route;
                break;
            }
        }

        _topicLength = topic.Length <= MaxCachedTopicBytes ? topic.Length : 0;
        topic[.._topicLength].CopyTo(_topic);
    }

    private void Enter(IngressSink sink)
    {
        if (_entered != sink)
        {
            BeginTurn();
            Leave();
            sink.Enter();
            _entered = sink;
        }
    }

    private void Leave()
    {
        _entered?.Exit();
        _entered = null;
    }

    private void BeginTurn()
    {
        if (_turnStart == 0)
        {
            _turnStart = _context.Clock.MonotonicNanos;
        }
    }

    private void EndTurn()
    {
        if (_turnMessages > 0)
        {
            _context.CountStored(_turnStart, _turnMessages);
        }

        (_turnStart, _turnMessages) = (0, 0);
    }

    private void EndWait()
    {
        _awaited.Clear();
        if (_confirming.Messages > 0)
        {
            _context.CountStored(_confirming.Start, _confirming.Messages);
            _confirming = default;
        }
    }

    private async ValueTask WaitForAllAsync(CancellationToken cancellation)
    {
        foreach ((EstreamQueue queue, long position) in _awaited)
        {
            await queue.WaitDurableAsync(position, cancellation).ConfigureAwait(false);
        }

        EndWait();
    }

    /// <summary>Takes the positions to wait for, including the positions that an earlier wait did not reach.</summary>
    /// <returns>Whether there are positions to wait for.</returns>
    private bool TakeUndurable()
    {
        lock (_undurableGate)
        {
            foreach ((EstreamQueue Queue, long Position) earlier in _awaited)
            {
                if (!_undurable.Exists(newer => ReferenceEquals(newer.Queue, earlier.Queue)))
                {
                    _undurable.Add(earlier);
                }
            }

            _awaited.Clear();
            (_undurable, _awaited) = (_awaited, _undurable);
            AddTo(ref _confirming, _unconfirmed.Start, _unconfirmed.Messages);
            _unconfirmed = default;
            return _awaited.Count > 0;
        }
    }

    /// <summary>
    /// Makes the first wait cover the messages of earlier processes. An adapter that finds its message among them acknowledges it without
    /// an append, but a process that was killed may not have flushed it.
    /// </summary>
    private void NoteEarlier()
    {
        NoteEarlier(_routes.Sinks.DeadLetters.Earlier);
        foreach (IngressRoute route in _routes.All)
        {
            NoteEarlier(route.Sink.Earlier);
            foreach (IngressSink subLex in route.SubLexes)
            {
                NoteEarlier(subLex.Earlier);
            }
        }
    }

    private void NoteEarlier(PreexistingMessages earlier)
    {
        if (earlier.Undurable is { } undurable)
        {
            NoteUndurable(undurable);
        }
    }

    private void NoteStored(IngressRoute route, int messages)
    {
        messages = IsMeasured ? messages : 0;
        bool isDurable = route.Sink.Durability.IsDurable;
        if (isDurable)
        {
            NoteUndurable(route.Sink.Newest, messages);
        }

        foreach (IngressSink subLex in route.SubLexes)
        {
            if (subLex.Durability.IsDurable)
            {
                NoteUndurable(subLex.Newest, isDurable ? 0 : messages);
                isDurable = true;
            }
        }

        _turnMessages += isDurable ? 0 : messages;
    }

    private void NoteUndurable((EstreamQueue Queue, long Position) newest, int messages = 0)
    {
        lock (_undurableGate)
        {
            AddTo(ref _unconfirmed, _turnStart, messages);
            for (int i = 0; i < _undurable.Count; i++)
            {
                if (ReferenceEquals(_undurable[i].Queue, newest.Queue))
                {
                    _undurable[i] = newest;
                    return;
                }
            }

            _undurable.Add(newest);
        }
    }

    // The oldest start counts for all messages.
    private static void AddTo(ref (long Start, int Messages) sum, long start, int messages)
    {
        if (messages > 0)
        {
            sum = (sum.Messages == 0 ? start : sum.Start, sum.Messages + messages);
        }
    }

    /// <summary>The name of the peer whose messages are appended, for dead letters; null if it is unknown.</summary>
    internal string? Peer { get; set; }

    private IngressStatus DeadLetter(in WireMessage message, string reason, string group, IngressStatus status)
    {
        string text = Peer is null ? reason : $"{reason} (from {Peer})";
        if (!_context.TryAppendDeadLetter(message, text, group, Note))
        {
            Failure = _routes.Sinks.DeadLetters.Failure;
            return IngressStatus.Blocked;
        }

        (EstreamQueue Queue, long Position) newest = _routes.Sinks.DeadLetters.Newest;
        if (newest.Queue.IngressDurability.IsDurable)
        {
            NoteUndurable(newest);
        }

        IngressMetrics.CountDeadLetter(_context.Name, status);
        _events.Report(AdapterEventKind.DeadLettered, $"A message went to the dead letters: {reason}.");
        return status;
    }
}

/// <summary>
/// Receives the position of a message just before it is stored. If an adapter records the position, it can find out after a crash whether
/// the message was stored. If so, it does not store a repeated message again.
/// </summary>
internal interface IAppendNote
{
    /// <summary>Records the position of a message.</summary>
    /// <param name="queue">The name of the queue; empty for dead letters.</param>
    /// <param name="position">The position.</param>
    /// <param name="length">The length of the message in bytes.</param>
    /// <returns>False if the position cannot be recorded now. Then the message is not stored, and the append can be tried again.</returns>
    bool TryNote(string queue, long position, int length);

    /// <summary>As the other overload, with the stored bytes of the message. Called for single messages of queues.</summary>
    /// <param name="queue">The name of the queue.</param>
    /// <param name="position">The position.</param>
    /// <param name="message">The message; valid until the call returns.</param>
    bool TryNote(string queue, long position, ReadOnlySpan<byte> message) => TryNote(queue, position, message.Length);
}

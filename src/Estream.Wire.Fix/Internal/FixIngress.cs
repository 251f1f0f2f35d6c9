using Estream.Core;
using Estream.Wire.Fix.Session;

namespace Estream.Wire.Fix.Internal;

/// <summary>Stores the messages of an adapter's sessions in queues. A MsgSeqNum counts as received once its message is in a
/// queue.</summary>
internal sealed class FixIngress : IFixApplication, IDisposable
{
    private const int RefSeqNum = 45;
    private const int Text = 58;
    private const int RefMsgType = 372;
    private const int BusinessRejectReason = 380;
    private const int MsgSeqNum = 34;
    private const int Other = 0;
    private const string BusinessMessageReject = "j";
    private const int MaxUnmappedPerMinute = 100;

    private readonly byte[] _types;
    private readonly Func<IngressWriter> _createWriter;
    private readonly AdapterContext _context;
    private readonly FixCounters _counters;
    private readonly FixFills? _fills;
    private readonly Lock _gate = new();
    private readonly Dictionary<FixSession, SessionState> _sessions = [];

    /// <param name="mappings">The message types to store.</param>
    /// <param name="createWriter">Creates a writer; called once per session.</param>
    /// <param name="context">The context of the adapter.</param>
    /// <param name="counters">The counters of the adapter.</param>
    /// <param name="fills">Records orders for reports of fills; null if the adapter sends no fills.</param>
    public FixIngress(IEnumerable<FixMapping> mappings, Func<IngressWriter> createWriter, AdapterContext context, FixCounters counters,
        FixFills? fills)
    {
        _context = context;
        _fills = fills;
        _types = [.. mappings.Select(mapping => (byte)mapping.MsgType[0])];
        _createWriter = createWriter;
        _counters = counters;
    }

    public FixVerdict OnMessage(FixSession session, in FixMessage message)
    {
        // A Business Message Reject of one of our messages goes to the dead letters for an operator. Answering it could loop forever.
        bool isRefusal = message.MsgType.SequenceEqual("j"u8);
        SessionState state = StateOf(session);
        if (!isRefusal && !IsMapped(message.MsgType))
        {
            return Refuse(session, state, message);
        }

        IngressStatus status = TryExpect(session, message) ? Store(state.Writer, message) : IngressStatus.Blocked;
        if (status == IngressStatus.Blocked)
        {
            // Nothing was stored. The message is offered again, and its MsgSeqNum counts as received once the message is stored.
            session.Hold();
            return FixVerdict.Accepted;
        }

        _counters.Receive(message.Bytes.Length);
        if (status == IngressStatus.Stored)
        {
            return FixVerdict.Accepted;
        }

        _counters.Reject();
        if (!isRefusal && FixPayload.Last is { Code: not TranslateCode.NotMapped } reason)
        {
            Answer(session, message, reason);
        }

        return FixVerdict.Accepted;
    }

    /// <inheritdoc/>
    public ValueTask SettleAsync(FixSession session, CancellationToken cancellation)
    {
        return StateOf(session).Writer.WaitDurableAsync(cancellation);
    }

    public void Dispose()
    {
        lock (_gate)
        {
            foreach (SessionState state in _sessions.Values)
            {
                state.Writer.Dispose();
            }

            _sessions.Clear();
        }
    }

    /// <summary>Keeps a message of an unmapped type as a dead letter. Many such messages, for example of market data, must not displace
    /// other dead letters. A message that cannot be stored does not block the orders of the session.</summary>
    private FixVerdict Refuse(FixSession session, SessionState state, in FixMessage message)
    {
        if (_context.Ingress.Control?.Failure is not null)
        {
            session.Hold();
            return FixVerdict.Accepted;
        }

        if (!state.Unmapped.TryTake(_context.Clock.MonotonicNanos, out _) || Store(state.Writer, message) == IngressStatus.Blocked)
        {
            _context.Rejections.Add("no mapping covers this message type", null, null, session.TargetCompId);
        }

        _counters.Receive(message.Bytes.Length);
        _counters.Reject();
        return FixVerdict.Unsupported;
    }

    private static IngressStatus Store(IngressWriter writer, in FixMessage message)
    {
        try
        {
            return writer.Append(new WireMessage(message.MsgType, message.Bytes));
        }
        finally
        {
            writer.Release();
        }
    }

    /// <summary>Records an order for later fills.</summary>
    /// <returns>False if the journal cannot be written now.</returns>
    private bool TryExpect(FixSession session, in FixMessage message)
    {
        try
        {
            _fills?.Expect(session, message);
            return true;
        }
        catch (EstreamStorageException)
        {
            return false;
        }
    }

    /// <summary>Sends a Business Message Reject that names the field at fault.</summary>
    private static void Answer(FixSession session, in FixMessage message, TranslateStatus reason)
    {
        FixMessageBuilder reject = new(BusinessMessageReject);
        if (message.Fields.TryGetNumber(MsgSeqNum, out long number))
        {
            reject.Add(RefSeqNum, number);
        }

        reject.Add(RefMsgType, message.MsgType).Add(BusinessRejectReason, Other)
            .Add(Text, reason.IsOk ? "the message is longer than its queue accepts" : reason.Describe(default));
        session.Send(reject);
    }

    // All translated message types are one letter.
    private bool IsMapped(ReadOnlySpan<byte> msgType)
    {
        return msgType.Length == 1 && _types.Contains(msgType[0]);
    }

    private SessionState StateOf(FixSession session)
    {
        lock (_gate)
        {
            if (!_sessions.TryGetValue(session, out SessionState? state))
            {
                state = new SessionState(_createWriter());
                state.Writer.Note = new Announcer(session, _context.Ingress.Run);
                _sessions.Add(session, state);
            }

            return state;
        }
    }

    /// <summary>The writer of a session, and its budget of dead letters of unmapped types.</summary>
    private sealed class SessionState(IngressWriter writer)
    {
        public IngressWriter Writer => writer;

        public EventLimit Unmapped { get; } = new(MaxUnmappedPerMinute);
    }

    /// <summary>Announces the queue position of a message in the journal of its session.</summary>
    private sealed class Announcer(FixSession session, long run) : IAppendNote
    {
        public bool TryNote(string queue, long position, int length)
        {
            try
            {
                session.Announce(new FixAnnouncement(queue, position, length, run));
                return true;
            }
            catch (EstreamStorageException)
            {
                return false;
            }
        }
    }
}

/// <summary>Checks announcements against the contents of an adapter's queues at its start.</summary>
internal sealed class FixQueues(IngressSinks sinks) : IFixQueues
{
    /// <remarks>Messages announced earlier in the same run were appended, because no crash came between.</remarks>
    public bool Has(in FixAnnouncement announcement) =>
        announcement.Run == sinks.Run || EarlierOf(announcement.Queue)?.Has(announcement.Position, announcement.Length) == true;

    public bool HasLost(in FixAnnouncement announcement) =>
        announcement.Run != sinks.Run && EarlierOf(announcement.Queue) is { } earlier && announcement.Position >= earlier.End;

    private PreexistingMessages? EarlierOf(string queue) =>
        queue.Length == 0 ? sinks.DeadLetters.Earlier : sinks.TryGet(queue, out IngressSink? sink) ? sink.Earlier : null;
}

/// <summary>Translates the payloads of one mapping. Keeps the last result per thread, for the answer to the counterparty.</summary>
internal sealed class FixPayload(FixTranslator translator) : IPayloadTranslator
{
    [ThreadStatic]
    private static TranslateStatus t_last;

    private readonly Lock _gate = new();

    /// <summary>The result of the last translation on this thread.</summary>
    public static TranslateStatus Last => t_last;

    public TranslateStatus Translate(in WireMessage message, Span<byte> destination, out int length)
    {
        lock (_gate)
        {
            t_last = translator.ToEsf(message.Payload, destination, out length);
        }

        return t_last;
    }
}

using Estream.Core;
using Estream.Wire.Fix.Session;

namespace Estream.Wire.Fix.Internal;

/// <summary>Takes the messages of an adapter's sessions into queues. A number counts as received when its message is in one.</summary>
internal sealed class FixIngress : IFixApplication, IDisposable
{
    private const int RefSeqNum = 45;
    private const int Text = 58;
    private const int RefMsgType = 372;
    private const int BusinessRejectReason = 380;
    private const int MsgSeqNum = 34;
    private const int Other = 0;
    private const string BusinessMessageReject = "j";

    private readonly byte[] _types;
    private readonly Func<IngressWriter> _createWriter;
    private readonly long _run;
    private readonly FixCounters _counters;
    private readonly FixFills? _fills;
    private readonly Lock _gate = new();
    private readonly Dictionary<FixSession, IngressWriter> _writers = [];

    /// <param name="mappings">The types that are stored.</param>
    /// <param name="createWriter">Creates the writer of a session.</param>
    /// <param name="run">The number of announcements; see <see cref="IngressSinks.Run"/>.</param>
    /// <param name="counters">The counters of the adapter.</param>
    /// <param name="fills">Reports fills; null if the adapter does not.</param>
    public FixIngress(IEnumerable<FixMapping> mappings, Func<IngressWriter> createWriter, long run, FixCounters counters, FixFills? fills)
    {
        _run = run;
        _fills = fills;
        _types = [.. mappings.Select(mapping => (byte)mapping.MsgType[0])];
        _createWriter = createWriter;
        _counters = counters;
    }

    public FixVerdict OnMessage(FixSession session, in FixMessage message)
    {
        // A refusal of what we have sent goes to the dead letters, where somebody sees it; to answer it would go on for ever.
        bool isRefusal = message.MsgType.SequenceEqual("j"u8);
        if (!isRefusal && !IsMapped(message.MsgType))
        {
            _counters.Receive(message.Bytes.Length);
            _counters.Reject();
            return FixVerdict.Unsupported;
        }

        IngressStatus status = TryExpect(session, message) ? Store(WriterOf(session), message) : IngressStatus.Blocked;
        if (status == IngressStatus.Blocked)
        {
            // Nothing was stored. The message is offered again, and counts when it is.
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
        return WriterOf(session).WaitDurableAsync(cancellation);
    }

    public void Dispose()
    {
        lock (_gate)
        {
            foreach (IngressWriter writer in _writers.Values)
            {
                writer.Dispose();
            }

            _writers.Clear();
        }
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

    /// <summary>Tells who reports fills of an order that there is one.</summary>
    /// <returns>False while the journal cannot be written.</returns>
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

    /// <summary>Says that a message was not taken, and which field is the reason.</summary>
    private static void Answer(FixSession session, in FixMessage message, TranslateStatus reason)
    {
        FixMessageBuilder reject = new(BusinessMessageReject);
        if (message.Fields.TryGetNumber(MsgSeqNum, out long number))
        {
            reject.Add(RefSeqNum, number);
        }

        reject.Add(RefMsgType, message.MsgType).Add(BusinessRejectReason, Other)
            .Add(Text, reason.IsOk ? "the message is longer than its queue takes" : reason.Describe(default));
        session.Send(reject);
    }

    // All that are translated have types of one letter.
    private bool IsMapped(ReadOnlySpan<byte> msgType)
    {
        return msgType.Length == 1 && _types.Contains(msgType[0]);
    }

    private IngressWriter WriterOf(FixSession session)
    {
        lock (_gate)
        {
            if (!_writers.TryGetValue(session, out IngressWriter? writer))
            {
                writer = _createWriter();
                writer.Note = new Announcer(session, _run);
                _writers.Add(session, writer);
            }

            return writer;
        }
    }

    /// <summary>Writes where a message will be into the journal of its session.</summary>
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

/// <summary>What the queues of an adapter hold at its start.</summary>
internal sealed class FixQueues(IngressSinks sinks) : IFixQueues
{
    /// <remarks>What an earlier adapter has announced in this run is appended: no crash came between.</remarks>
    public bool Has(in FixAnnouncement announcement) =>
        announcement.Run == sinks.Run || EarlierOf(announcement.Queue)?.Has(announcement.Position, announcement.Length) == true;

    public bool HasLost(in FixAnnouncement announcement) =>
        announcement.Run != sinks.Run && EarlierOf(announcement.Queue) is { } earlier && announcement.Position >= earlier.End;

    private PreexistingMessages? EarlierOf(string queue) =>
        queue.Length == 0 ? sinks.DeadLetters.Earlier : sinks.TryGet(queue, out IngressSink? sink) ? sink.Earlier : null;
}

/// <summary>The translator of one mapping. What it said last is kept for the thread that asked, which tells its counterparty.</summary>
internal sealed class FixPayload(FixTranslator translator) : IPayloadTranslator
{
    [ThreadStatic]
    private static TranslateStatus t_last;

    private readonly Lock _gate = new();

    /// <summary>What came of the last translation on this thread.</summary>
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

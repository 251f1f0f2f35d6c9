using Estream.Core;

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
    private readonly FixCounters _counters;
    private readonly FixFills? _fills;
    private readonly Lock _gate = new();
    private readonly Dictionary<FixSession, IngressWriter> _writers = [];

    public FixIngress(IEnumerable<FixMapping> mappings, Func<IngressWriter> createWriter, FixCounters counters, FixFills? fills)
    {
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
                _writers.Add(session, writer);
            }

            return writer;
        }
    }
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

using System.Buffers;
using System.Net.Sockets;
using System.Security.Authentication;
using Estream.Wire.Hl7.Acknowledgement;
using Estream.Wire.Hl7.Codec;
using Estream.Wire.Hl7.Translation;

namespace Estream.Wire.Hl7.Transport;

/// <summary>Serves one MLLP connection: one loop reads frames, stores their messages, waits until they are durable, and writes the
/// acknowledgements. Nothing is read while a message cannot be stored or an acknowledgement cannot be written.</summary>
internal sealed class Hl7Connection : ServedConnection
{
    private const int ResourcesPerLock = 64;
    private const int UnsupportedType = 200;
    private const int InvalidContent = 207;
    private const int RequiredFieldMissing = 101;
    private const int TableValueNotFound = 103;
    private const int InvalidStructure = 100;

    private readonly Hl7ListenerOptions _options;
    private readonly Hl7Services _services;
    private readonly IngressWriter _writer;
    private readonly Hl7Work _work;
    private readonly MllpBuffer _buffer;
    private readonly Hl7AckWriter _acks;
    private readonly TrialBuffer _trial = new();
    private readonly List<Hl7Resource> _plan = [];
    private readonly ArrayBufferWriter<byte> _replies = new();
    private int _next;
    private Hl7Outcome? _refusal;
    private bool _isPlanned;
    private bool _isChecked;
    private bool _hasFrame;

    public Hl7Connection(Socket socket, long number, Hl7ListenerOptions options, Hl7Services services)
        : base(socket, TimeSpan.FromSeconds(options.MessageSeconds), services.Events)
    {
        _options = options;
        _services = services;
        _writer = services.CreateWriter();
        _work = new Hl7Work(options.Limits);
        _buffer = new MllpBuffer(options.Limits.MaxMessageBytes, services.Budget);
        _acks = new Hl7AckWriter($"E{number % 1_000_000}-");
        services.Counters.Open();
    }

    private TimeSpan MessageLimit => TimeSpan.FromSeconds(_options.MessageSeconds);

    protected override void Release()
    {
        _services.Counters.Close();
        _writer.Dispose();
        _buffer.Dispose();
        _work.Text.Clear();
    }

    protected override void ReportLoss(Exception failure)
    {
        bool isExpected = failure is IOException or SocketException or ObjectDisposedException or AuthenticationException
            or OperationCanceledException;

        // The text of an unexpected exception may quote a message, so only its type is reported.
        Events.Report(
            AdapterEventKind.ConnectionFailed,
            isExpected
                ? $"The connection with {Peer} was lost: {failure.Message}"
                : $"The connection with {Peer} was closed after an error ({failure.GetType().Name}).");
    }

    protected override async Task ServeAsync()
    {
        TimeSpan idle = _options.IdleSeconds == 0 ? Timeout.InfiniteTimeSpan : TimeSpan.FromSeconds(_options.IdleSeconds);
        _writer.Peer = Identity?.CertificateName;
        using CancellationTokenSource message = CancellationTokenSource.CreateLinkedTokenSource(Closing);
        message.CancelAfter(idle);
        bool wasInFrame = false;
        while (true)
        {
            int count;
            try
            {
                count = await Stream.ReadAsync(_buffer.Space(), message.Token).ConfigureAwait(false);
            }
            catch (OperationCanceledException) when (!Closing.IsCancellationRequested)
            {
                Events.Report(
                    wasInFrame ? AdapterEventKind.ProtocolViolation : AdapterEventKind.Disconnected,
                    wasInFrame
                        ? $"{Peer} was disconnected: a message took longer than {_options.MessageSeconds} s (MessageSeconds)."
                        : $"{Peer} was disconnected: no message within {_options.IdleSeconds} s (IdleSeconds).");
                return;
            }

            if (count == 0)
            {
                Events.Report(
                    _buffer.IsInFrame ? AdapterEventKind.ProtocolViolation : AdapterEventKind.Disconnected,
                    _buffer.IsInFrame ? $"{Peer} closed the connection inside a message." : $"{Peer} closed the connection.");
                return;
            }

            _buffer.Add(count);
            _hasFrame = false;
            bool isOpen = await TakeFramesAsync().ConfigureAwait(false);
            await SettleAsync().ConfigureAwait(false);
            if (!isOpen)
            {
                return;
            }

            // The time of a message counts from its first byte, and the time between messages from the last message, so that a sender
            // of single bytes or blanks cannot extend either.
            if (!_buffer.IsInFrame)
            {
                if (_hasFrame)
                {
                    message.CancelAfter(idle);
                }
            }
            else if (!wasInFrame || _hasFrame)
            {
                message.CancelAfter(MessageLimit);
            }

            wasInFrame = _buffer.IsInFrame;
        }
    }

    /// <summary>Stores the messages of all complete frames.</summary>
    /// <returns>False if the peer violated the protocol.</returns>
    private async Task<bool> TakeFramesAsync()
    {
        while (true)
        {
            MllpStatus status = _buffer.TryTake(out ReadOnlyMemory<byte> frame);
            if (status == MllpStatus.Incomplete)
            {
                return true;
            }

            if (status != MllpStatus.Frame)
            {
                Refuse(status);
                return false;
            }

            _hasFrame = true;
            Establish();
            if (!TryHandle(frame) && !await HandleBlockedAsync(frame).ConfigureAwait(false))
            {
                return false;
            }
        }
    }

    /// <summary>Tries to store a message until its queues can be written, the sender has left, or the time of a message is over. In the
    /// latter cases the connection must end without an answer: the sender sends the message again on another connection, and a later
    /// attempt of this one would store it after newer messages.</summary>
    /// <returns>Whether the message was handled.</returns>
    private async Task<bool> HandleBlockedAsync(ReadOnlyMemory<byte> frame)
    {
        Events.Report(AdapterEventKind.StorageBlocked, $"Reading from {Peer} is paused: a queue cannot be written.");
        if (await RetryAsync(() => TryHandle(frame), MessageLimit, _services.Clock).ConfigureAwait(false))
        {
            return true;
        }

        Events.Report(
            AdapterEventKind.Disconnected, $"{Peer} was disconnected without an acknowledgement: a queue cannot be written.");
        return false;
    }

    private void Refuse(MllpStatus status)
    {
        string text = status switch
        {
            MllpStatus.NoStart => "a byte between two frames is not 0B",
            MllpStatus.StartInside => "a frame begins inside another frame",
            _ => $"a message is longer than {_options.Limits.MaxMessageBytes} bytes (MaxMessageBytes)",
        };
        _services.Counters.Refuse(text, peer: Peer);
        Events.Report(AdapterEventKind.ProtocolViolation, $"{Peer} was disconnected: {text}.");
        if (status == MllpStatus.TooLong)
        {
            _acks.WriteUnparsed(Hl7Outcome.Rejected(InvalidContent, text), Now(), WriteFrame);
        }
    }

    /// <summary>Stores the message of a frame, and notes its acknowledgement. Continues after the last stored resource if called again with
    /// the same frame.</summary>
    /// <returns>False if a queue cannot be written now.</returns>
    private bool TryHandle(ReadOnlyMemory<byte> frame)
    {
        Hl7Status status = _work.Parser.Parse(frame.Span, out Hl7Message message);
        if (status != Hl7Status.Ok)
        {
            Count(frame.Length, status.Describe());
            Events.Report(AdapterEventKind.ProtocolViolation, $"{Peer} sent an invalid message: {status.Describe()}.");
            _acks.WriteUnparsed(Hl7Outcome.Rejected(InvalidStructure, status.Describe()), Now(), WriteFrame);
            return true;
        }

        // An acknowledgement is not acknowledged; otherwise two systems could answer each other without end.
        ReadOnlySpan<byte> type = message.Header[9].Component(1);
        if (type.SequenceEqual("ACK"u8) || type.SequenceEqual("MCF"u8))
        {
            Count(frame.Length, refusal: null);
            return true;
        }

        if (!TryStore(frame, message, out Hl7Outcome outcome))
        {
            return false;
        }

        _services.Counters.CountMessage(frame.Length, outcome.IsAccepted);
        CountMessage(outcome.IsAccepted, _services.Clock.UtcNanos);
        _acks.Write(message, outcome, Now(), WriteFrame);
        return true;
    }

    /// <summary>Counts a message of which there is no dead letter.</summary>
    private void Count(int bytes, string? refusal)
    {
        _services.Counters.Receive(bytes);
        CountMessage(refusal is null, _services.Clock.UtcNanos);
        if (refusal is not null)
        {
            _services.Counters.Refuse(refusal, peer: Peer);
        }
    }

    private bool TryStore(ReadOnlyMemory<byte> frame, in Hl7Message message, out Hl7Outcome outcome)
    {
        outcome = default;
        ReadOnlySpan<byte> type = message.Header[9].Component(1);
        ReadOnlySpan<byte> trigger = message.Header[9].Component(2);
        if (!HeaderFields.IsName(type) || (!trigger.IsEmpty && !HeaderFields.IsName(trigger)))
        {
            outcome = Hl7Outcome.Rejected(
                UnsupportedType, "MSH-9 has no message type and trigger event of three capital letters or digits");
            _services.Counters.Rejections?.Add(outcome.Text, null, null, Peer);
            Events.Report(AdapterEventKind.ProtocolViolation, $"{Peer} sent an invalid message: {outcome.Text}.");
            return true;
        }

        if (Identity is { } peer && !Hl7Routing.Allows(peer, type, trigger))
        {
            outcome = Hl7Outcome.Rejected(UnsupportedType, "the message type and trigger event are not allowed to this peer");
            _services.Counters.Rejections?.Add(outcome.Text, null, null, Peer);
            Events.Report(AdapterEventKind.ProtocolViolation, $"A message of {Peer} was rejected: {outcome.Text} (Peers).");
            return true;
        }

        if (!_isPlanned)
        {
            _services.Routing.Plan(message, _writer, _plan);
            _next = 0;
            _refusal = null;
            _isPlanned = true;
            _isChecked = false;
        }

        try
        {
            _work.Enter(frame);
            if (!_isChecked)
            {
                KeepOnlyFirstUnfit(frame.Span, message);
                _isChecked = true;
            }

            if (!TryAppendPlan(frame.Span, message))
            {
                return false;
            }
        }
        finally
        {
            _work.Exit();
            _writer.Release();
        }

        _isPlanned = false;
        outcome = _plan.Count == 0 ? Hl7Outcome.Rejected(UnsupportedType, "no mapping covers the message type and trigger event")
            : _refusal ?? Hl7Outcome.Accepted;
        return true;
    }

    /// <summary>Translates all resources without storing them. If one does not fit its schema, only this one stays in the plan and becomes
    /// a dead letter, so that nothing of a refused message is stored, however often the sender repeats it.</summary>
    private void KeepOnlyFirstUnfit(ReadOnlySpan<byte> frame, in Hl7Message message)
    {
        if (_plan.Count < 2)
        {
            return;
        }

        Span<byte> topic = stackalloc byte[Hl7Routing.MaxTopicBytes];
        foreach (Hl7Resource resource in _plan)
        {
            int length = Hl7Routing.WriteTopic(message, resource, topic);
            if (!_trial.Fits(_writer, new WireMessage(topic[..length], frame)))
            {
                _plan.Clear();
                _plan.Add(resource);
                return;
            }
        }
    }

    private bool TryAppendPlan(ReadOnlySpan<byte> frame, in Hl7Message message)
    {
        Span<byte> topic = stackalloc byte[Hl7Routing.MaxTopicBytes];
        if (_plan.Count == 0)
        {
            int length = Hl7Routing.WriteTopic(message, default, topic);
            return _writer.Append(new WireMessage(topic[..length], frame)) != IngressStatus.Blocked;
        }

        for (; _next < _plan.Count; _next++)
        {
            int length = Hl7Routing.WriteTopic(message, _plan[_next], topic);
            IngressStatus status = _writer.Append(new WireMessage(topic[..length], frame));
            if (status == IngressStatus.Blocked)
            {
                return false;
            }

            if (status != IngressStatus.Stored)
            {
                _refusal ??= WhyNot(message, new WireMessage(topic[..length], frame));
            }

            if (_next % ResourcesPerLock == ResourcesPerLock - 1)
            {
                // Other connections append to the queue in between.
                _writer.Release();
            }
        }

        return true;
    }

    // Statuses of the translation contain no value of the message. The sender cannot see the dead letter.
    private Hl7Outcome WhyNot(in Hl7Message message, in WireMessage refused)
    {
        TranslateStatus status = _trial.Try(_writer, refused);
        string text = status.IsOk ? "a part of the message does not fit its schema" : status.Describe([]);
        int code = message.Header[10].IsEmpty ? RequiredFieldMissing
            : !Hl7CharacterSet.TryFind(message.Header[18].First.Bytes.Trim((byte)' '), out _) ? TableValueNotFound
            : InvalidContent;
        return Hl7Outcome.Error(code, text);
    }

    /// <summary>Waits until the stored messages are durable, then writes their acknowledgements.</summary>
    private async Task SettleAsync()
    {
        if (_replies.WrittenCount == 0)
        {
            return;
        }

        await _writer.WaitDurableAsync(Closing).ConfigureAwait(false);
        using CancellationTokenSource limit = CancellationTokenSource.CreateLinkedTokenSource(Closing);
        limit.CancelAfter(MessageLimit);
        await Stream.WriteAsync(_replies.WrittenMemory, limit.Token).ConfigureAwait(false);
        _replies.Clear();
    }

    private void WriteFrame(ReadOnlySpan<byte> message)
    {
        _replies.Write([MllpBuffer.Start]);
        _replies.Write(message);
        _replies.Write([MllpBuffer.End, (byte)'\r']);
    }

    private DateTimeOffset Now() => DateTimeOffset.UnixEpoch.AddTicks(_services.Clock.UtcNanos / TimeSpan.NanosecondsPerTick);
}

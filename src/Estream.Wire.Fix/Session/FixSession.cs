using Estream.Core;
using Estream.Wire.Fix.Codec;
using Estream.Wire.Fix.Dictionary;
using Estream.Wire.Fix.Session;

namespace Estream.Wire.Fix;

/// <summary>
/// The session protocol of FIX between two names: numbers, Logon and Logout, heartbeats, gaps and what fills them. It knows no socket
/// and no thread; a connection hands it messages and time. Thread-safe.
/// </summary>
public sealed partial class FixSession
{
    private const long NanosPerSecond = 1_000_000_000;
    private const int MinMessageBytes = 512;
    private const int MaxMessageBytes = 8 * 1024 * 1024;
    private const int MinFields = 32;

    private readonly FixSessionOptions _options;
    private readonly IFixStore _store;
    private readonly IFixApplication _application;
    private readonly IClock _clock;
    private readonly FixFieldIndex _index;
    private readonly FixValidator _validator;
    private readonly Lock _gate = new();

    // Messages that came too early, by number; null where the message was handled out of turn and only its number is waited for.
    private readonly SortedDictionary<long, byte[]?> _pending = [];

    private IFixOutput? _output;

    // Written inside the gate. Read outside of it too: who asks how things stand must not wait for an application that takes its time.
    private volatile State _state;
    private bool _isInitiator;
    private bool _hasSentReset;

    internal FixSession(FixSessionOptions options, IFixStore store, IFixApplication application, IClock clock)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(options.MaxMessageBytes, MinMessageBytes);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(options.MaxMessageBytes, MaxMessageBytes);
        ArgumentOutOfRangeException.ThrowIfLessThan(options.MaxFields, MinFields);
        ArgumentOutOfRangeException.ThrowIfNegative(options.HeartbeatSeconds);
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(options.MaxPendingMessages);
        ArgumentOutOfRangeException.ThrowIfNegative(options.MaxResendRequest);
        if (options.Schedule is { } schedule && schedule.StartDay.HasValue != schedule.EndDay.HasValue)
        {
            throw new ArgumentException("A weekly schedule needs StartDay and EndDay, a daily one neither.", nameof(options));
        }

        CheckLogon(options);
        _options = options;
        _store = store;
        _application = application;
        _clock = clock;
        _index = new FixFieldIndex(options.Protocol.DataTags, options.MaxFields);
        _resendIndex = new FixFieldIndex(options.Protocol.DataTags, options.MaxFields);
        _validator = new FixValidator(options.Protocol, new FixTolerance(options.AllowUserDefinedFields, options.AllowEmptyValues));
        _senderCompId = CompId(options.SenderCompId, nameof(options.SenderCompId));
        _targetCompId = CompId(options.TargetCompId, nameof(options.TargetCompId));
        AddIdentity(Tag.SenderSubId, options.SenderSubId);
        AddIdentity(Tag.TargetSubId, options.TargetSubId);
        AddIdentity(Tag.SenderLocationId, options.SenderLocationId);
        AddIdentity(Tag.TargetLocationId, options.TargetLocationId);
    }

    private enum State
    {
        Closed,
        AwaitingLogon,
        LoggedOn,
        LoggingOut,
    }

    /// <summary>The version it speaks.</summary>
    public FixProtocol Protocol => _options.Protocol;

    /// <summary>Our name.</summary>
    public string SenderCompId => _options.SenderCompId;

    /// <summary>The counterparty's name.</summary>
    public string TargetCompId => _options.TargetCompId;

    /// <summary>Whether messages can be sent now.</summary>
    public bool IsLoggedOn => _state == State.LoggedOn;

    internal FixSessionOptions Options => _options;

    internal FixSessionCounters Counters { get; } = new();

    /// <summary>MsgSeqNum of the next message that is expected; may be a moment old.</summary>
    internal long NextIncoming => _store.NextIncoming;

    /// <summary>MsgSeqNum of the next message that is sent; may be a moment old.</summary>
    internal long NextOutgoing => _store.NextOutgoing;

    /// <summary>Whether a connection belongs to it now.</summary>
    internal bool IsOpen => _state != State.Closed;

    /// <summary>Whether the header of a message names this session: its version, and both names from the other side.</summary>
    internal bool IsFor(in FixMessage message)
    {
        return message.Fields.Is(Tag.BeginString, _options.Protocol.BeginStringSpan)
            && message.Fields.Is(Tag.SenderCompId, _targetCompId)
            && message.Fields.Is(Tag.TargetCompId, _senderCompId);
    }

    /// <summary>A connection is there. The initiator's side logs on.</summary>
    /// <returns>Why the connection is refused, or null.</returns>
    internal string? Open(IFixOutput output, bool isInitiator)
    {
        lock (_gate)
        {
            if (_state != State.Closed)
            {
                return "The session has a connection already.";
            }

            if (!IsInHours)
            {
                return "The session is not open at this time.";
            }

            BeginInterval();
            _output = output;
            _isInitiator = isInitiator;
            _openedAt = _clock.MonotonicNanos;
            _state = State.AwaitingLogon;
            _lastReceived = _clock.MonotonicNanos;
            _testRequests = 0;
            if (isInitiator)
            {
                AskToLogOn();
            }

            return null;
        }
    }

    /// <summary>Takes a message whose frame is right.</summary>
    /// <param name="bytes">The message.</param>
    /// <param name="from">The connection it came by; nothing is taken from one that the session has left. Null: whichever it has.</param>
    internal void Receive(ReadOnlySpan<byte> bytes, IFixOutput? from = null)
    {
        lock (_gate)
        {
            if (_state == State.Closed || (from is not null && from != _output))
            {
                return;
            }

            Counters.Receive();
            _lastReceived = _clock.MonotonicNanos;
            _testRequests = 0;
            _index.Parse(bytes);
            Judge(new FixMessage(bytes, _index));
            Drain();

            // While the application had it nothing was read: that was no silence of the counterparty.
            _lastReceived = _clock.MonotonicNanos;
        }
    }

    /// <summary>Something came that was garbled. It is ignored, but nobody logs on with it, and what is too long would be too long
    /// again.</summary>
    internal void ReceiveGarbled(FixGarbled why)
    {
        lock (_gate)
        {
            Counters.Garble(why);
            if (_state == State.AwaitingLogon)
            {
                Close($"What came before a Logon was garbled ({why}).");
            }
            else if (_state != State.Closed && why == FixGarbled.TooLong)
            {
                // Passed over in silence its number would be missing for ever, and everything behind it would wait.
                CloseWith($"A message is longer than {_options.MaxMessageBytes} bytes");
            }
        }
    }

    /// <summary>A connection has ended.</summary>
    /// <param name="from">Which; the session may belong to the next one already. Null: whichever it has.</param>
    internal void Disconnected(IFixOutput? from = null)
    {
        lock (_gate)
        {
            if (from is null || from == _output)
            {
                Close("The connection was lost.");
            }
        }
    }

    private static char TypeOf(in FixMessage message)
    {
        return message.MsgType.Length == 1 ? (char)message.MsgType[0] : '\0';
    }

    /// <summary>What has to be right before it matters whether a message is in turn.</summary>
    private void Judge(in FixMessage message)
    {
        if (_state == State.AwaitingLogon && TypeOf(message) != MsgTypes.Logon)
        {
            Close("The first message was no Logon.");
            return;
        }

        bool hasNumber = message.Fields.TryGetNumber(Tag.MsgSeqNum, out long number) && number >= 0;
        if (!message.Fields.Is(Tag.BeginString, _options.Protocol.BeginStringSpan))
        {
            OnWrongVersion(message, hasNumber ? number : 0);
            return;
        }

        if (!hasNumber && _state != State.AwaitingLogon)
        {
            CloseWith("MsgSeqNum missing");
            return;
        }

        _lastNumber = number;
        FixFault fault = HeaderFault(message);
        if (!fault.IsFault)
        {
            Dispatch(message, number);
        }
        else if (_state == State.AwaitingLogon)
        {
            Close($"The Logon was refused: {fault}.");
        }
        else
        {
            Reject(message, number, fault);
            if (fault.Reason is FixRejectReason.CompIdProblem or FixRejectReason.SendingTimeAccuracy)
            {
                StartLogout(null);
            }
        }
    }

    private void Dispatch(in FixMessage message, long number)
    {
        switch (TypeOf(message))
        {
            case MsgTypes.Logon:
                OnLogon(message, number);
                break;
            case MsgTypes.Logout:
                OnLogout(number);
                break;
            case MsgTypes.ResendRequest:
                OnResendRequest(message, number);
                break;
            case MsgTypes.SequenceReset:
                OnSequenceReset(message, number);
                break;
            default:
                if (IsInTurn(message, number))
                {
                    Take(message, number);
                }

                break;
        }
    }

    private FixFault HeaderFault(in FixMessage message)
    {
        foreach (int tag in (ReadOnlySpan<int>)[Tag.SenderCompId, Tag.TargetCompId, Tag.SendingTime])
        {
            if (!message.Fields.TryGet(tag, out ReadOnlySpan<byte> value))
            {
                return FixFault.Of(FixRejectReason.RequiredTagMissing, tag);
            }

            if (value.IsEmpty)
            {
                return FixFault.Of(FixRejectReason.EmptyValue, tag);
            }
        }

        if (!message.Fields.TryGetTime(Tag.SendingTime, out long time))
        {
            return FixFault.Of(FixRejectReason.IncorrectFormat, Tag.SendingTime);
        }

        if (Math.Abs(_clock.UtcNanos - time) > _options.MaxLatencySeconds * NanosPerSecond)
        {
            return FixFault.Of(FixRejectReason.SendingTimeAccuracy);
        }

        // The counterparty's sender is our target.
        bool isForUs = message.Fields.Is(Tag.SenderCompId, _targetCompId) && message.Fields.Is(Tag.TargetCompId, _senderCompId);
        return isForUs ? FixFault.None : FixFault.Of(FixRejectReason.CompIdProblem);
    }

    private void OnWrongVersion(in FixMessage message, long number)
    {
        if (_state == State.AwaitingLogon)
        {
            Close("The Logon was one of another version.");
        }
        else if (TypeOf(message) == MsgTypes.Logout)
        {
            OnLogout(number);
        }
        else
        {
            Count(number);
            StartLogout("Incorrect BeginString");
        }
    }

    /// <summary>A message of the session that is only an answer, or one of the application, in turn.</summary>
    private void Take(in FixMessage message, long number)
    {
        FixFault fault = _validator.Validate(message);
        if (fault.IsFault)
        {
            Reject(message, number, fault);
            return;
        }

        switch (TypeOf(message))
        {
            case MsgTypes.Heartbeat:
                break;
            case MsgTypes.Reject:
                Counters.BeRefused();
                break;
            case MsgTypes.TestRequest:
                bool hasId = message.Fields.TryGet(Tag.TestReqId, out ReadOnlySpan<byte> id);
                SendHeartbeat(hasId, id);
                break;
            default:
                if (!TryHandOver(message, number))
                {
                    return;
                }

                break;
        }

        Count(number);
    }

    /// <summary>Gives a message to the application.</summary>
    /// <returns>False where it cannot take it now: the message is held, and does not count yet.</returns>
    private bool TryHandOver(in FixMessage message, long number)
    {
        FixVerdict verdict = _application.OnMessage(this, message);
        if (_isHeld)
        {
            KeepHeld(message, number);
            return false;
        }

        bool isRefusal = message.MsgType.SequenceEqual("j"u8);
        if (isRefusal)
        {
            Counters.BeRefused();
        }

        // A refusal is answered by nobody: the counterparty would refuse that in its turn, and so on for ever.
        if (verdict == FixVerdict.Unsupported && !isRefusal)
        {
            RejectType(message, number);
        }

        return true;
    }

    /// <summary>Says that a message was received, if it was the next.</summary>
    private void Count(long number)
    {
        if (number == _store.NextIncoming)
        {
            Expect(number + 1);
        }
    }

    private void Expect(long next)
    {
        _store.Advance(next);
        _waitsSince = _waitsSince == 0 ? 0 : _clock.MonotonicNanos;
        if (next > _gapEnd)
        {
            _gapEnd = 0;
            _waitsSince = 0;
        }
    }

    private void Close(string why)
    {
        if (_state == State.Closed)
        {
            return;
        }

        bool wasLoggedOn = _state is State.LoggedOn or State.LoggingOut;
        IFixOutput? output = _output;
        _state = State.Closed;
        _output = null;
        ForgetGaps();
        ForgetHeld();
        output?.Close(why);
        if (_options.ResetOnDisconnect)
        {
            _store.Reset(_clock.UtcNanos);
        }

        if (wasLoggedOn)
        {
            _application.OnLogout(this);
        }
    }
}

using Estream.Core;
using Estream.Wire.Fix.Codec;
using Estream.Wire.Fix.Dictionary;
using Estream.Wire.Fix.Session;

namespace Estream.Wire.Fix;

/// <summary>A FIX session between two CompIDs: sequence numbers, Logon and Logout, heartbeats, resends and gap fills. It has no socket and
/// no thread; a connection passes messages and ticks to it. Thread-safe.</summary>
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

    // Messages with a MsgSeqNum higher than expected, by number; null if the message was handled out of sequence and only its number is
    // pending.
    private readonly SortedDictionary<long, byte[]?> _pending = [];

    private IFixOutput? _output;

    // Written under the lock, but also read without the lock: a status query must not wait for a slow application.
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
            throw new ArgumentException("A weekly schedule needs StartDay and EndDay; a daily schedule has neither.", nameof(options));
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

    /// <summary>The FIX version and dictionaries of the session.</summary>
    public FixProtocol Protocol => _options.Protocol;

    /// <summary>Our CompID.</summary>
    public string SenderCompId => _options.SenderCompId;

    /// <summary>The CompID of the counterparty.</summary>
    public string TargetCompId => _options.TargetCompId;

    /// <summary>Whether messages can be sent now.</summary>
    public bool IsLoggedOn => _state == State.LoggedOn;

    internal FixSessionOptions Options => _options;

    internal FixSessionCounters Counters { get; } = new();

    /// <summary>MsgSeqNum of the next expected message; may be slightly stale.</summary>
    internal long NextIncoming => _store.NextIncoming;

    /// <summary>MsgSeqNum of the next message to send; may be slightly stale.</summary>
    internal long NextOutgoing => _store.NextOutgoing;

    /// <summary>Whether the session has a connection.</summary>
    internal bool IsOpen => _state != State.Closed;

    /// <summary>Whether the header of a message matches this session: its version and, swapped, its CompIDs.</summary>
    internal bool IsFor(in FixMessage message)
    {
        return message.Fields.Is(Tag.BeginString, _options.Protocol.BeginStringSpan)
            && message.Fields.Is(Tag.SenderCompId, _targetCompId)
            && message.Fields.Is(Tag.TargetCompId, _senderCompId);
    }

    /// <summary>Attaches a connection. An initiator sends its Logon.</summary>
    /// <returns>Why the connection is refused, or null.</returns>
    internal string? Open(IFixOutput output, bool isInitiator)
    {
        lock (_gate)
        {
            if (_state != State.Closed)
            {
                return "The session already has a connection.";
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

    /// <summary>Processes a message with a valid frame.</summary>
    /// <param name="bytes">The message.</param>
    /// <param name="from">The connection the message came from; a message from a connection other than the current connection is ignored.
    /// Null for the current connection.</param>
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

            // Nothing was read while the application handled the message, so that time does not count as silence of the counterparty.
            _lastReceived = _clock.MonotonicNanos;
        }
    }

    /// <summary>Handles garbled bytes. Garbled bytes are ignored, except before a Logon, or if a message was too long: a resend would be
    /// too long again.</summary>
    internal void ReceiveGarbled(FixGarbled why)
    {
        lock (_gate)
        {
            Counters.Garble(why);
            if (_state == State.AwaitingLogon)
            {
                Close($"The data before the Logon was garbled ({why}).");
            }
            else if (_state != State.Closed && why == FixGarbled.TooLong)
            {
                // If the message were ignored, its MsgSeqNum would stay missing forever and all later messages would stay pending.
                CloseWith($"A message is longer than {_options.MaxMessageBytes} bytes");
            }
        }
    }

    /// <summary>Handles the end of a connection.</summary>
    /// <param name="from">The connection that ended; ignored if the session has another connection by then. Null for the current
    /// connection.</param>
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

    /// <summary>Checks the header before the sequence number is evaluated.</summary>
    private void Judge(in FixMessage message)
    {
        if (_state == State.AwaitingLogon && TypeOf(message) != MsgTypes.Logon)
        {
            Close("The first message was not a Logon.");
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

        // The counterparty's SenderCompID is our TargetCompID.
        bool isForUs = message.Fields.Is(Tag.SenderCompId, _targetCompId) && message.Fields.Is(Tag.TargetCompId, _senderCompId);
        return isForUs ? FixFault.None : FixFault.Of(FixRejectReason.CompIdProblem);
    }

    private void OnWrongVersion(in FixMessage message, long number)
    {
        if (_state == State.AwaitingLogon)
        {
            Close("The Logon has another BeginString.");
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

    /// <summary>Processes an application message, Heartbeat, TestRequest or Reject that is in sequence.</summary>
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

    /// <summary>Passes a message to the application.</summary>
    /// <returns>False if the application cannot accept it now. The message is then held and does not count yet.</returns>
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

        // A Business Message Reject is never answered with another one, which could loop forever.
        if (verdict == FixVerdict.Unsupported && !isRefusal)
        {
            RejectType(message, number);
        }

        return true;
    }

    /// <summary>Counts a message as received if its MsgSeqNum was the expected number.</summary>
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

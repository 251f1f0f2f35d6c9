using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using Estream.Wire.Fix.Codec;
using Estream.Wire.Fix.Session;

namespace Estream.Wire.Fix;

// Logon and Logout.
public sealed partial class FixSession
{
    /// <summary>Sends a Logout. The connection ends when the answer arrives, or after LogoutTimeoutSeconds.</summary>
    /// <param name="text">Text (58) with the reason; null for none.</param>
    public void LogOut(string? text = null)
    {
        lock (_gate)
        {
            if (_state == State.LoggedOn)
            {
                StartLogout(text);
            }
        }
    }

    /// <summary>Checks that the protocol's Logon has the fields that options add to it.</summary>
    private static void CheckLogon(FixSessionOptions options)
    {
        Require(options.SendsNextExpectedMsgSeqNum, Tag.NextExpectedMsgSeqNum, nameof(options.SendsNextExpectedMsgSeqNum));
        Require(options.Username is not null, Tag.Username, nameof(options.Username));
        string password = options.PasswordFile is null ? nameof(options.PasswordEnv) : nameof(options.PasswordFile);
        Require(FixPassword.IsWanted(options), Tag.Password, password);
        if (options is { PasswordFile: not null, PasswordEnv: not null })
        {
            throw new ArgumentException("PasswordFile and PasswordEnv are both set; keep one.", nameof(options));
        }

        if (FixPassword.IsWanted(options) && options.Username is null)
        {
            throw new ArgumentException($"{password} needs Username.", nameof(options));
        }

        if (options.Username is { } username)
        {
            CompId(username, nameof(options.Username));
        }

        if (options.PeerCertificateName is { } name && Uri.CheckHostName(name) != UriHostNameType.Dns)
        {
            throw new ArgumentException(
                $"PeerCertificateName '{name}' is not accepted; write a DNS name, such as desk.example.",
                nameof(options));
        }

        void Require(bool isSet, int tag, string option)
        {
            if (isSet && options.Protocol.Transport.Message("A"u8)?.Body.TryGet(tag, out _) != true)
            {
                throw new ArgumentException($"{option} needs field {tag}, which a Logon of {options.Protocol.BeginString} does not have.",
                    nameof(options));
            }
        }
    }

    private void OnLogon(in FixMessage message, long number)
    {
        bool isReset = message.Fields.Is(Tag.ResetSeqNumFlag, "Y"u8);
        bool isFirst = _state == State.AwaitingLogon;
        bool isAnswer = isFirst && _isInitiator;
        FixFault fault = _validator.Validate(message);
        if (fault.IsFault || !TryHeartbeat(message, out long heartbeat))
        {
            Close($"A Logon was refused: {(fault.IsFault ? fault.ToString() : "its encryption or heartbeat interval is not accepted")}.");
            return;
        }

        if (!_isInitiator && !IsWhoItSays(message))
        {
            Close("A Logon was refused: its Username or Password is wrong.");
            return;
        }

        if (Protocol.DefaultApplVerId is { } applVerId && !message.Fields.Is(Tag.DefaultApplVerId, Encoding.ASCII.GetBytes(applVerId)))
        {
            CloseWith($"DefaultApplVerID (1137) must be {applVerId}");
            return;
        }

        if ((!isFirst && !isReset) || (isReset && number != 1))
        {
            Close("An unexpected Logon was received.");
            return;
        }

        bool isAgreed = isAnswer && _hasSentReset;
        if ((isReset && !isAgreed) || (!_isInitiator && isFirst && _options.ResetOnLogon))
        {
            _store.Reset(_clock.UtcNanos);
            ForgetGaps();
        }

        if (number < _store.NextIncoming)
        {
            CloseWith(TooLow(number));
            return;
        }

        // If both sides use NextExpectedMsgSeqNum, earlier messages are resent from that number on.
        long before = _store.NextOutgoing;
        long expected = ExpectedBy(message);
        if (expected > before)
        {
            CloseWith(string.Create(CultureInfo.InvariantCulture,
                $"NextExpectedMsgSeqNum too high, expecting at most {before} but received {expected}"));
            return;
        }

        Welcome(number, heartbeat, isReset, isAnswer && (!isReset || isAgreed), isOnItsWay: expected > 0);
        if (expected > 0)
        {
            StartResend(expected, before - 1);
            _isFlushDue = true;
        }

        if (isFirst && _state == State.LoggedOn)
        {
            Counters.LogOn();
            _application.OnLogon(this);
        }
    }

    /// <param name="number">MsgSeqNum of the Logon, not lower than expected.</param>
    /// <param name="heartbeat">The requested heartbeat interval, in seconds.</param>
    /// <param name="isReset">Whether the Logon resets both sequence numbers.</param>
    /// <param name="isAnswer">Whether the Logon answers our Logon and needs no answer.</param>
    /// <param name="isOnItsWay">Whether the counterparty resends missing messages unasked, because our Logon states the next expected
    /// number.</param>
    private void Welcome(long number, long heartbeat, bool isReset, bool isAnswer, bool isOnItsWay)
    {
        _state = State.LoggedOn;
        _heartbeatNanos = heartbeat * NanosPerSecond;
        _hasSentReset = false;
        if (!isAnswer)
        {
            SendLogon(heartbeat, isReset, number == _store.NextIncoming ? number + 1 : _store.NextIncoming);
        }

        if (number > _store.NextIncoming)
        {
            Keep(number, null, isOnItsWay);
        }
        else
        {
            Count(number);
        }
    }

    private bool TryHeartbeat(in FixMessage message, out long seconds)
    {
        return message.Fields.TryGetNumber(Tag.HeartBtInt, out seconds)
            && seconds >= 0
            && seconds <= _options.MaxHeartbeatSeconds
            && message.Fields.Is(Tag.EncryptMethod, "0"u8);
    }

    // A Logout is accepted with any MsgSeqNum and any other fault, because the counterparty is leaving.
    private void OnLogout(long number)
    {
        if (_state != State.LoggingOut)
        {
            SendLogout(null);
        }

        Count(number);
        if (_options.ResetOnLogout)
        {
            _store.Reset(_clock.UtcNanos);
        }

        Close("Logged out.");
    }

    private void StartLogout(string? text)
    {
        if (_state == State.LoggedOn)
        {
            SendLogout(text);
            _state = State.LoggingOut;
            _logoutAt = _clock.MonotonicNanos;
        }
    }

    private void AskToLogOn()
    {
        try
        {
            if (_options.ResetOnLogon)
            {
                _store.Reset(_clock.UtcNanos);
            }

            _hasSentReset = _options.ResetOnLogon;
            SendLogon(_options.HeartbeatSeconds, _hasSentReset, _store.NextIncoming);
        }
        catch
        {
            Close("The Logon could not be sent.");
            throw;
        }
    }

    /// <summary>Sends a Logout and ends the connection without waiting for the answer.</summary>
    private void CloseWith(string text)
    {
        SendLogout(text);
        Close(text);
    }

    private void SendLogout(string? text)
    {
        _admin.Clear("5");
        if (text is not null)
        {
            _admin.Add(Tag.Text, text);
        }

        Transmit(_admin);
    }

    private long ExpectedBy(in FixMessage logon)
    {
        bool isSaid = _options.SendsNextExpectedMsgSeqNum & logon.Fields.TryGetNumber(Tag.NextExpectedMsgSeqNum, out long expected);
        return isSaid ? Math.Max(expected, 0) : 0;
    }

    private bool IsWhoItSays(in FixMessage logon)
    {
        return _options.Username is not { } username
            || (IsSaid(logon, Tag.Username, Encoding.UTF8.GetBytes(username))
                & (!FixPassword.IsWanted(_options) || IsSaid(logon, Tag.Password, FixPassword.Read(_options))));
    }

    /// <summary>Whether a field has the expected value, in constant time. Clears <paramref name="expected"/>.</summary>
    private static bool IsSaid(in FixMessage logon, int tag, byte[] expected)
    {
        logon.Fields.TryGet(tag, out ReadOnlySpan<byte> said);
        bool isIt = CryptographicOperations.FixedTimeEquals(said, expected);
        CryptographicOperations.ZeroMemory(expected);
        return isIt;
    }

    /// <param name="heartbeat">The heartbeat interval, in seconds.</param>
    /// <param name="isReset">Whether the Logon resets both sequence numbers.</param>
    /// <param name="expected">NextExpectedMsgSeqNum (789): the MsgSeqNum of the next message that this session expects.</param>
    private void SendLogon(long heartbeat, bool isReset, long expected)
    {
        _admin.Clear("A").Add(Tag.EncryptMethod, 0).Add(Tag.HeartBtInt, heartbeat);
        if (isReset)
        {
            _admin.Add(Tag.ResetSeqNumFlag, "Y"u8);
        }

        if (_options.SendsNextExpectedMsgSeqNum)
        {
            _admin.Add(Tag.NextExpectedMsgSeqNum, expected);
        }

        if (Protocol.DefaultApplVerId is { } applVerId)
        {
            _admin.Add(Tag.DefaultApplVerId, applVerId);
        }

        if (_isInitiator && _options.Username is { } username)
        {
            _admin.Add(Tag.Username, username);
        }

        if (_isInitiator && FixPassword.IsWanted(_options))
        {
            TransmitWithPassword(FixPassword.Read(_options));
        }
        else
        {
            Transmit(_admin);
        }
    }

    /// <summary>Sends a Logon with a password and clears the password. The stored copy has none, because Logons are never resent.</summary>
    private void TransmitWithPassword(byte[] password)
    {
        long number = _store.NextOutgoing;
        _store.Append(Write("A"u8, number, _admin.Header, _admin.Body, isAgain: false, default));
        _admin.Add(Tag.Password, password);
        CryptographicOperations.ZeroMemory(password);
        Emit(Write("A"u8, number, _admin.Header, _admin.Body, isAgain: false, default));
    }
}

using Estream.Wire.Fix.Codec;

namespace Estream.Wire.Fix;

// How a session begins and ends.
public sealed partial class FixSession
{
    /// <summary>Ends the session: a Logout is sent, and the connection ends with the answer or without it after LogoutTimeoutSeconds.</summary>
    /// <param name="text">Why, for the counterparty; or null.</param>
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

        if ((!isFirst && !isReset) || (isReset && number != 1))
        {
            Close("A Logon came where none is expected.");
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

        Welcome(number, heartbeat, isReset, isAnswer && (!isReset || isAgreed));
        if (isFirst && _state == State.LoggedOn)
        {
            Counters.LogOn();
            _application.OnLogon(this);
        }
    }

    /// <param name="number">MsgSeqNum of the Logon, at least the next.</param>
    /// <param name="heartbeat">The interval it asks for, in seconds.</param>
    /// <param name="isReset">Whether both numbers begin anew with it.</param>
    /// <param name="isAnswer">Whether it answers ours, and needs no answer itself.</param>
    private void Welcome(long number, long heartbeat, bool isReset, bool isAnswer)
    {
        _state = State.LoggedOn;
        _heartbeatNanos = heartbeat * NanosPerSecond;
        _hasSentReset = false;
        if (!isAnswer)
        {
            SendLogon(heartbeat, isReset);
        }

        if (number > _store.NextIncoming)
        {
            Keep(number, null);
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

    // A Logout is taken whatever its number is, and whatever else is wrong with it: the counterparty wants to leave.
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
            SendLogon(_options.HeartbeatSeconds, _hasSentReset);
        }
        catch
        {
            Close("The Logon could not be stored.");
            throw;
        }
    }

    /// <summary>A Logout that does not wait for an answer.</summary>
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

    private void SendLogon(long heartbeat, bool isReset)
    {
        _admin.Clear("A").Add(Tag.EncryptMethod, 0).Add(Tag.HeartBtInt, heartbeat);
        if (isReset)
        {
            _admin.Add(Tag.ResetSeqNumFlag, "Y"u8);
        }

        if (Protocol.DefaultApplVerId is { } applVerId)
        {
            _admin.Add(Tag.DefaultApplVerId, applVerId);
        }

        Transmit(_admin);
    }
}

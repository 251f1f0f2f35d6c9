namespace Estream.Wire.Fix;

// What time asks for. Silence is measured on the clock that never goes back; only what is written into messages is the time of day.
public sealed partial class FixSession
{
    private long _openedAt;
    private long _lastReceived;
    private long _lastSent;
    private long _logoutAt;
    private long _heartbeatNanos;
    private int _testRequests;

    /// <summary>Whether the schedule lets anybody log on now.</summary>
    internal bool IsInHours => _options.Schedule?.IsOpen(_clock.UtcNanos) ?? true;

    private bool IsInInterval => _options.Schedule?.IsSameInterval(_store.BeganAt, _clock.UtcNanos) ?? true;

    /// <summary>Looks after time; to be called a few times a second.</summary>
    internal void Tick()
    {
        // An application that takes its time with a message must not hold up whoever looks after the other sessions: the next look is soon.
        if (!_gate.TryEnter())
        {
            return;
        }

        try
        {
            LookAtTime(_clock.MonotonicNanos);
        }
        finally
        {
            _gate.Exit();
        }
    }

    private void LookAtTime(long now)
    {
        switch (_state)
        {
            case State.AwaitingLogon when now - _openedAt >= _options.LogonTimeoutSeconds * NanosPerSecond:
                Close("No Logon came in time.");
                break;
            case State.LoggingOut when now - _logoutAt >= _options.LogoutTimeoutSeconds * NanosPerSecond:
                Close("No Logout came in time.");
                break;
            case State.LoggedOn when !IsInHours || !IsInInterval:
                StartLogout("The hours of this session are over.");
                break;
            case State.LoggedOn when _heartbeatNanos > 0:
                KeepAlive(now);
                break;
        }
    }

    /// <summary>
    /// A Heartbeat when nothing was sent for an interval, a Test Request when nothing came for one and a half, the end after 2.4. While a
    /// Test Request waits for its answer there are no Heartbeats: it was a message itself.
    /// </summary>
    private void KeepAlive(long now)
    {
        // While a message is held nothing is read: that is no silence of the counterparty.
        long silence = _isHeld ? 0 : now - _lastReceived;
        if (silence * 10 >= _heartbeatNanos * 24)
        {
            if (_options.SendsLogoutOnTimeout)
            {
                SendLogout(null);
            }

            Close("Nothing came for 2.4 heartbeat intervals.");
        }
        else if (silence * 2 >= _heartbeatNanos * 3 * (_testRequests + 1))
        {
            _testRequests++;
            SendTestRequest();
        }
        else if (_testRequests == 0 && now - _lastSent >= _heartbeatNanos)
        {
            SendHeartbeat(isAnswer: false, default);
        }
    }

    private void BeginInterval()
    {
        if (!IsInInterval)
        {
            _store.Reset(_clock.UtcNanos);
        }
    }
}

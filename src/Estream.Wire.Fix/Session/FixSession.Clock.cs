namespace Estream.Wire.Fix;

// Timeouts and heartbeats. Intervals use the monotonic clock; only timestamps in messages and the schedule use UTC.
public sealed partial class FixSession
{
    /// <summary>How often a connection ticks that is not logged on.</summary>
    internal static readonly TimeSpan ShortTickInterval = TimeSpan.FromMilliseconds(100);

    private const int TicksPerHeartbeat = 20;
    private static readonly TimeSpan s_longTickInterval = TimeSpan.FromMilliseconds(500);

    private long _openedAt;
    private long _lastReceived;
    private long _lastSent;
    private long _logoutAt;
    private long _heartbeatNanos;
    private int _testRequests;

    /// <summary>Whether the schedule is open now.</summary>
    internal bool IsInHours => _options.Schedule?.IsOpen(_clock.UtcNanos) ?? true;

    /// <summary>The time until the next <see cref="Tick"/>: a twentieth of the heartbeat interval, 100 to 500 ms. Without heartbeats 500
    /// ms; before and after the logon 100 ms. Thread-safe.</summary>
    internal TimeSpan TickInterval
    {
        get
        {
            long heartbeat = Volatile.Read(ref _heartbeatNanos);
            return _state != State.LoggedOn ? ShortTickInterval
                : heartbeat == 0 ? s_longTickInterval
                : TimeSpan.FromTicks(Math.Clamp(heartbeat / TimeSpan.NanosecondsPerTick / TicksPerHeartbeat,
                    ShortTickInterval.Ticks, s_longTickInterval.Ticks));
        }
    }

    private bool IsInInterval => _options.Schedule?.IsSameInterval(_store.BeganAt, _clock.UtcNanos) ?? true;

    /// <summary>Handles timeouts and heartbeats. Called a few times per second.</summary>
    internal void Tick()
    {
        // A slow application must not delay the ticks of other sessions. The next tick follows soon.
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
                Close("No Logon was received in time.");
                break;
            case State.LoggingOut when now - _logoutAt >= _options.LogoutTimeoutSeconds * NanosPerSecond:
                Close("No Logout was received in time.");
                break;
            case State.LoggedOn when !IsInHours || !IsInInterval:
                StartLogout("The session hours have ended.");
                break;
            case State.LoggedOn when _heartbeatNanos > 0:
                KeepAlive(now);
                break;
        }
    }

    /// <summary>Sends a Heartbeat if nothing was sent for one interval. Sends a TestRequest if nothing was received for 1.5 intervals, and
    /// ends the connection after 2.4 intervals without a received message. No Heartbeats are sent while a TestRequest is
    /// unanswered.</summary>
    private void KeepAlive(long now)
    {
        // Nothing is read while a message is held, so that time does not count as silence of the counterparty.
        long silence = _isHeld ? 0 : now - _lastReceived;
        if (silence * 10 >= _heartbeatNanos * 24)
        {
            if (_options.SendsLogoutOnTimeout)
            {
                SendLogout(null);
            }

            Close("Nothing was received for 2.4 heartbeat intervals.");
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

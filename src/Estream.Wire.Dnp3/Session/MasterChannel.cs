using Estream.Core;
using Estream.Wire.Dnp3.Codec;
using Estream.Wire.Dnp3.Commands;
using Estream.Wire.Dnp3.Link;

namespace Estream.Wire.Dnp3.Session;

/// <summary>Stores the measurements of responses. Used by one thread at a time.</summary>
internal interface IMeasurementStore
{
    /// <summary>Stores the measurements of a fragment. After a failure the next call continues where this one stopped.</summary>
    /// <param name="session">The session.</param>
    /// <param name="fragment">The fragment, which was checked.</param>
    /// <returns>False if a queue cannot be written now.</returns>
    bool TryStore(MasterSession session, ReadOnlySpan<byte> fragment);

    /// <summary>Completes when everything that was stored is as durable as its queue promises.</summary>
    /// <exception cref="EstreamStorageException">A flush failed.</exception>
    ValueTask WaitDurableAsync(CancellationToken cancellation);

    /// <summary>Forgets a fragment that was stored in part, because its connection has ended.</summary>
    void Reset();
}

/// <summary>Receives what happens to a channel. Must return soon and not throw.</summary>
internal interface IChannelObserver
{
    void OnConnected(MasterChannel channel, bool isAgain);

    void OnConnectFailed(MasterChannel channel, Exception failure);

    void OnDisconnected(MasterChannel channel, string reason);

    void OnBlocked();
}

/// <summary>
/// One connection with one or several outstations: connects, sends one request at a time, and confirms a response only after its
/// measurements are stored. The session and its requests are guarded by one lock; received octets are handled by one reader.
/// </summary>
internal sealed partial class MasterChannel : IAsyncDisposable
{
    private const long NanosPerMilli = 1_000_000;
    private const int BlockedRetryMs = 50;
    private const int MaxRequestBytes = 128;

    private readonly Dnp3EndpointOptions _endpoint;
    private readonly MasterSession[] _sessions;
    private readonly IClock _clock;
    private readonly IMeasurementStore _store;
    private readonly IChannelObserver _observer;
    private readonly Backoff _backoff;
    private readonly LinkReceiver _receiver = new();
    private readonly LinkPeer[] _peers;
    private readonly Lock _gate = new();
    private readonly Timer _timer;
    private readonly byte[] _request = new byte[MaxRequestBytes];
    private readonly byte[] _frames = new byte[TransportSegments.MaxLength(MaxRequestBytes)];
    private readonly long _silenceNanos;
    private ChannelStream? _stream;
    private MasterSession? _active;
    private int _turn;
    private long _heardAt;
    private long _askedAt = long.MaxValue;
    private string? _abortReason;

    /// <param name="endpoint">The connection.</param>
    /// <param name="sessions">The outstations; at least one.</param>
    /// <param name="clock">The clock.</param>
    /// <param name="store">Stores the measurements.</param>
    /// <param name="observer">Receives what happens.</param>
    /// <param name="backoff">The waits between connects.</param>
    public MasterChannel(
        Dnp3EndpointOptions endpoint, IReadOnlyList<MasterSession> sessions, IClock clock, IMeasurementStore store,
        IChannelObserver observer, Backoff backoff)
    {
        (_endpoint, _sessions, _clock, _store, _observer, _backoff) = (endpoint, [.. sessions], clock, store, observer, backoff);
        _peers = [.. sessions.Select(_ => new LinkPeer())];
        _silenceNanos = sessions.Max(session => session.Options.TimeoutMs) * NanosPerMilli;
        _timer = new Timer(static state => ((MasterChannel)state!).OnTimer(), this, Timeout.Infinite, Timeout.Infinite);
    }

    public string Name => _endpoint.Describe();

    public IReadOnlyList<MasterSession> Sessions => _sessions;

    public bool IsConnected => Volatile.Read(ref _stream) is not null;

    /// <summary>Why the last connect failed or the connection ended; null if it is open.</summary>
    public string? Failure { get; private set; }

    /// <summary>How often octets were no frame of an outstation of this channel.</summary>
    public long InvalidFrames => _receiver.Skipped + Volatile.Read(ref _strangers);

    /// <summary>Connects again and again until cancelled. Completes without an exception.</summary>
    public async Task RunAsync(CancellationToken cancellation)
    {
        bool isAgain = false;
        while (!cancellation.IsCancellationRequested)
        {
            try
            {
                ChannelStream stream = await ChannelStream.ConnectAsync(_endpoint, cancellation).ConfigureAwait(false);
                await using (stream.ConfigureAwait(false))
                {
                    Open(stream, isAgain);
                    isAgain = true;
                    await ServeAsync(stream, cancellation).ConfigureAwait(false);
                }
            }
            catch (Exception failure) when (failure is WireConnectionException or WireConfigurationException)
            {
                Failure = failure.Message;
                _observer.OnConnectFailed(this, failure);
            }
            catch (OperationCanceledException)
            {
                return;
            }

            await Task.Delay(_backoff.Next(), cancellation).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }
    }

    /// <summary>Sends a command before other requests. The task of the command completes without an exception.</summary>
    public void Execute(MasterSession session, PendingCommand command)
    {
        lock (_gate)
        {
            if (_stream is null)
            {
                command.Complete(new CommandEnd(CommandOutcome.NotSent, null, $"{Name} is not connected"));
                return;
            }

            session.Add(command);
            Pump();
        }
    }

    public async ValueTask DisposeAsync() => await _timer.DisposeAsync().ConfigureAwait(false);

    private void Open(ChannelStream stream, bool isAgain)
    {
        _observer.OnConnected(this, isAgain);
        lock (_gate)
        {
            long now = _clock.MonotonicNanos;
            Failure = null;
            _receiver.Reset();
            _store.Reset();
            (_stream, _active, _abortReason, _heardAt, _askedAt) = (stream, null, null, now, long.MaxValue);
            for (int one = 0; one < _sessions.Length; one++)
            {
                _peers[one].Reset();
                _sessions[one].Connect(now);
            }

            Pump();
        }
    }

    private async Task ServeAsync(ChannelStream stream, CancellationToken cancellation)
    {
        string reason = "the connection was closed";
        try
        {
            int count;
            while ((count = await stream.ReadAsync(_receiver.Free, cancellation).ConfigureAwait(false)) > 0)
            {
                _receiver.Add(count);
                Volatile.Write(ref _heardAt, _clock.MonotonicNanos);
                while (_receiver.TryRead(out LinkHeader header))
                {
                    await HandleAsync(header, cancellation).ConfigureAwait(false);
                }
            }
        }
        catch (Exception failure) when (failure is IOException or ObjectDisposedException or EstreamStorageException)
        {
            reason = failure.Message;
        }
        catch (OperationCanceledException)
        {
            reason = "the adapter stops";
        }
        finally
        {
            Close(reason);
        }
    }

    private void Close(string reason)
    {
        lock (_gate)
        {
            reason = _abortReason ?? reason;
            Failure = reason;
            _stream = null;
            _active = null;
            _timer.Change(Timeout.Infinite, Timeout.Infinite);
            foreach (MasterSession session in _sessions)
            {
                session.Disconnect($"the connection ended: {reason}");
            }
        }

        _observer.OnDisconnected(this, reason);
    }

    private async ValueTask HandleAsync(LinkHeader header, CancellationToken cancellation)
    {
        FragmentAction action;
        ApplicationHeader application;
        MasterSession session;
        lock (_gate)
        {
            if (!TryAssemble(header, out int index))
            {
                return;
            }

            session = _sessions[index];
            action = session.Accept(session.Assembler.Fragment.Span, _clock.MonotonicNanos, out application);
            if (action != FragmentAction.Store)
            {
                if (action == FragmentAction.ConfirmAgain && application.NeedsConfirm)
                {
                    Confirm(session, application);
                }

                Advance(session);
                return;
            }
        }

        while (!_store.TryStore(session, session.Assembler.Fragment.Span))
        {
            _observer.OnBlocked();
            await Task.Delay(BlockedRetryMs, cancellation).ConfigureAwait(false);
        }

        await _store.WaitDurableAsync(cancellation).ConfigureAwait(false);
        lock (_gate)
        {
            // Not at the connect, because a peer may accept connections and close them at once.
            _backoff.Reset();
            if (session.Complete(session.Assembler.Fragment.Span, application, _clock.MonotonicNanos))
            {
                Confirm(session, application);
            }

            Advance(session);
        }
    }

    private void OnTimer()
    {
        lock (_gate)
        {
            if (_stream is null)
            {
                return;
            }

            long now = _clock.MonotonicNanos;
            if (_active is { } active && active.Expire(now))
            {
                _active = null;
            }

            WatchSilence(now);
            Pump();
        }
    }

    /// <summary>Lets the session go on after a fragment: the next step of a command or of a time synchronization, or other
    /// requests.</summary>
    private void Advance(MasterSession session)
    {
        if (_active == session && session.Step == SessionStep.None)
        {
            _active = null;
            if (session.IsContinuing)
            {
                Start(session);
            }
        }

        Pump();
    }

    /// <summary>Sends the next request if none is under way, and sets the timer.</summary>
    private void Pump()
    {
        for (int tried = 0; tried < _sessions.Length && _active is null; tried++)
        {
            Start(_sessions[_turn]);
            _turn = (_turn + 1) % _sessions.Length;
        }

        SetTimer();
    }

    private void Start(MasterSession session)
    {
        if (_stream is null)
        {
            return;
        }

        int length = session.TryStart(_clock.MonotonicNanos, _request);
        if (length > 0)
        {
            _active = session;
            Send(session, _request.AsSpan(0, length));
        }
    }

    private void SetTimer()
    {
        // While a request is under way, its own time-out shows whether the outstation is there.
        long due = _askedAt != long.MaxValue ? _askedAt + _silenceNanos : _active is null ? KeepAliveDue : long.MaxValue;
        if (_active is { } active)
        {
            due = Math.Min(due, active.NextDue);
        }
        else
        {
            foreach (MasterSession session in _sessions)
            {
                due = Math.Min(due, session.NextDue);
            }
        }

        long wait = due == long.MaxValue ? Timeout.Infinite
            : Math.Clamp(((due - _clock.MonotonicNanos) / NanosPerMilli) + 1, 1, int.MaxValue);
        _timer.Change(wait, Timeout.Infinite);
    }
}

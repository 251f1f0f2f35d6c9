using Estream.Core;
using Estream.Wire.Modbus.Client;

namespace Estream.Wire.Modbus.Polling;

/// <summary>
/// The devices of one endpoint or serial line: their connection, and the order of their requests. Polls are sent in the order they become
/// due, and writes before polls. A line never waits for another.
/// </summary>
internal sealed class DeviceLine : IAsyncDisposable
{
    private const int MaxWaitingWrites = 64;
    private const long RetryNanos = 50_000_000;

    private readonly ModbusClientOptions _endpoint;
    private readonly ModbusPollerOptions _options;
    private readonly IClock _clock;
    private readonly TimerWheel _wheel;
    private readonly PollStore _store;
    private readonly ILineObserver _observer;
    private readonly Lock _gate = new();
    private readonly Queue<PollExchange> _due;
    private readonly Queue<WriteExchange> _writes = new();
    private readonly RetryTimer _retry;
    private readonly Queue<PollExchange> _held;
    private readonly List<(PollExchange Poll, long? Last)> _begins = [];
    private readonly bool _isTakeover;
    private readonly Lock _countGate = new();
    private LinkCounters? _counting;
    private long _endedLate;
    private long _endedInvalid;
    private ModbusLink? _link;
    private int _underWay;
    private int _timeouts;
    private long _bytesAtTimeout;
    private bool _isStopped;
    private TaskCompletionSource _linkEnd = new(TaskCreationOptions.RunContinuationsAsynchronously);

    /// <param name="endpoint">The endpoint or serial line.</param>
    /// <param name="options">The options of the adapter.</param>
    /// <param name="polls">The number of polls.</param>
    /// <param name="clock">The clock.</param>
    /// <param name="wheel">The timers.</param>
    /// <param name="store">Stores the responses.</param>
    /// <param name="observer">Receives what happens.</param>
    /// <param name="isTakeover">Whether another host polled the devices until just now.</param>
    public DeviceLine(
        ModbusClientOptions endpoint, ModbusPollerOptions options, int polls, IClock clock, TimerWheel wheel, PollStore store,
        ILineObserver observer, bool isTakeover)
    {
        _isTakeover = isTakeover;
        _endpoint = endpoint;
        _options = options;
        _clock = clock;
        _wheel = wheel;
        _store = store;
        _observer = observer;
        _due = new Queue<PollExchange>(Math.Max(1, polls));
        _held = new Queue<PollExchange>(Math.Max(1, polls));
        _retry = new RetryTimer(this);
    }

    /// <summary>The endpoint for messages.</summary>
    public string Name => _endpoint.Serial is { } serial ? serial.Port : $"{_endpoint.Host}:{_endpoint.Port}";

    public bool IsConnected => Volatile.Read(ref _link) is not null;

    /// <summary>Why there is no connection; null before the first attempt and while connected.</summary>
    public string? Failure { get; private set; }

    /// <summary>The counts of the connection and of all before it.</summary>
    public (long Late, long Invalid) Counts
    {
        get
        {
            lock (_countGate)
            {
                return (_endedLate + (_counting?.Late ?? 0), _endedInvalid + (_counting?.Invalid ?? 0));
            }
        }
    }

    /// <summary>Connects and reconnects until cancelled.</summary>
    public async Task RunAsync(CancellationToken cancellation)
    {
        Backoff backoff = new(_options.ReconnectInitial, _options.ReconnectMax, Random.Shared);
        bool wasConnected = false;
        while (!cancellation.IsCancellationRequested)
        {
            long responses = 0;
            try
            {
                ModbusLink link = await LinkFactory.ConnectAsync(_endpoint, _clock, cancellation).ConfigureAwait(false);
                try
                {
                    Attach(link);
                    _observer.OnConnected(this, wasConnected);
                    wasConnected = true;
                    await _linkEnd.Task.WaitAsync(cancellation).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
                    responses = link.Counters.Responses;
                }
                finally
                {
                    await DetachAsync(link).ConfigureAwait(false);
                }
            }
            catch (OperationCanceledException) when (cancellation.IsCancellationRequested)
            {
                return;
            }
#pragma warning disable CA1031 // A line that ends leaves its devices unread without a sign of it, whatever the cause.
            catch (Exception failure)
#pragma warning restore CA1031
            {
                Failure = failure.Message;
                _observer.OnConnectFailed(this, failure);
            }

            // A device that accepts connections and closes them without a response is not asked more often because of that.
            if (responses > 0)
            {
                backoff.Reset();
            }

            await Task.Delay(backoff.Next(), cancellation).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }
    }

    /// <summary>Adds a poll before the line runs. It is due for the first time when the line has connected.</summary>
    /// <param name="poll">The poll.</param>
    /// <param name="last">The last number in the queue; null if there is none.</param>
    public void Add(PollExchange poll, long? last) => _begins.Add((poll, last));

    /// <summary>Called on the thread of the wheel when a poll is due.</summary>
    public void OnDue(PollExchange poll, long now)
    {
        lock (_gate)
        {
            if (_isStopped)
            {
                return;
            }

            long due = poll.Slots.Due;
            poll.Device.CountOverruns(poll.Slots.Advance(now));
            _wheel.Set(poll.Schedule, poll.Slots.Due);
            if (_link is null)
            {
                poll.Slots.Drop();
            }
            else if (_held.Count > 0 || !(poll.IsPending ? poll.Slots.MakesUp : poll.Device.Admits(poll, now)))
            {
                poll.Device.CountOverruns(poll.Slots.Owed);
                poll.Slots.Drop();
            }
            else if (!poll.IsPending)
            {
                Enqueue(poll, poll.Slots.Owed == 1 ? due : now);
            }
        }
    }

    /// <summary>Sends a request as soon as the line is free.</summary>
    /// <returns>False if there is no connection, or too many writes wait.</returns>
    public bool TryWrite(WriteExchange write)
    {
        lock (_gate)
        {
            if (_isStopped || _link is null || _writes.Count >= MaxWaitingWrites)
            {
                return false;
            }

            _writes.Enqueue(write);
            Pump();
            return true;
        }
    }

    /// <summary>Called once for each poll that was sent.</summary>
    public void OnPollEnd(PollExchange poll, ModbusStatus status, ReadOnlySpan<byte> response)
    {
        bool isChanged;
        lock (_gate)
        {
            _wheel.Cancel(poll.Expiry);
            long now = _clock.MonotonicNanos;
            poll.AnsweredAt = _clock.UtcNanos;
            _underWay--;
            isChanged = poll.Device.NoteEnd(
                poll, status, status == ModbusStatus.Exception ? (ModbusExceptionCode)response[1] : ModbusExceptionCode.None, now);
            NoteTimeout(status);
            if (status is ModbusStatus.Ok or ModbusStatus.Exception)
            {
                Store(poll, response);
            }
            else
            {
                poll.IsPending = false;
            }

            Continue(poll, now);
            Pump();
        }

        _observer.OnPolled(this, poll, status, response, isChanged);
    }

    /// <summary>Called once for each single request that was sent.</summary>
    public void OnWriteEnd(WriteExchange write, ModbusStatus status, ReadOnlySpan<byte> response)
    {
        lock (_gate)
        {
            _wheel.Cancel(write.Expiry);
            _underWay--;
            write.AnsweredAt = _clock.UtcNanos;
            write.Device.NoteWriteEnd(
                status, status == ModbusStatus.Exception ? (ModbusExceptionCode)response[1] : ModbusExceptionCode.None);
            NoteTimeout(status);
            Pump();
        }
    }

    public async ValueTask DisposeAsync()
    {
        ModbusLink? link;
        lock (_gate)
        {
            _isStopped = true;
            link = _link;
            _link = null;
        }

        if (link is not null)
        {
            await link.DisposeAsync().ConfigureAwait(false);
        }

        FailWrites();
        _wheel.Cancel(_retry);
    }

    private void Attach(ModbusLink link)
    {
        lock (_gate)
        {
            Failure = null;
            _timeouts = 0;
            _linkEnd = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
            TaskCompletionSource end = _linkEnd;
            link.Closed = cause =>
            {
                Failure = cause?.Message ?? "The device closed the connection.";
                end.TrySetResult();
            };
            _link = _isStopped ? null : link;
        }

        lock (_countGate)
        {
            _counting = link.Counters;
        }

        link.Open();
        Begin();
    }

    /// <summary>Begins the polls at the first connection: at once with those that are owed, then at their times.</summary>
    private void Begin()
    {
        lock (_gate)
        {
            if (_isStopped)
            {
                return;
            }

            long now = _clock.MonotonicNanos;
            long utc = _clock.UtcNanos;
            foreach ((PollExchange poll, long? last) in _begins)
            {
                poll.Slots.Begin(utc, now, last, _isTakeover);
                _wheel.Set(poll.Schedule, poll.Slots.Due);
                Continue(poll, now);
            }

            _begins.Clear();
        }
    }

    /// <summary>Queues the next poll that is owed, if the line is free of it. The caller holds the lock.</summary>
    private void Continue(PollExchange poll, long now)
    {
        if (poll.IsPending || poll.Slots.Owed == 0 || _isStopped || _link is null || _held.Count > 0)
        {
            return;
        }

        if (poll.Device.Admits(poll, now))
        {
            Enqueue(poll, now);
        }
        else
        {
            poll.Device.CountOverruns(poll.Slots.Owed);
            poll.Slots.Drop();
        }
    }

    private void Enqueue(PollExchange poll, long due)
    {
        poll.Take(due);
        _due.Enqueue(poll);
        Pump();
    }

    private async Task DetachAsync(ModbusLink link)
    {
        lock (_gate)
        {
            _link = null;
        }

        // All exchanges under way are completed when this returns.
        await link.DisposeAsync().ConfigureAwait(false);
        lock (_countGate)
        {
            _endedLate += link.Counters.Late;
            _endedInvalid += link.Counters.Invalid;
            _counting = null;
        }

        lock (_gate)
        {
            while (_due.TryDequeue(out PollExchange? poll))
            {
                poll.IsPending = false;
            }
        }

        FailWrites();
        _observer.OnDisconnected(this, Failure ?? "The connection was closed.", link.Counters);
    }

    private void FailWrites()
    {
        while (true)
        {
            WriteExchange? write;
            lock (_gate)
            {
                if (!_writes.TryDequeue(out write))
                {
                    return;
                }

                // Its end takes it off again.
                _underWay++;
            }

            write.Complete(ModbusStatus.NotConnected, default);
        }
    }

    /// <summary>Sends what waits, as far as the line allows. The caller holds the lock.</summary>
    private void Pump()
    {
        int most = _endpoint.Serial is null ? _endpoint.InFlight : 1;
        while (_link is { } link && _underWay < most && _held.Count == 0)
        {
            if (_writes.TryPeek(out WriteExchange? write))
            {
                if (write.IsExpired?.Invoke() == true)
                {
                    _writes.Dequeue().Drop();
                    continue;
                }

                write.Link = link;
                write.RequestedAt = _clock.UtcNanos;
                write.ExpiresAt = ExpiryOf(write.TimeoutMs);
                if (!link.TryStart(write))
                {
                    return;
                }

                _writes.Dequeue();
                _underWay++;
                SetExpiry(link, write.Expiry, write.ExpiresAt);
            }
            else if (_due.TryPeek(out PollExchange? poll))
            {
                long now = _clock.MonotonicNanos;
                if (now < poll.Device.WaitsUntil)
                {
                    // The device stopped answering after this poll was queued. Others of the line do not wait for it.
                    _due.Dequeue();
                    poll.IsPending = false;
                    poll.Device.CountOverruns(1);
                    continue;
                }

                poll.SentAt = now;
                poll.RequestedAt = _clock.UtcNanos;
                poll.ExpiresAt = ExpiryOf(poll.TimeoutMs);

                // Stores the expiry before the link; see PollExchange.
                Volatile.WriteBarrier();
                poll.Link = link;
                if (!link.TryStart(poll))
                {
                    return;
                }

                _due.Dequeue();
                _underWay++;
                poll.Device.NoteSent(now - poll.SentDue, now);
                SetExpiry(link, poll.Expiry, poll.ExpiresAt);
            }
            else
            {
                return;
            }
        }
    }

    // Callers store the expiry before the request starts. The timer of an earlier request then never sees the new transaction with
    // the old expiry.
    private long ExpiryOf(int timeoutMs) => _clock.MonotonicNanos + (timeoutMs * TimerWheel.NanosPerTick);

    private void SetExpiry(ModbusLink link, WheelTimer expiry, long expiresAt)
    {
        if (!link.KeepsTime)
        {
            _wheel.Set(expiry, expiresAt);
        }
    }

    /// <summary>A connection on which nothing arrives is half open or dead. Late responses keep it alive.</summary>
    private void NoteTimeout(ModbusStatus status)
    {
        if (status != ModbusStatus.Timeout || _link is not TcpLink link)
        {
            _timeouts = 0;
            return;
        }

        long bytes = link.Counters.Bytes;
        _timeouts = bytes == _bytesAtTimeout ? _timeouts + 1 : 1;
        _bytesAtTimeout = bytes;
        if (_timeouts >= _options.ReconnectAfterTimeouts)
        {
            Failure = $"The device sent nothing during {_timeouts} requests.";
            _linkEnd.TrySetResult();
        }
    }

    /// <summary>Stores a response, or holds it and stops polling while its queue cannot be written. Responses to requests that are under
    /// way at that moment are held too.</summary>
    private void Store(PollExchange poll, ReadOnlySpan<byte> response)
    {
        if (_held.Count == 0 && TryStore(poll, response))
        {
            return;
        }

        poll.Hold(response);
        _held.Enqueue(poll);
        if (_held.Count == 1)
        {
            _observer.OnBlocked();
            _wheel.Set(_retry, _clock.MonotonicNanos + RetryNanos);
        }
    }

    private void Retry()
    {
        lock (_gate)
        {
            while (!_isStopped && _held.TryPeek(out PollExchange? poll))
            {
                if (!TryStore(poll, poll.HeldResponse))
                {
                    _wheel.Set(_retry, _clock.MonotonicNanos + RetryNanos);
                    return;
                }

                _held.Dequeue();
                Continue(poll, _clock.MonotonicNanos);
            }

            Pump();
        }
    }

    /// <summary>Stores a response. If storing throws, the response is dropped, and the connection is closed with the cause and opened
    /// again.</summary>
    /// <returns>False if a queue cannot be written now.</returns>
    private bool TryStore(PollExchange poll, ReadOnlySpan<byte> response)
    {
        try
        {
            if (!_store.TryStore(poll, response, poll.AnsweredAt))
            {
                return false;
            }
        }
#pragma warning disable CA1031 // Here no caller could handle it: the reader of the connection or the thread of the wheel would end.
        catch (Exception failure)
#pragma warning restore CA1031
        {
            Failure = $"A response of device {poll.Device.Name} could not be stored: {failure.Message}";
            _linkEnd.TrySetResult();
        }

        poll.IsPending = false;
        return true;
    }

    private sealed class RetryTimer(DeviceLine line) : WheelTimer
    {
        public override void Fire(long now) => line.Retry();
    }
}

/// <summary>Receives what happens on lines. Called from any thread; must return soon and not call the line.</summary>
internal interface ILineObserver
{
    /// <summary>A queue cannot be written.</summary>
    void OnBlocked();

    void OnConnected(DeviceLine line, bool isAgain);

    void OnConnectFailed(DeviceLine line, Exception failure);

    void OnDisconnected(DeviceLine line, string reason, LinkCounters counters);

    void OnPolled(DeviceLine line, PollExchange poll, ModbusStatus status, ReadOnlySpan<byte> response, bool isChanged);
}

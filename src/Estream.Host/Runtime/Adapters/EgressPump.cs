using Estream.Esf;
using Estream.Queue;
using Estream.Wire;

namespace Estream.Host.Runtime;

/// <summary>
/// Publishes the messages of a queue through an adapter, in order and at least once. Acknowledged messages are pipelined; the named tailer
/// advances only past messages that the peer has accepted. While the peer accepts nothing, messages wait in the queue.
/// </summary>
/// <remarks>
/// A message that is not accepted now is retried alone. All later in-flight messages are published again too, even if the peer accepted
/// them in the meantime, so the last copies of all messages are in the order of the queue.
/// </remarks>
internal sealed class EgressPump : IAsyncDisposable
{
    /// <summary>The maximum number of in-flight messages.</summary>
    public const int Window = 256;

    private static readonly TimeSpan s_firstWait = TimeSpan.FromMilliseconds(50);
    private static readonly TimeSpan s_longestWait = TimeSpan.FromSeconds(1);

    /// <summary>The first retry delay after an exception, such as from an unreadable queue or a bug in an adapter. Rejections by the peer
    /// have their own delays.</summary>
    private static readonly TimeSpan s_firstRecovery = TimeSpan.FromMilliseconds(500);
    private static readonly TimeSpan s_longestRecovery = TimeSpan.FromMinutes(1);

    /// <summary>The time for in-flight messages to complete when the host stops; the others are published again at the next
    /// start.</summary>
    private static readonly TimeSpan s_grace = TimeSpan.FromSeconds(1);

    private readonly IWireAdapter _adapter;
    private readonly EstreamQueue _queue;

    // _place is the named tailer at the acknowledged position. TryRead on it also commits all earlier messages, so it reads only
    // acknowledged messages (MovePlaceTo). _ahead reads the messages to publish.
    private readonly QueueTailer _place;
    private QueueTailer? _ahead;
    private readonly IReadOnlyList<EsfSchema> _schemas;
    private readonly AdapterEventLog _events;
    private readonly Backoff _backoff = new(s_firstWait, s_longestWait, Random.Shared);
    private readonly Backoff _recovery = new(s_firstRecovery, s_longestRecovery, Random.Shared);
    private readonly Queue<InFlightMessage> _underWay = new();
    private readonly Stack<InFlightMessage> _free = new();
    private readonly CancellationTokenSource _stop = new();
    private readonly CancellationTokenSource _giveUp = new();
    private Task _run = Task.CompletedTask;
    private volatile HealthStatus? _trouble;
    private long _placed = -1;
    private long _seen = -1;
    private long _published;
    private long _refused;

    /// <param name="adapter">The adapter that publishes the messages.</param>
    /// <param name="queueName">The name of the queue, for log messages.</param>
    /// <param name="queue">The queue. The named tailer <c>egress-ADAPTER</c> stores the position.</param>
    /// <param name="schemas">The schemas of the messages to publish, in any version; other messages are skipped.</param>
    /// <param name="events">Receives reports of refused messages.</param>
    /// <exception cref="Core.EstreamException">The tailer cannot be opened.</exception>
    public EgressPump(
        IWireAdapter adapter, string queueName, EstreamQueue queue, IReadOnlyList<EsfSchema> schemas, AdapterEventLog events)
    {
        _adapter = adapter;
        Queue = queueName;
        _schemas = schemas;
        _events = events;
        _place = queue.CreateTailer($"egress-{adapter.Name}");
        _queue = queue;
    }

    /// <summary>The name of the published queue.</summary>
    public string Queue { get; }

    /// <summary>The number of messages accepted by the peer.</summary>
    public long Published => Volatile.Read(ref _published);

    /// <summary>The number of messages skipped because they can never be published.</summary>
    public long Refused => Volatile.Read(ref _refused);

    /// <summary>Why nothing is published at the moment; null if there is no problem.</summary>
    public HealthStatus? Trouble => _trouble;

    /// <summary>Starts to publish the queue.</summary>
    public void Start() => _run = Task.Run(RunAsync, CancellationToken.None);

    /// <summary>Stops reading from the queue, and waits up to a second for in-flight messages.</summary>
    public async Task StopAsync()
    {
        await _stop.CancelAsync().ConfigureAwait(false);
        _giveUp.CancelAfter(s_grace);
        await _run.ConfigureAwait(false);
    }

    public async ValueTask DisposeAsync()
    {
        await _stop.CancelAsync().ConfigureAwait(false);
        await _giveUp.CancelAsync().ConfigureAwait(false);
        await _run.ConfigureAwait(false);
        _ahead?.Dispose();
        _place.Dispose();
        _stop.Dispose();
        _giveUp.Dispose();
    }

    private async Task RunAsync()
    {
        while (!_stop.IsCancellationRequested)
        {
            try
            {
                await FollowAsync().ConfigureAwait(false);
            }
            catch (OperationCanceledException) when (_stop.IsCancellationRequested)
            {
                // The named tailer has not advanced past in-flight messages, so they are published again at the next start.
            }
            catch (Exception failure)
            {
                TimeSpan wait = _recovery.Next();
                string detail = $"Queue '{Queue}' is not published: {failure.Message} The next attempt is within "
                    + $"{Math.Ceiling(wait.TotalSeconds):0} s.";
                _trouble = HealthStatus.Unhealthy(detail);
                _events.Report(AdapterEventKind.Degraded, detail, failure);
                await StartOverAsync().ConfigureAwait(false);
                await Task.Delay(wait, _stop.Token).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            }
        }
    }

    /// <summary>Discards in-flight messages, which are read from the queue again.</summary>
    private async Task StartOverAsync()
    {
        while (_underWay.TryDequeue(out InFlightMessage? message))
        {
            if (message.IsOffered)
            {
                // Wait for the result and ignore it: it may be the failure that started this call.
                Task answered = message.TakeAnswer().AsTask();
                await answered.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            }
        }

        _ahead?.Dispose();
        _ahead = null;
        _seen = _placed;
    }

    private async Task FollowAsync()
    {
        while (!TryAlign())
        {
            await _place.WaitToReadAsync(_stop.Token).ConfigureAwait(false);
        }

        while (!_stop.IsCancellationRequested)
        {
            if (_underWay.Count < Window && TryTake() is { } next)
            {
                _underWay.Enqueue(next);
                if (!Emit(next))
                {
                    await SettleAsync(left: 0).ConfigureAwait(false);
                }
            }
            else if (_underWay.Count > 0)
            {
                await SettleAsync(_underWay.Count - 1).ConfigureAwait(false);
            }
            else
            {
                MovePlaceTo(_seen);
                await _ahead!.WaitToReadAsync(_stop.Token).ConfigureAwait(false);
            }
        }

        await SettleAsync(left: 0).ConfigureAwait(false);
    }

    /// <summary>Creates the read-ahead tailer at the position of the named tailer; returns false if there is no message yet.</summary>
    private bool TryAlign()
    {
        if (!_place.TryPeek(out QueueMessage first))
        {
            return false;
        }

        _ahead = _queue.CreateTailer();
        _ahead.Seek(first.Position);
        return true;
    }

    /// <summary>Translates the next message to publish; returns null if there is none.</summary>
    private InFlightMessage? TryTake()
    {
        while (!_stop.IsCancellationRequested && _ahead!.TryRead(out QueueMessage message))
        {
            _seen = message.Position;
            foreach (EsfSchema schema in _schemas)
            {
                if (!schema.Matches(message.Payload))
                {
                    continue;
                }

                InFlightMessage next = _free.TryPop(out InFlightMessage? used) ? used : new InFlightMessage();
                next.Position = message.Position;
                TranslateStatus status =
                    _adapter.TranslateEgress(new EsfMessage(schema, message.Payload) { Position = message.Position }, next.Message);
                if (status.IsOk)
                {
                    return next;
                }

                _free.Push(next);
                Refuse(message.Position, status.Describe(default));
                break;
            }
        }

        return null;
    }

    /// <summary>Publishes a message to the peer.</summary>
    /// <returns>Whether the next message may be published before this one completes. False without acknowledgements, because the order
    /// would not be guaranteed.</returns>
    private bool Emit(InFlightMessage message)
    {
        return message.Offer(_adapter.Emit(message.Message, _giveUp.Token)) && message.Message.Quality > 0;
    }

    /// <summary>Waits for the oldest in-flight messages until <paramref name="left"/> are left; if a message is not accepted, until none
    /// are left.</summary>
    private async Task SettleAsync(int left)
    {
        int goal = left;
        while (_underWay.Count > goal)
        {
            InFlightMessage oldest = _underWay.Peek();
            if (!oldest.IsOffered)
            {
                if (_stop.IsCancellationRequested)
                {
                    return;
                }

                Emit(oldest);
            }

            EmitStatus status = await oldest.TakeAnswer().ConfigureAwait(false);
            if (status.IsOk || status.Code == EmitCode.Refused)
            {
                Settle(_underWay.Dequeue(), status);
                continue;
            }

            goal = 0;

            // Report this before waiting for the other results, which may take long.
            _trouble = HealthStatus.Degraded($"Publishing of queue '{Queue}' is blocked at position {oldest.Position}: {status.Detail}");
            await RecallAsync().ConfigureAwait(false);
            await Task.Delay(_backoff.Next(), _stop.Token).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }
    }

    /// <summary>Waits until no message is in flight. All in-flight messages are published again afterwards.</summary>
    private async Task RecallAsync()
    {
        foreach (InFlightMessage message in _underWay)
        {
            if (message.IsOffered)
            {
                await message.TakeAnswer().ConfigureAwait(false);
            }
        }
    }

    private void Settle(InFlightMessage message, EmitStatus status)
    {
        _backoff.Reset();
        _recovery.Reset();
        _trouble = null;
        if (status.IsOk)
        {
            Volatile.Write(ref _published, _published + 1);
        }
        else
        {
            Refuse(message.Position, status.Detail);
        }

        MovePlaceTo(message.Position);
        _free.Push(message);
    }

    /// <summary>Commits all messages up to a position.</summary>
    private void MovePlaceTo(long position)
    {
        while (_placed < position && _place.TryRead(out QueueMessage passed))
        {
            _placed = passed.Position;
        }

        _place.Commit();
    }

    private void Refuse(long position, string reason)
    {
        Volatile.Write(ref _refused, _refused + 1);
        _events.Report(AdapterEventKind.Degraded,
            $"The message at position {position} of queue '{Queue}' cannot be published and is skipped: {reason}.");
    }

    /// <summary>A message read from the queue and not completed; reused for later messages.</summary>
    private sealed class InFlightMessage
    {
        private ValueTask<EmitStatus>? _answer;

        public EgressMessage Message { get; } = new();

        public long Position { get; set; }

        /// <summary>Whether the message was published to the peer and its result was not taken yet.</summary>
        public bool IsOffered => _answer is not null;

        /// <summary>Stores the pending or completed result of the peer.</summary>
        /// <returns>False if the message has already failed.</returns>
        public bool Offer(ValueTask<EmitStatus> answer)
        {
            if (!answer.IsCompletedSuccessfully)
            {
                _answer = answer;
                return !answer.IsCompleted;
            }

            // The result of a ValueTask may be read only once.
            EmitStatus status = answer.Result;
            _answer = new ValueTask<EmitStatus>(status);
            return status.IsOk;
        }

        /// <summary>Takes the result of the peer; afterwards <see cref="IsOffered"/> is false.</summary>
        public ValueTask<EmitStatus> TakeAnswer()
        {
            ValueTask<EmitStatus> answer = _answer!.Value;
            _answer = null;
            return answer;
        }
    }
}

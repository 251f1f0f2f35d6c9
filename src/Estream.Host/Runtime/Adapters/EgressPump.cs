using Estream.Esf;
using Estream.Queue;
using Estream.Wire;

namespace Estream.Host.Runtime;

/// <summary>
/// Publishes what a queue holds through an adapter, in order and at least once. Messages whose quality the peer acknowledges are under way
/// many at a time; the named place in the queue moves on only over what the peer has taken. While it takes nothing they wait in the queue.
/// </summary>
/// <remarks>
/// What does not go out now is published again one by one, and so is all that was under way behind it, also what the peer has taken
/// meanwhile: the last of each message stands in the order of the queue.
/// </remarks>
internal sealed class EgressPump : IAsyncDisposable
{
    /// <summary>The most messages under way.</summary>
    public const int Window = 256;

    private static readonly TimeSpan s_firstWait = TimeSpan.FromMilliseconds(50);
    private static readonly TimeSpan s_longestWait = TimeSpan.FromSeconds(1);

    /// <summary>The waits after a failure that is no answer of the peer: a queue that cannot be read, a mistake in an adapter.</summary>
    private static readonly TimeSpan s_firstRecovery = TimeSpan.FromMilliseconds(500);
    private static readonly TimeSpan s_longestRecovery = TimeSpan.FromMinutes(1);

    /// <summary>How long the messages under way may still take when the host stops; afterwards they are published again at the next
    /// start.</summary>
    private static readonly TimeSpan s_grace = TimeSpan.FromSeconds(1);

    private readonly IWireAdapter _adapter;
    private readonly EstreamQueue _queue;

    // Stands behind what is done with: asking it for a message says that those before it are. The other one reads ahead of it.
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

    /// <param name="adapter">Takes the messages.</param>
    /// <param name="queueName">The queue's name, for messages.</param>
    /// <param name="queue">The queue; a reader called <c>egress-ADAPTER</c> keeps the place in it.</param>
    /// <param name="schemas">Which messages are published, in any version; others are passed over.</param>
    /// <param name="events">Where refused messages are reported.</param>
    /// <exception cref="Core.EstreamException">The place in the queue cannot be opened.</exception>
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

    /// <summary>The name of the queue that is published.</summary>
    public string Queue { get; }

    /// <summary>Messages the peer has taken.</summary>
    public long Published => Volatile.Read(ref _published);

    /// <summary>Messages passed over because they can never be published.</summary>
    public long Refused => Volatile.Read(ref _refused);

    /// <summary>Why nothing is published at the moment; null when all is well.</summary>
    public HealthStatus? Trouble => _trouble;

    /// <summary>Begins to follow the queue.</summary>
    public void Start() => _run = Task.Run(RunAsync, CancellationToken.None);

    /// <summary>Takes no further message, and waits for the answers to those under way, for a second at most.</summary>
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
                // Nothing was under way; or it does not count as published and comes again at the next start.
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

    /// <summary>Forgets what was under way, which is read from the queue again.</summary>
    private async Task StartOverAsync()
    {
        while (_underWay.TryDequeue(out InFlightMessage? message))
        {
            if (message.IsOffered)
            {
                // The answer does not count, and may be the failure itself.
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

    /// <summary>Brings the reader that runs ahead to the place, which is that of a message once there is one.</summary>
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

    /// <summary>Translates the next message that is to be published; null when there is none.</summary>
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

    /// <summary>Offers a message to the peer.</summary>
    /// <returns>Whether the next may follow before this one is answered. Not where no acknowledgement is asked for: then nothing says in
    /// which order they go out.</returns>
    private bool Emit(InFlightMessage message)
    {
        return message.Offer(_adapter.Emit(message.Message, _giveUp.Token)) && message.Message.Quality > 0;
    }

    /// <summary>Waits for the answers to the oldest messages under way until so many are left; where one is not taken now, until none
    /// is.</summary>
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

            // Said before: the others' answers can take their time.
            _trouble = HealthStatus.Degraded($"Queue '{Queue}' waits at position {oldest.Position} to be published: {status.Detail}");
            await RecallAsync().ConfigureAwait(false);
            await Task.Delay(_backoff.Next(), _stop.Token).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }
    }

    /// <summary>Waits until nothing is on its way any more. All that was is to be published again.</summary>
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

    /// <summary>Counts all messages up to this one as consumed.</summary>
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
            $"The message at position {position} of queue '{Queue}' cannot be published and is passed over: {reason}.");
    }

    /// <summary>A message that was taken from the queue and is not done with; used again for another.</summary>
    private sealed class InFlightMessage
    {
        private ValueTask<EmitStatus>? _answer;

        public EgressMessage Message { get; } = new();

        public long Position { get; set; }

        /// <summary>Whether it was offered to the peer, and what that says to it is not taken yet.</summary>
        public bool IsOffered => _answer is not null;

        /// <summary>Keeps what the peer says to it, or will say.</summary>
        /// <returns>Whether nothing is said against it so far.</returns>
        public bool Offer(ValueTask<EmitStatus> answer)
        {
            if (!answer.IsCompletedSuccessfully)
            {
                _answer = answer;
                return !answer.IsCompleted;
            }

            // An answer may be taken once.
            EmitStatus status = answer.Result;
            _answer = new ValueTask<EmitStatus>(status);
            return status.IsOk;
        }

        /// <summary>What the peer says to it; afterwards it is not offered any more.</summary>
        public ValueTask<EmitStatus> TakeAnswer()
        {
            ValueTask<EmitStatus> answer = _answer!.Value;
            _answer = null;
            return answer;
        }
    }
}

using Estream.Esf;
using Estream.Queue;
using Estream.Wire;

namespace Estream.Host.Runtime;

/// <summary>
/// Publishes what a queue holds through an adapter, in order and at least once: one message at a time, and the named place in the
/// queue moves on only when the peer has taken it. While the peer takes nothing the messages wait in the queue.
/// </summary>
internal sealed class EgressPump : IAsyncDisposable
{
    private static readonly TimeSpan s_firstWait = TimeSpan.FromMilliseconds(50);
    private static readonly TimeSpan s_longestWait = TimeSpan.FromSeconds(1);

    /// <summary>How long the message under way may still take when the host stops; afterwards it is published again at the next start.</summary>
    private static readonly TimeSpan s_grace = TimeSpan.FromSeconds(1);

    private readonly IWireAdapter _adapter;
    private readonly QueueTailer _tailer;
    private readonly IReadOnlyList<EsfSchema> _schemas;
    private readonly AdapterEventLog _events;
    private readonly Backoff _backoff = new(s_firstWait, s_longestWait, Random.Shared);
    private readonly EgressMessage _message = new();
    private readonly CancellationTokenSource _stop = new();
    private readonly CancellationTokenSource _giveUp = new();
    private Task _run = Task.CompletedTask;
    private volatile HealthStatus? _trouble;
    private long _position;
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
        _tailer = queue.CreateTailer($"egress-{adapter.Name}");
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

    /// <summary>Takes no further message, and waits for the answer to the one under way, for a second at most.</summary>
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
        _tailer.Dispose();
        _stop.Dispose();
        _giveUp.Dispose();
    }

    private async Task RunAsync()
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
            string detail = $"Queue '{Queue}' is not published any more, restart the host: {failure.Message}";
            _trouble = HealthStatus.Unhealthy(detail);
            _events.Report(AdapterEventKind.Degraded, detail, failure);
        }
    }

    private async Task FollowAsync()
    {
        while (!_stop.IsCancellationRequested)
        {
            if (!TryTake())
            {
                await _tailer.WaitToReadAsync(_stop.Token).ConfigureAwait(false);
            }
            else if (await PublishAsync().ConfigureAwait(false))
            {
                _tailer.Commit();
            }
        }
    }

    /// <summary>Translates the next message that is to be published. Asking for it tells the queue that those before it are done with.</summary>
    private bool TryTake()
    {
        while (!_stop.IsCancellationRequested && _tailer.TryRead(out QueueMessage message))
        {
            foreach (EsfSchema schema in _schemas)
            {
                if (!schema.Matches(message.Payload))
                {
                    continue;
                }

                _position = message.Position;
                TranslateStatus status = _adapter.TranslateEgress(new EsfMessage(schema, message.Payload), _message);
                if (status.IsOk)
                {
                    return true;
                }

                Refuse(status.Describe(default));
                break;
            }
        }

        return false;
    }

    /// <summary>Offers the message until it is taken or can never be.</summary>
    /// <returns>False when the host stops first.</returns>
    private async Task<bool> PublishAsync()
    {
        while (true)
        {
            EmitStatus status = await _adapter.Emit(_message, _giveUp.Token).ConfigureAwait(false);
            if (status.IsOk || status.Code == EmitCode.Refused)
            {
                Settle(status);
                return true;
            }

            TimeSpan wait = _backoff.Next();
            _trouble = HealthStatus.Degraded(
                $"Queue '{Queue}' waits at position {_position} to be published: {status.Detail}");
            await Task.Delay(wait, _stop.Token).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            if (_stop.IsCancellationRequested)
            {
                return false;
            }
        }
    }

    private void Settle(EmitStatus status)
    {
        _backoff.Reset();
        _trouble = null;
        if (status.IsOk)
        {
            Volatile.Write(ref _published, _published + 1);
        }
        else
        {
            Refuse(status.Detail);
        }
    }

    private void Refuse(string reason)
    {
        Volatile.Write(ref _refused, _refused + 1);
        _events.Report(AdapterEventKind.Degraded, $"The message at position {_position} of queue '{Queue}' cannot be published and is passed over: {reason}.");
    }
}

using Estream.Core;
using Estream.Host.Http;
using Estream.Queue;
using Estream.Replication;
using Estream.Wire;

namespace Estream.Host.Runtime;

/// <summary>A queue or map that the host publishes to the cluster, or a copy that it follows. Each retries by itself while no broker is
/// reachable.</summary>
internal sealed partial class ReplicationRuntime : IAsyncDisposable
{
    private readonly Func<Running> _start;
    private readonly ILogger _logger;
    private readonly long _maxSpoolBytes;
    private readonly string _role;
    private readonly Lock _gate = new();
    private Running? _running;
    private IngressSinks? _sinks;
    private Action<string>? _lost;
    private EstreamStorageException? _spoolPause;
    private volatile ReplicationOverview _overview;
    private bool _hasEnded;

    /// <summary>Creates a queue or map that does not run yet.</summary>
    /// <param name="queue">The name.</param>
    /// <param name="role"><see cref="ReplicationOverview.Publisher"/> or <see cref="ReplicationOverview.Follower"/>.</param>
    /// <param name="maxSpoolBytes">The unconfirmed bytes above which the queue is paused; 0 for no limit.</param>
    /// <param name="logger">The log.</param>
    /// <param name="start">Starts the replication.</param>
    internal ReplicationRuntime(string queue, string role, long maxSpoolBytes, ILogger logger, Func<Running> start)
    {
        (Queue, _role, _maxSpoolBytes, _logger, _start) = (queue, role, maxSpoolBytes, logger, start);
        _overview = new ReplicationOverview(queue, role, "starting", "");
    }

    public string Queue { get; }

    /// <summary>Called when this object was disposed. Set it before <see cref="Start"/>.</summary>
    public Action Ended { get; set; } = static () => { };

    /// <summary>The state at the last call of <see cref="Sample"/>. Thread-safe.</summary>
    public ReplicationOverview Overview => _overview;

    /// <summary>Why the queue is not replicated; null while it is.</summary>
    public string? Failure => Overview is { Detail: { Length: > 0 } reason } ? reason : null;

    /// <summary>Publishes a queue.</summary>
    /// <param name="replication">The cluster.</param>
    /// <param name="name">The name in the cluster.</param>
    /// <param name="queue">The queue.</param>
    /// <param name="maxSpoolBytes">The unconfirmed bytes above which the queue is paused; 0 for no limit.</param>
    /// <param name="logger">The log.</param>
    public static ReplicationRuntime Publish(
        RabbitReplication replication, string name, EstreamQueue queue, long maxSpoolBytes, ILogger logger) =>
        new(name, ReplicationOverview.Publisher, maxSpoolBytes, logger, () =>
        {
            QueuePublisher publisher = replication.Publish(name, queue);
            return new Running(
                () => ReplicationOverview.Of(publisher.GetStatus(), ReplicationOverview.Publisher), publisher.Completion, publisher);
        });

    public static ReplicationRuntime Follow(
        RabbitReplication replication, string name, string directory, QueueOptions options, ILogger logger) =>
        new(name, ReplicationOverview.Follower, 0, logger, () =>
        {
            QueueFollower follower = replication.Follow(name, directory, options);
            return new Running(
                () => ReplicationOverview.Of(follower.GetStatus(), ReplicationOverview.Follower), follower.Completion, follower);
        });

    /// <summary>Shows a map, whose owner disposes it.</summary>
    public static ReplicationRuntime Show(MapPublisher map, ILogger logger) =>
        new(map.Name, ReplicationOverview.Publisher, 0, logger, () => new Running(() => ReplicationOverview.OfMap(map.GetStatus())));

    /// <summary>Shows a replica of a map, whose owner disposes it.</summary>
    public static ReplicationRuntime Show(MapFollower map, ILogger logger) =>
        new(map.Name, ReplicationOverview.Follower, 0, logger, () => new Running(() => ReplicationOverview.OfMap(map.GetStatus())));

    /// <summary>Starts. A queue that cannot be replicated is shown as failed, and the host runs without its replication.</summary>
    /// <param name="sinks">The queues of the host. A queue that this host must not append to any more is paused.</param>
    /// <param name="lost">Gets the reason when this host cannot publish the queue any more; null to keep the host running.</param>
    public void Start(IngressSinks sinks, Action<string>? lost)
    {
        lock (_gate)
        {
            (_sinks, _lost) = (sinks, lost);
            try
            {
                _running = _start();

                // Not awaited: the task ends with the replication.
                _ = _running.Completion is { } completion ? EndAfterAsync(completion) : Task.CompletedTask;
                return;
            }
            catch (Exception failure) when (failure is EstreamException or IOException or UnauthorizedAccessException)
            {
                _overview = new ReplicationOverview(Queue, _role, "failed", failure.Message);
                LogFailure(_logger, _overview.Kind, Queue, _overview.State, _overview.Detail);
            }
        }

        End(_overview.Detail);
    }

    /// <summary>Updates <see cref="Overview"/> and the pause for a long spool, and ends what has failed. Called once a second.</summary>
    public void Sample()
    {
        lock (_gate)
        {
            if (_running is not { } running)
            {
                return;
            }

            ReplicationOverview before = _overview;
            ReplicationOverview now = running.Sample();
            _overview = now.HasEnded ? now : LimitSpool(now);
            if (_overview.Detail.Length > 0 && _overview.Detail != before.Detail)
            {
                LogFailure(_logger, now.Kind, Queue, now.State, _overview.Detail);
            }
            else if (now.State != before.State)
            {
                LogState(_logger, now.Kind, Queue, now.State, now.Epoch);
            }
        }

        if (_overview.HasEnded)
        {
            End(_overview.Detail);
        }
    }

    public async ValueTask DisposeAsync()
    {
        Running? running;
        lock (_gate)
        {
            (running, _running, _sinks, _lost) = (_running, null, null, null);
        }

        if (running?.Owned is { } owned)
        {
            await owned.DisposeAsync().ConfigureAwait(false);
        }

        Ended();
    }

    // The end of the replication pauses the queue, whether or not its status can be read.
    private async Task EndAfterAsync(Task completion)
    {
        // Yields, because the caller holds the lock, under which no other code may be told.
        await completion.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing | ConfigureAwaitOptions.ForceYielding);
        string reason = $"Replication of '{Queue}' has ended. Restart the host.";
        try
        {
            Sample();
        }
        catch (Exception failure)
        {
            reason = $"{reason} Its state cannot be read: {failure.Message}";
        }

        End(reason);
    }

    // Messages that adapters append to a queue of another owner would be on no other machine.
    private void End(string reason)
    {
        Action<string>? lost;
        lock (_gate)
        {
            if (_hasEnded || _sinks is null)
            {
                return;
            }

            _hasEnded = true;
            _overview = _overview.HasEnded ? _overview : _overview with { State = "failed", Detail = reason };
            if (_role != ReplicationOverview.Publisher)
            {
                return;
            }

            lost = _lost;
            if (_overview.Kind == "queue")
            {
                _sinks.Pause(PauseReason.Fenced, new EstreamStorageException(reason, null, StorageFailure.Other), queue => queue == Queue);
            }
        }

        lost?.Invoke(reason);
    }

    // Resumes 10 % below the limit.
    private ReplicationOverview LimitSpool(ReplicationOverview now)
    {
        if (_maxSpoolBytes > 0 && now.LagBytes > (_spoolPause is null ? _maxSpoolBytes : _maxSpoolBytes / 10 * 9))
        {
            _spoolPause ??= new EstreamStorageException(
                $"Queue '{Queue}' has more unconfirmed bytes than Replication:MaxSpoolBytes ({_maxSpoolBytes}). Check the brokers.", null,
                StorageFailure.Other);
            _sinks?.Pause(PauseReason.Spool, _spoolPause, queue => queue == Queue);
            return now with { Detail = now.Detail.Length == 0 ? _spoolPause.Message : $"{_spoolPause.Message} {now.Detail}" };
        }

        if (_spoolPause is not null)
        {
            _spoolPause = null;
            _sinks?.Resume(PauseReason.Spool, queue => queue == Queue);
        }

        return now;
    }

    /// <summary>A replication that runs.</summary>
    /// <param name="Sample">Reads its state.</param>
    internal sealed record Running(Func<ReplicationOverview> Sample)
    {
        public Running(Func<ReplicationOverview> sample, Task completion, IAsyncDisposable owned)
            : this(sample)
        {
            (Completion, Owned) = (completion, owned);
        }

        /// <summary>Completes when the replication has ended. Null for a map, which shows its end only in its state.</summary>
        public Task? Completion { get; }

        /// <summary>What the runtime disposes; null if it has another owner.</summary>
        public IAsyncDisposable? Owned { get; }
    }

    [LoggerMessage(EventId = 96, Level = LogLevel.Information, Message = "Replication of {Kind} {Queue}: {State}, epoch {Epoch}.")]
    private static partial void LogState(ILogger logger, string kind, string queue, string state, long epoch);

    [LoggerMessage(EventId = 97, Level = LogLevel.Error, Message = "Replication of {Kind} {Queue}: {State}. {Reason}")]
    private static partial void LogFailure(ILogger logger, string kind, string queue, string state, string reason);
}

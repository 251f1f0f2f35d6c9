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
    private const long SampleNanos = 250_000_000;

    private readonly Func<(Func<ReplicationOverview> Sample, IAsyncDisposable? Running)> _start;
    private readonly ILogger _logger;
    private readonly long _maxSpoolBytes;
    private readonly string _role;
    private readonly Lock _gate = new();
    private Func<ReplicationOverview>? _status;
    private IAsyncDisposable? _running;
    private IngressSinks? _sinks;
    private Action<string>? _lost;
    private EstreamStorageException? _spoolPause;
    private ReplicationOverview _overview;
    private long _nextSample;

    private ReplicationRuntime(string queue, string role, long maxSpoolBytes, ILogger logger,
        Func<(Func<ReplicationOverview> Sample, IAsyncDisposable? Running)> start)
    {
        (Queue, _role, _maxSpoolBytes, _logger, _start) = (queue, role, maxSpoolBytes, logger, start);
        _overview = new ReplicationOverview(queue, role, "starting", "");
    }

    public string Queue { get; }

    /// <summary>Called when this object was disposed. Set it before <see cref="Start"/>.</summary>
    public Action Ended { get; set; } = static () => { };

    /// <summary>The state, at most a quarter of a second old. Thread-safe.</summary>
    public ReplicationOverview Overview => Sample();

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
            return (() => ReplicationOverview.Of(publisher.GetStatus(), ReplicationOverview.Publisher), publisher);
        });

    public static ReplicationRuntime Follow(
        RabbitReplication replication, string name, string directory, QueueOptions options, ILogger logger) =>
        new(name, ReplicationOverview.Follower, 0, logger, () =>
        {
            QueueFollower follower = replication.Follow(name, directory, options);
            return (() => ReplicationOverview.Of(follower.GetStatus(), ReplicationOverview.Follower), follower);
        });

    /// <summary>Shows a map, whose owner disposes it.</summary>
    public static ReplicationRuntime Show(MapPublisher map, ILogger logger) =>
        new(map.Name, ReplicationOverview.Publisher, 0, logger, () => (() => ReplicationOverview.OfMap(map.GetStatus()), null));

    /// <summary>Shows a replica of a map, whose owner disposes it.</summary>
    public static ReplicationRuntime Show(MapFollower map, ILogger logger) =>
        new(map.Name, ReplicationOverview.Follower, 0, logger, () => (() => ReplicationOverview.OfMap(map.GetStatus()), null));

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
                (_status, _running) = _start();
            }
            catch (Exception failure) when (failure is EstreamException or IOException or UnauthorizedAccessException)
            {
                _overview = new ReplicationOverview(Queue, _role, "failed", failure.Message);
                LogFailure(_logger, _overview.Kind, Queue, _overview.State, _overview.Detail);
                Pause(failure.Message);
            }
        }
    }

    public async ValueTask DisposeAsync()
    {
        IAsyncDisposable? running;
        lock (_gate)
        {
            (running, _running, _status, _sinks, _lost) = (_running, null, null, null, null);
        }

        if (running is not null)
        {
            await running.DisposeAsync().ConfigureAwait(false);
        }

        Ended();
    }

    // Messages that adapters append to a queue of another owner would be on no other machine.
    private void Pause(string reason)
    {
        if (_role == ReplicationOverview.Publisher)
        {
            if (_overview.Kind == "queue")
            {
                _sinks?.Pause(PauseReason.Fenced, new EstreamStorageException(reason, null, StorageFailure.Other), queue => queue == Queue);
            }

            _lost?.Invoke(reason);
        }
    }

    // Resumes 10 % below the limit.
    private void LimitSpool()
    {
        long lag = _overview.LagBytes;
        if (_maxSpoolBytes > 0 && lag > (_spoolPause is null ? _maxSpoolBytes : _maxSpoolBytes / 10 * 9))
        {
            _spoolPause ??= new EstreamStorageException(
                $"Queue '{Queue}' has more unconfirmed bytes than Replication:MaxSpoolBytes ({_maxSpoolBytes}). Check the brokers.", null,
                StorageFailure.Other);
            _sinks?.Pause(PauseReason.Spool, _spoolPause, queue => queue == Queue);
            string reason = _overview.Detail.Length == 0 ? _spoolPause.Message : $"{_spoolPause.Message} {_overview.Detail}";
            _overview = _overview with { Detail = reason };
        }
        else if (_spoolPause is not null)
        {
            _spoolPause = null;
            _sinks?.Resume(PauseReason.Spool, queue => queue == Queue);
        }
    }

    private ReplicationOverview Sample()
    {
        lock (_gate)
        {
            long now = SystemClock.Instance.MonotonicNanos;
            if (_status is null || now < _nextSample)
            {
                return _overview;
            }

            _nextSample = now + SampleNanos;
            ReplicationOverview before = _overview;
            _overview = _status();
            if (_overview.HasEnded)
            {
                Pause(_overview.Detail);
            }
            else
            {
                LimitSpool();
            }

            if (_overview.Detail.Length > 0 && _overview.Detail != before.Detail)
            {
                LogFailure(_logger, _overview.Kind, Queue, _overview.State, _overview.Detail);
            }
            else if (_overview.State != before.State)
            {
                LogState(_logger, _overview.Kind, Queue, _overview.State, _overview.Epoch);
            }

            return _overview;
        }
    }

    [LoggerMessage(EventId = 96, Level = LogLevel.Information, Message = "Replication of {Kind} {Queue}: {State}, epoch {Epoch}.")]
    private static partial void LogState(ILogger logger, string kind, string queue, string state, long epoch);

    [LoggerMessage(EventId = 97, Level = LogLevel.Error, Message = "Replication of {Kind} {Queue}: {State}. {Reason}")]
    private static partial void LogFailure(ILogger logger, string kind, string queue, string state, string reason);
}

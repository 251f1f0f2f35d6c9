using System.Collections.Concurrent;
using Estream.Core;
using Estream.Host.Components;
using Estream.Host.Http;
using Estream.Wire;

namespace Estream.Host.Runtime;

/// <summary>A running adapter: starts it, runs its ingress and egress, and notifies its supervisor when it ends unexpectedly.</summary>
/// <param name="plan">The configuration of the adapter.</param>
/// <param name="adapter">The adapter; owned by this object.</param>
/// <param name="component">The component with its code, which must outlive the adapter; null for a built-in adapter.</param>
/// <param name="ended">Called on a pool thread when the adapter ended unexpectedly, with <see cref="Failure"/> set.</param>
/// <param name="clock">The clock.</param>
/// <param name="logger">The logger of the adapter.</param>
internal sealed partial class AdapterRuntime(
    AdapterPlan plan, IWireAdapter adapter, LoadedComponent? component, Action<AdapterRuntime> ended, IClock clock,
    ILogger logger) : IAdapterView, IAsyncDisposable
{
    private readonly CancellationTokenSource _stop = new();
    private volatile EgressPump[] _egress = [];
    private Task _ingest = Task.CompletedTask;
    private volatile string? _failure;
    private long _startedAt;

    public string Name => plan.Name;

    public AdapterPlan Plan => plan;

    public LoadedComponent? Component => component;

    public IWireAdapter Adapter => adapter;

    /// <summary>Why the adapter ended unexpectedly or failed to start; null while it runs.</summary>
    public string? Failure => _failure;

    /// <summary>The number of restarts of an adapter of this name since the start of the host.</summary>
    public long Restarts { get; init; }

    /// <summary>The maps that the adapter has asked for.</summary>
    public ConcurrentDictionary<string, bool> Maps { get; init; } = new();

    /// <summary>The counts of refused messages, packets and connections by reason.</summary>
    public AdapterRejections Rejections { get; init; } = new(clock);

    /// <summary>The time that messages took to be stored.</summary>
    public LatencyHistogram StoreTimes { get; init; } = new();

    /// <summary>The queues that the adapter may append to; null in an adapter that was created without queues.</summary>
    public IngressSinks? Ingress { get; init; }

    /// <summary>The pauses of the adapter. Owned by the set of adapters.</summary>
    public IngressControl Pauses { get; init; } = new();

    /// <summary>The tables of the adapter.</summary>
    public IReadOnlyList<AdapterTable> Tables { get; } = AdapterTables.Of(adapter);

    /// <summary>The time since the start of the adapter; zero if it was not started.</summary>
    public TimeSpan Uptime =>
        _startedAt == 0 ? TimeSpan.Zero : TimeSpan.FromTicks((clock.UtcNanos - _startedAt) / TimeSpan.NanosecondsPerTick);

    /// <summary>The health of the adapter: as reported by the adapter, or unhealthy if it ended unexpectedly.</summary>
    public AdapterHealth Health
    {
        get
        {
            HealthStatus status = Status;
            return new AdapterHealth(Name, adapter.Descriptor.Type, WordOf(status.State), status.Detail);
        }
    }

    /// <summary>The health state of the adapter.</summary>
    public HealthState State => Status.State;

    private HealthStatus Status
    {
        get
        {
            HealthStatus status = _failure is { } failure ? HealthStatus.Unhealthy(failure) : adapter.Health;
            if (Pauses.Failure is { } paused)
            {
                // If the adapter reports only the pause, the adapter has no other trouble.
                status = status.State == HealthState.Healthy || status.Detail.Contains(paused.Message, StringComparison.Ordinal)
                    ? HealthStatus.Degraded(paused.Message)
                    : new HealthStatus(Worse(status.State, HealthState.Degraded), $"{paused.Message} {status.Detail}");
            }

            foreach (EgressPump pump in _egress)
            {
                if (pump.Trouble is { } trouble)
                {
                    status = new HealthStatus(Worse(status.State, trouble.State), $"{status.Detail} {trouble.Detail}");
                }
            }

            return status;
        }
    }

    private static HealthState Worse(HealthState one, HealthState other) => one > other ? one : other;

    public AdapterOverview Overview
    {
        get
        {
            AdapterHealth health = Health;
            AdapterStatistics statistics = adapter.Statistics;
            return new AdapterOverview(
                health.Name, health.Type, health.State, health.Detail, statistics.Connections, statistics.ReceivedTotal,
                statistics.RejectedTotal, Restarts)
            {
                IsPaused = Pauses.Failure is not null,
                DeviceCount = adapter is IFieldAdapter devices ? devices.DeviceCount : 0,
                WaitingPaymentCount = adapter is IPaymentAdapter payments ? payments.WaitingPaymentCount : 0,
            };
        }
    }

    /// <summary>The overview, with the additional members of <c>/api/adapters/{name}</c>.</summary>
    public AdapterDetail Detail
    {
        get
        {
            HashSet<string> found = [.. Ingress?.Found ?? []];
            IngressSink[] sinks = [.. (Ingress?.All ?? []).Where(sink => found.Contains(sink.Name))];
            IEnumerable<PauseReason> reasons = Pauses.Reasons.Concat(sinks.SelectMany(sink => sink.Control.Reasons)).Distinct().Order();
            return new AdapterDetail(Overview)
            {
                PauseReasons = [.. reasons.Select(QueueDescription.WordOf)],
                Queues = [.. sinks.Select(sink => sink.Name)],
                Egress = [.. _egress.Select(pump => pump.Queue)],
                Rejections = [.. Rejections.ToList().Select(RejectionOverview.Of)],
                Tables = [.. Tables.Select(AdapterTableOverview.Of)],
            };
        }
    }

    /// <summary>Stops the adapter from accepting messages until <see cref="Resume"/>. The adapter keeps its connections, reads nothing more
    /// from them and acknowledges nothing, as if its queues could not be written. Egress continues.</summary>
    public void Pause() => Pauses.Pause(PauseReason.Operator, new EstreamStorageException(
        $"Paused by an operator. Resume the adapter with PUT /api/adapters/{Uri.EscapeDataString(Name)}/resume.", path: null,
        StorageFailure.Other));

    /// <summary>Lets the adapter accept messages again.</summary>
    public void Resume() => Pauses.Resume(PauseReason.Operator);

    /// <summary>Whether the adapter has finished ingesting after a stop request.</summary>
    public bool IsDrained => _ingest.IsCompleted;

    public AdapterStatistics Statistics => adapter.Statistics;

    /// <summary>The egress pumps of the adapter.</summary>
    public IReadOnlyList<EgressPump> Egress => _egress;

    /// <summary>Adds an egress pump, which runs from the start to the end of the adapter. Call it before
    /// <see cref="StartAsync"/>.</summary>
    public void Add(EgressPump pump) => _egress = [.. _egress, pump];

    /// <summary>Sets <see cref="Failure"/>.</summary>
    public void Fail(string reason) => _failure = reason;

    /// <summary>Starts the adapter. Returns when it listens; ingestion continues in the background.</summary>
    /// <exception cref="WireConnectionException">The port is in use or cannot be bound.</exception>
    /// <exception cref="WireConfigurationException">A file named in the settings is missing or invalid.</exception>
    public async Task StartAsync(CancellationToken cancellation)
    {
        await adapter.StartAsync(cancellation).ConfigureAwait(false);
        _startedAt = clock.UtcNanos;
        _ingest = Task.Run(IngestAsync, CancellationToken.None);
        Array.ForEach(_egress, pump => pump.Start());
    }

    /// <summary>Stops accepting and drains. Returns when every message received from the wire is stored or remains
    /// unacknowledged.</summary>
    /// <param name="giveUp">Cancels the wait, not the draining. The caller then disposes the adapter, which aborts the draining.</param>
    public async Task StopAsync(CancellationToken giveUp)
    {
        await Task.WhenAll(_egress.Select(pump => pump.StopAsync())).ConfigureAwait(false);
        await _stop.CancelAsync().ConfigureAwait(false);
        await _ingest.WaitAsync(giveUp).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
    }

    public async ValueTask DisposeAsync()
    {
        foreach (EgressPump pump in _egress)
        {
            await pump.DisposeAsync().ConfigureAwait(false);
        }

        await _stop.CancelAsync().ConfigureAwait(false);
        await adapter.DisposeAsync().ConfigureAwait(false);
        await _ingest.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        _stop.Dispose();
    }

    internal static string WordOf(HealthState state) => state switch
    {
        HealthState.Healthy => "healthy",
        HealthState.Degraded => "degraded",
        _ => "unhealthy",
    };

    private async Task IngestAsync()
    {
        try
        {
            await adapter.Ingest(_stop.Token).ConfigureAwait(false);
            if (!_stop.IsCancellationRequested)
            {
                _failure = "The adapter stopped unexpectedly.";
                LogEnded(logger, Name);
                ended(this);
            }
        }
        catch (Exception e) when (!_stop.IsCancellationRequested)
        {
            // An adapter may throw anything. Report the failure in the log and in /health; other adapters keep running.
            _failure = $"The adapter failed: {e.Message}";
            LogFailed(logger, Name, e);
            ended(this);
        }
    }

    [LoggerMessage(EventId = 20, Level = LogLevel.Critical,
        Message = "Adapter {Adapter} failed and receives no messages until it is restarted.")]
    private static partial void LogFailed(ILogger logger, string adapter, Exception exception);

    [LoggerMessage(EventId = 21, Level = LogLevel.Critical,
        Message = "Adapter {Adapter} stopped unexpectedly and receives no messages until it is restarted.")]
    private static partial void LogEnded(ILogger logger, string adapter);
}

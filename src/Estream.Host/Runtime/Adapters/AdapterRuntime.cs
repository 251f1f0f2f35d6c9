using Estream.Core;
using Estream.Host.Components;
using Estream.Host.Http;
using Estream.Wire;

namespace Estream.Host.Runtime;

/// <summary>One adapter while it runs: starts it, has it ingest and publish, and tells its supervisor when it ends on its own.</summary>
/// <param name="plan">What was asked for.</param>
/// <param name="adapter">The adapter; owned.</param>
/// <param name="component">Where its code is from, which has to outlive it; null for an adapter that the host brings.</param>
/// <param name="ended">Called by a thread of the pool when it has ended without being asked to, with <see cref="Failure"/> set.</param>
/// <param name="clock">Time.</param>
/// <param name="logger">Takes what happens to it.</param>
internal sealed partial class AdapterRuntime(
    AdapterPlan plan, IWireAdapter adapter, LoadedComponent? component, Action<AdapterRuntime> ended, IClock clock,
    ILogger logger) : IAsyncDisposable
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

    /// <summary>Why it takes nothing any more though nobody stopped it; null while it does.</summary>
    public string? Failure => _failure;

    /// <summary>How often an adapter of this name was started again since the host was.</summary>
    public long Restarts { get; init; }

    /// <summary>How long it has been running; zero if it was not started.</summary>
    public TimeSpan Uptime =>
        _startedAt == 0 ? TimeSpan.Zero : TimeSpan.FromTicks((clock.UtcNanos - _startedAt) / TimeSpan.NanosecondsPerTick);

    /// <summary>How the adapter is; what it says itself unless it has ended on its own.</summary>
    public AdapterHealth Health
    {
        get
        {
            HealthStatus status = Status;
            return new AdapterHealth(Name, adapter.Descriptor.Type, WordOf(status.State), status.Detail);
        }
    }

    /// <summary>The one word for how the adapter is.</summary>
    public HealthState State => Status.State;

    private HealthStatus Status
    {
        get
        {
            HealthStatus status = _failure is { } failure ? HealthStatus.Unhealthy(failure) : adapter.Health;
            foreach (EgressPump pump in _egress)
            {
                if (pump.Trouble is { } trouble)
                {
                    status = new HealthStatus(status.State > trouble.State ? status.State : trouble.State,
                        $"{status.Detail} {trouble.Detail}");
                }
            }

            return status;
        }
    }

    public AdapterOverview Overview
    {
        get
        {
            AdapterHealth health = Health;
            AdapterStatistics statistics = adapter.Statistics;
            return new AdapterOverview(
                health.Name, health.Type, health.State, health.Detail, statistics.Connections, statistics.ReceivedTotal,
                statistics.RejectedTotal, Restarts);
        }
    }

    /// <summary>Whether the adapter, asked to stop, has come to its end by itself.</summary>
    public bool IsDrained => _ingest.IsCompleted;

    public AdapterStatistics Statistics => adapter.Statistics;

    /// <summary>What is published through the adapter.</summary>
    public IReadOnlyList<EgressPump> Egress => _egress;

    /// <summary>Has a queue published through the adapter, from its start to its end. Call it before.</summary>
    public void Add(EgressPump pump) => _egress = [.. _egress, pump];

    /// <summary>States why it does not run.</summary>
    public void Fail(string reason) => _failure = reason;

    /// <summary>Returns when the adapter listens; ingesting goes on in the background.</summary>
    /// <exception cref="WireConnectionException">The port is taken or may not be bound.</exception>
    /// <exception cref="WireConfigurationException">A file the settings name is missing or not what it should be.</exception>
    public async Task StartAsync(CancellationToken cancellation)
    {
        await adapter.StartAsync(cancellation).ConfigureAwait(false);
        _startedAt = clock.UtcNanos;
        _ingest = Task.Run(IngestAsync, CancellationToken.None);
        Array.ForEach(_egress, pump => pump.Start());
    }

    /// <summary>Stops accepting and drains: returns when every message taken from the wire is stored or was never acknowledged.</summary>
    /// <param name="giveUp">Ends the wait, not the draining: the adapter is disposed next, which ends it hard.</param>
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
                _failure = "It stopped without being asked to.";
                LogEnded(logger, Name);
                ended(this);
            }
        }
        catch (Exception e) when (!_stop.IsCancellationRequested)
        {
            // An adapter may throw anything. Log and /health say so, and the other adapters go on.
            _failure = $"It failed: {e.Message}";
            LogFailed(logger, Name, e);
            ended(this);
        }
    }

    [LoggerMessage(EventId = 20, Level = LogLevel.Critical,
        Message = "Adapter {Adapter} failed and takes no messages until it is started again.")]
    private static partial void LogFailed(ILogger logger, string adapter, Exception exception);

    [LoggerMessage(EventId = 21, Level = LogLevel.Critical,
        Message = "Adapter {Adapter} stopped without being asked to and takes no messages until it is started again.")]
    private static partial void LogEnded(ILogger logger, string adapter);
}

using Estream.Circuits;
using Estream.Core;
using Estream.Streams.Pipelines;
using Estream.Wire;

namespace Estream.Host.Runtime;

/// <summary>
/// Starts and stops the parts of a host in order.
/// </summary>
/// <remarks>
/// A host with the role auto first follows the queues of the active host; its web server returns <c>standby</c>. The host starts when
/// it holds the lease. Start: storage opens before the web server starts, so a host that cannot work reports this and exits. Replication
/// starts first. The server returns <c>starting</c> while the maps catch up. Then pipelines start, and adapters listen last, so nothing
/// is acknowledged before the host is complete. Stop: adapters stop accepting and drain, all received messages are committed, and the
/// maps catch up. The web server returns <c>stopping</c> until it has stopped. Then storage closes.
/// </remarks>
internal sealed partial class HostLifecycle(HostConfiguration plan, HostState state, OverviewSource overview, AdapterUpdater updater,
    AdapterSupervisor supervisor, FreeSpaceFloor floor, IClock clock, TimeProvider time, IHostApplicationLifetime lifetime,
    ILoggerFactory loggers)
    : IHostedLifecycleService, IAsyncDisposable
{
    /// <summary>The drain timeout of sockets. Senders must resend messages that are not acknowledged by then.</summary>
    private static readonly TimeSpan s_drainLimit = TimeSpan.FromSeconds(15);

    /// <summary>The drain timeout of a host that is not active any more, which can acknowledge nothing.</summary>
    private static readonly TimeSpan s_lostDrainLimit = TimeSpan.FromSeconds(1);

    private readonly ILogger _logger = loggers.CreateLogger("Estream.Host");
    private readonly CancellationTokenSource _ending = new();
    private StandbyLease? _lease;
    private Task _activation = Task.CompletedTask;
    private bool _isCutShort;

    public async Task StartingAsync(CancellationToken cancellationToken)
    {
        LogStarting(_logger, HostVersion.Text, plan.Data.Root);
        if (plan.Replication is { Lease: not null } replication)
        {
            state.Phase = HostPhase.Standby;
            state.Standby = ReplicationStandby.Start(plan, replication, clock, loggers.CreateLogger("Estream.Replication"));
            return;
        }

        if (plan.Gateway is { HasStandby: true })
        {
            _lease = await StandbyLease.AcquireAsync(plan.Data.Root, _logger, cancellationToken).ConfigureAwait(false);
        }

        state.Parts = await HostComponents.OpenAsync(plan, clock, loggers, _lease?.IsTakeover == true).ConfigureAwait(false);
    }

    public Task StartAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public async Task StartedAsync(CancellationToken cancellationToken)
    {
        if (state.Standby is { } standby)
        {
            _activation = Task.Run(() => ActivateAsync(standby), CancellationToken.None);
            return;
        }

        HostComponents parts = state.Parts ?? throw new InvalidOperationException("The host was started twice.");
        await StartPartsAsync(parts, cancellationToken).ConfigureAwait(false);
    }

    // Runs until this host is active. An error ends the process; the service manager restarts the host as standby.
    private async Task ActivateAsync(ReplicationStandby standby)
    {
        try
        {
            bool isTakeover = await standby.TakeOverAsync(_ending.Token).ConfigureAwait(false);
            state.Phase = HostPhase.Starting;
            HostComponents parts = await HostComponents.OpenAsync(plan, clock, loggers, isTakeover).ConfigureAwait(false);
            state.Parts = parts;
            await StartPartsAsync(parts, _ending.Token).ConfigureAwait(false);
        }
        catch (OperationCanceledException) when (_ending.IsCancellationRequested)
        {
            // The host is stopping.
        }
        catch (EstreamException failure)
        {
            Fail(failure);
        }
        catch (Exception failure)
        {
            Fail(new EstreamStorageException(
                $"This host could not become active: {failure.Message}", plan.Data.Root, StorageFailure.Other, failure));
        }
    }

    // Another host may be active: this host acknowledges nothing from now on, and answers no reads with its last values.
    private void Lose(HostComponents parts, string reason)
    {
        EstreamStorageException failure = new(
            $"This host is not active any more. {reason} Restart this host; it then follows the active host.", plan.Data.Root,
            StorageFailure.Other);
        parts.Sinks.Pause(PauseReason.LeaseLost, failure, static _ => true);
        Fail(failure);
        parts.Gate.Close();
    }

    private void Fail(EstreamException failure)
    {
        if (state.Failure is null)
        {
            state.Failure = failure;
            state.Phase = HostPhase.Stopping;
            LogFailed(_logger, failure.Message);
            lifetime.StopApplication();
        }
    }

    private async Task StartPartsAsync(HostComponents parts, CancellationToken cancellationToken)
    {
        // Replication starts before anything appends: it compares the end of the log with what was replicated.
        Action<string>? lost = state.Standby is null ? null : reason => Lose(parts, reason);
        parts.StartReplication(lost);
        parts.StartChecks(floor, lost is null ? null : state.Standby?.Guard(lost, time), time, _logger);

        foreach (WitnessRuntime witness in parts.Witnesses)
        {
            witness.Start();
        }

        parts.Audit?.Start();
        foreach (MapRuntime map in parts.Maps.Values)
        {
            map.Start();
        }

        foreach (MapRuntime map in parts.Maps.Values)
        {
            await map.CaughtUp.WaitAsync(cancellationToken).ConfigureAwait(false);
        }

        foreach (PipelineRunner pipeline in parts.Pipelines)
        {
            pipeline.Start();
        }

        foreach (RunningCircuit circuit in parts.Circuits)
        {
            circuit.Start();
        }

        parts.StartReplicas(clock);
        foreach (MulticastRuntime multicast in parts.Multicast)
        {
            multicast.Start();
        }

        supervisor.Watch(parts.AdapterSet);
        foreach (AdapterRuntime adapter in parts.Adapters)
        {
            await adapter.StartAsync(cancellationToken).ConfigureAwait(false);
        }

        // Refresh first, so the overview of a ready host is complete.
        overview.Refresh(parts);
        if (state.Failure is not null)
        {
            return;
        }

        state.Phase = HostPhase.Running;
        LogReady(_logger, parts.Queues.Count, parts.Maps.Count, parts.Adapters.Count);
    }

    public async Task StoppingAsync(CancellationToken cancellationToken)
    {
        await _ending.CancelAsync().ConfigureAwait(false);
        await _activation.ConfigureAwait(false);
        state.Phase = HostPhase.Stopping;
        if (state.Parts is not { } parts)
        {
            return;
        }

        LogStopping(_logger);
        supervisor.End();
        await updater.EndAsync().ConfigureAwait(false);
        using CancellationTokenSource limit = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        limit.CancelAfter(state.Failure is null ? s_drainLimit : s_lostDrainLimit);
        await Task.WhenAll(parts.Adapters.Select(a => a.StopAsync(limit.Token))).ConfigureAwait(false);
        foreach (AdapterRuntime adapter in parts.Adapters.Where(a => !a.IsDrained))
        {
            _isCutShort = true;
            LogCutOff(_logger, adapter.Name);
        }

        // Publishers stop after the adapters, so that most of what was received is sent; subscribers get the rest after the next start.
        await Task.WhenAll(parts.Multicast.Select(multicast => multicast.StopAsync())).ConfigureAwait(false);

        await Task.WhenAll(parts.Replication.Select(queue => queue.DisposeAsync().AsTask())).ConfigureAwait(false);
        if (state.Failure is not null)
        {
            // The end of the publishers has ended the waits for confirmations, which the brokers do not give any more.
            await parts.AdapterSet.DisposeAsync().ConfigureAwait(false);
        }

        // Pipelines store their positions and continue there after the next start.
        await Task.WhenAll(parts.Pipelines.Select(pipeline => pipeline.StopAsync()).Append(parts.StopCircuitsAsync()))
            .ConfigureAwait(false);
        await Task.WhenAll(parts.Witnesses.Select(witness => witness.StopAsync(limit.Token))
            .Append(parts.Audit?.StopAsync(limit.Token) ?? Task.CompletedTask)).ConfigureAwait(false);
        foreach (MapRuntime map in parts.Maps.Values)
        {
            await map.StopAsync(cancellationToken).ConfigureAwait(false);
            if (!map.HasArrived)
            {
                _isCutShort = true;
                LogBehind(_logger, map.Plan.Name, map.Plan.Queue, map.Failure ?? "timeout");
            }
        }
    }

    public Task StopAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public async Task StoppedAsync(CancellationToken cancellationToken)
    {
        await DisposeAsync().ConfigureAwait(false);
        if (_isCutShort)
        {
            LogCutShort(_logger);
        }
        else
        {
            LogStopped(_logger);
        }
    }

    /// <summary>Closes all parts. Also called when the start failed halfway. Idempotent.</summary>
    public async ValueTask DisposeAsync()
    {
        if (state.Parts is { } parts)
        {
            state.Parts = null;
            await parts.DisposeAsync().ConfigureAwait(false);
            if (state.Phase == HostPhase.Starting)
            {
                LogNotStarted(_logger);
            }
        }

        if (state.Standby is { } standby)
        {
            state.Standby = null;
            await standby.DisposeAsync().ConfigureAwait(false);
        }

        _ending.Dispose();

        // The other host may open the data as soon as this host has closed it.
        _lease?.Dispose();
        _lease = null;
    }

    [LoggerMessage(EventId = 1, Level = LogLevel.Information, Message = "Estream {Version} is starting with data in {Data}.")]
    private static partial void LogStarting(ILogger logger, string version, string data);

    [LoggerMessage(EventId = 2, Level = LogLevel.Information, Message = "Ready: {Queues} queues, {Maps} maps, {Adapters} adapters.")]
    private static partial void LogReady(ILogger logger, int queues, int maps, int adapters);

    [LoggerMessage(EventId = 3, Level = LogLevel.Information, Message = "Stopping: adapters drain, maps catch up.")]
    private static partial void LogStopping(ILogger logger);

    [LoggerMessage(EventId = 4, Level = LogLevel.Information, Message = "Stopped. Everything received is stored.")]
    private static partial void LogStopped(ILogger logger);

    [LoggerMessage(EventId = 6, Level = LogLevel.Warning,
        Message = "Adapter {Adapter} did not drain in time and is aborted; senders must resend unacknowledged messages.")]
    private static partial void LogCutOff(ILogger logger, string adapter);

    [LoggerMessage(EventId = 7, Level = LogLevel.Warning,
        Message = "Map {Map} has not reached the end of queue {Queue} ({Reason}); it catches up at the next start.")]
    private static partial void LogBehind(ILogger logger, string map, string queue, string reason);

    [LoggerMessage(EventId = 8, Level = LogLevel.Warning,
        Message = "Stopped before all adapters and maps were finished; see the previous warnings. Everything acknowledged is stored.")]
    private static partial void LogCutShort(ILogger logger);

    [LoggerMessage(EventId = 103, Level = LogLevel.Error, Message = "The host ends. {Reason}")]
    private static partial void LogFailed(ILogger logger, string reason);

    [LoggerMessage(EventId = 9, Level = LogLevel.Information, Message = "Closed before the host was ready. Stored data is unchanged.")]
    private static partial void LogNotStarted(ILogger logger);
}

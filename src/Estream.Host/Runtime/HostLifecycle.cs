using Estream.Core;
using Estream.Wire;

namespace Estream.Host.Runtime;

/// <summary>
/// Opens, starts and stops the parts of a host.
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
    private readonly Lock _losing = new();
    private Task? _lost;
    private bool _isCutShort;

    public async Task StartingAsync(CancellationToken cancellationToken)
    {
        LogStarting(_logger, HostVersion.Text, plan.Data.Root);
        if (plan.Replication is { Lease: not null } replication)
        {
            state.Phase = HostPhase.Standby;
            state.Standby = ReplicationStandby.Start(plan, replication, clock, time, loggers.CreateLogger("Estream.Replication"));
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

    /// <summary>Ends this host, because another host may be active. From now on, this host acknowledges no request, and refuses reads,
    /// because its values may be stale. Stops the adapters before the connections of clients have ended. Thread-safe.</summary>
    internal void Lose(HostComponents parts, string reason)
    {
        EstreamStorageException failure = new(
            $"This host is not active any more. {reason} Restart this host; it then follows the active host.", plan.Data.Root,
            StorageFailure.Other);
        parts.Sinks.Pause(PauseReason.LeaseLost, failure, static _ => true);
        parts.Remote?.Close(failure.Message);
        lock (_losing)
        {
            _lost ??= Task.Run(() => StopLostAsync(parts));
        }

        Fail(failure);
        parts.Gate.Close();
    }

    private async Task StopLostAsync(HostComponents parts)
    {
        supervisor.End();
        using CancellationTokenSource limit = new(s_lostDrainLimit);
        Task stopped = Task.WhenAll(parts.Adapters.Select(adapter => adapter.StopAsync(limit.Token)));

        // A start or an update in progress may add adapters.
        await _ending.CancelAsync().ConfigureAwait(false);
        await _activation.ConfigureAwait(false);
        await updater.EndAsync().ConfigureAwait(false);
        await stopped.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        await parts.StopAdaptersAsync(new HostStop(IsLost: true, limit.Token, limit.Token)).ConfigureAwait(false);
    }

    private Task EndOfLossAsync()
    {
        lock (_losing)
        {
            return _lost ?? Task.CompletedTask;
        }
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
        Action<string>? lost = state.Standby is null ? null : reason => Lose(parts, reason);
        LeaseGuard? lease = lost is null ? null : state.Standby?.Guard(lost, time);
        supervisor.Watch(parts.AdapterSet);
        await parts.StartAsync(new HostControl(floor, lost, lease, time), cancellationToken).ConfigureAwait(false);

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

        // A part that fails to stop here is stopped again below, and the failure is logged there.
        await EndOfLossAsync().ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        supervisor.End();
        await updater.EndAsync().ConfigureAwait(false);
        using CancellationTokenSource limit = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        limit.CancelAfter(state.Failure is null ? s_drainLimit : s_lostDrainLimit);
        _isCutShort = !await parts.StopAsync(new HostStop(state.Failure is not null, limit.Token, cancellationToken)).ConfigureAwait(false);
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
        await EndOfLossAsync().ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
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

    [LoggerMessage(EventId = 8, Level = LogLevel.Warning,
        Message = "Stopped before all adapters and maps were finished; see the previous warnings. Everything acknowledged is stored.")]
    private static partial void LogCutShort(ILogger logger);

    [LoggerMessage(EventId = 103, Level = LogLevel.Error, Message = "The host ends. {Reason}")]
    private static partial void LogFailed(ILogger logger, string reason);

    [LoggerMessage(EventId = 9, Level = LogLevel.Information, Message = "Closed before the host was ready. Stored data is unchanged.")]
    private static partial void LogNotStarted(ILogger logger);
}

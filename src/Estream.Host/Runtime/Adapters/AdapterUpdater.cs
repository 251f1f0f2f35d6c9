using Estream.Core;
using Estream.Host.Components;
using Estream.Wire;

namespace Estream.Host.Runtime;

/// <summary>
/// Replaces the code of an adapter while the host runs. First, everything that can be checked without stopping the old version is checked.
/// Then the old version drains, so all received messages are stored, and releases its ports and its positions in queues, which the new
/// version takes over. The old code stays loaded until the new version is as healthy as the old one was; otherwise the old version is
/// restarted.
/// </summary>
internal sealed partial class AdapterUpdater(HostConfiguration plan, HostState state, ILogger<AdapterUpdater> logger) : IDisposable
{
    /// <summary>The drain timeout. Senders must resend messages that are not acknowledged by then.</summary>
    private static readonly TimeSpan s_drainLimit = TimeSpan.FromSeconds(15);

    private static readonly TimeSpan s_look = TimeSpan.FromMilliseconds(20);

    private readonly SemaphoreSlim _turn = new(1, 1);
    private readonly CancellationTokenSource _ending = new();

    /// <summary>The time in which a new version must start and become as healthy as the old version was.</summary>
    public TimeSpan TrialLimit { get; set; } = TimeSpan.FromSeconds(10);

    /// <summary>Whether the host is stopping.</summary>
    public bool IsEnding => _ending.IsCancellationRequested;

    /// <summary>Waits for running updates and restarts of adapters, and prevents others until the result is disposed.</summary>
    public async Task<IDisposable> EnterAsync(CancellationToken cancellation)
    {
        await _turn.WaitAsync(cancellation).ConfigureAwait(false);
        return new Turn(_turn);
    }

    /// <summary>See <see cref="ComponentUpdates.UpdateAsync"/>.</summary>
    public async Task<ComponentUpdate> UpdateAsync(string adapter, CancellationToken cancellation)
    {
        await _turn.WaitAsync(cancellation).ConfigureAwait(false);
        try
        {
            AdapterSet set = state is { Phase: HostPhase.Running, Parts: { } parts }
                ? parts.AdapterSet
                : throw new InvalidOperationException("The host is not running, so no adapter can be updated.");
            AdapterRuntime old = set.All.FirstOrDefault(runtime => runtime.Name == adapter)
                ?? throw new ArgumentException(
                    $"There is no adapter {adapter}. The adapters are: {string.Join(", ", set.All.Select(runtime => runtime.Name))}.",
                    nameof(adapter));
            ComponentUpdate update = await UpdateAsync(set, old).ConfigureAwait(false);
            LogUpdate(logger,
                update.Status is ComponentUpdateStatus.Updated or ComponentUpdateStatus.Unchanged ? LogLevel.Information : LogLevel.Error,
                update.Adapter, update.Status, update.Detail);
            return update;
        }
        finally
        {
            _turn.Release();
        }
    }

    /// <summary>Replaces an adapter that ended unexpectedly with a new one, and starts it.</summary>
    /// <returns>The new adapter, whose <see cref="AdapterRuntime.Failure"/> is set if the start failed; the old adapter if no new one could
    /// be created; null if the old adapter was replaced in the meantime, or the host is stopping.</returns>
    /// <exception cref="OperationCanceledException">The host is stopping.</exception>
    public async Task<AdapterRuntime?> RestartAsync(AdapterRuntime ended)
    {
        await _turn.WaitAsync(_ending.Token).ConfigureAwait(false);
        try
        {
            if (state is not { Phase: not HostPhase.Stopping, Parts.AdapterSet: { } set } || !set.All.Contains(ended))
            {
                return null;
            }

            AdapterRuntime next;
            try
            {
                next = set.Create(ended.Plan, ended.Component, ended.Restarts + 1);
            }
            catch (Exception failure)
            {
                ended.Fail($"The adapter could not be created again: {failure.Message}");
                return ended;
            }

            set.Replace(ended, next);
            await EndAsync(ended).ConfigureAwait(false);
            if (await TryStartAsync(set, next, HealthState.Unhealthy).ConfigureAwait(false) is { } reason && next.Failure is null)
            {
                next.Fail($"The adapter could not be restarted: {reason}");
            }

            return next;
        }
        finally
        {
            _turn.Release();
        }
    }

    /// <summary>Waits for an update or restart in progress, and prevents new ones.</summary>
    public async Task EndAsync()
    {
        await _ending.CancelAsync().ConfigureAwait(false);
        await _turn.WaitAsync().ConfigureAwait(false);
        _turn.Release();
    }

    public void Dispose()
    {
        _turn.Dispose();
        _ending.Dispose();
    }

    private async Task<ComponentUpdate> UpdateAsync(AdapterSet set, AdapterRuntime old)
    {
        LoadedComponent before = old.Component
            ?? throw new ArgumentException(
                $"The adapter {old.Name} is not a component but part of the host. Update the host instead.", nameof(old));
        ComponentUpdate Of(ComponentUpdateStatus status, InstalledAdapter now, string detail) =>
            new(old.Name, status, before.Installed.ToString(), now.ToString(), detail);
        LoadedComponent? next = null;
        AdapterRuntime runtime;
        try
        {
            InstalledAdapter installed = plan.Read(old.Plan);
            if (installed.Locked.Root256 == before.Installed.Locked.Root256)
            {
                return Of(ComponentUpdateStatus.Unchanged, installed, $"{installed} from the workspace is already running.");
            }

            next = LoadedComponent.Load(installed, old.Plan.ComponentKey);
            plan.Check(old.Plan, next);
            runtime = set.Create(old.Plan, next);
        }
        catch (Exception failure)
        {
            // Third-party code may throw anything. The old version was not stopped.
            next?.Dispose();
            return Of(ComponentUpdateStatus.Refused, before.Installed,
                $"The new version was refused, and {before.Installed} keeps running: {failure.Message}");
        }

        HealthState was = old.State;
        set.Replace(old, runtime);
        await EndAsync(old).ConfigureAwait(false);
        if (await TryStartAsync(set, runtime, was).ConfigureAwait(false) is not { } reason)
        {
            before.Dispose();
            return Of(ComponentUpdateStatus.Updated, next.Installed, $"{next.Installed} continues where {before.Installed} stopped.");
        }

        return await RestoreAsync(set, runtime, before, reason).ConfigureAwait(false);
    }

    /// <summary>Stops a version that could not take over, and restarts the previous version.</summary>
    private async Task<ComponentUpdate> RestoreAsync(AdapterSet set, AdapterRuntime failed, LoadedComponent before, string reason)
    {
        string old = before.Installed.ToString(), next = failed.Component!.Installed.ToString();
        ComponentUpdate Of(ComponentUpdateStatus status, string detail) => new(failed.Name, status, old, old, detail);
        AdapterRuntime again;
        try
        {
            again = set.Create(failed.Plan, before);
        }
        catch (Exception failure)
        {
            before.Dispose();
            return Of(ComponentUpdateStatus.Failed,
                Failed(failed,
                    $"{next} could not take over: {reason} And {old} could not be created again: {failure.Message} Fix the cause and "
                    + "restart the host."));
        }

        set.Replace(failed, again);
        await EndAsync(failed).ConfigureAwait(false);
        failed.Component.Dispose();
        if (_ending.IsCancellationRequested)
        {
            return Of(ComponentUpdateStatus.Restored,
                $"The host is stopping; the next start uses the version in the workspace. {next} had not taken over: {reason}");
        }

        return await TryStartAsync(set, again, HealthState.Unhealthy).ConfigureAwait(false) is { } worse
            ? Of(ComponentUpdateStatus.Failed,
                Failed(again,
                    $"{next} could not take over: {reason} And {old} could not be restarted: {worse} Fix the cause and restart the host."))
            : Of(ComponentUpdateStatus.Restored, $"{next} could not take over, and {old} is running again: {reason}");
    }

    /// <summary>Starts an adapter and waits until its health is at least <paramref name="enough"/>.</summary>
    /// <returns>Null on success; otherwise the reason of the failure.</returns>
    internal async Task<string?> TryStartAsync(AdapterSet set, AdapterRuntime runtime, HealthState enough)
    {
        using CancellationTokenSource limit = CancellationTokenSource.CreateLinkedTokenSource(_ending.Token);
        limit.CancelAfter(TrialLimit);
        try
        {
            set.Attach(runtime);
            await runtime.StartAsync(limit.Token).WaitAsync(limit.Token).ConfigureAwait(false);
        }
        catch (OperationCanceledException) when (limit.IsCancellationRequested)
        {
            return _ending.IsCancellationRequested
                ? "the host was stopped."
                : $"it had not started after {TrialLimit.TotalSeconds:0.#} s.";
        }
        catch (Exception failure)
        {
            return failure.Message;
        }

        while (runtime.Failure is null && runtime.State > enough && !limit.IsCancellationRequested)
        {
            await Task.Delay(s_look, limit.Token).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }

        return runtime.Failure
            ?? (runtime.State > enough
                ? $"it was {AdapterRuntime.WordOf(runtime.State)} after {TrialLimit.TotalSeconds:0.#} s, but the previous version was "
                    + $"{AdapterRuntime.WordOf(enough)}: {runtime.Health.Detail}" : null);
    }

    /// <summary>Stops and disposes an adapter, after it has drained. Its component stays loaded.</summary>
    internal async Task EndAsync(AdapterRuntime runtime)
    {
        using CancellationTokenSource limit = new(s_drainLimit);
        try
        {
            await runtime.StopAsync(limit.Token).ConfigureAwait(false);
            if (!runtime.IsDrained)
            {
                LogCutOff(logger, runtime.Name);
            }

            await runtime.DisposeAsync().ConfigureAwait(false);
        }
        catch (Exception failure)
        {
            // The adapter is discarded anyway.
            LogEndedBadly(logger, runtime.Name, failure.Message);
        }
    }

    private static string Failed(AdapterRuntime runtime, string reason)
    {
        runtime.Fail(reason);
        return reason;
    }

    private sealed class Turn(SemaphoreSlim turn) : IDisposable
    {
        public void Dispose() => turn.Release();
    }

    [LoggerMessage(EventId = 60, Message = "Adapter {Adapter}: {Status}: {Detail}")]
    private static partial void LogUpdate(ILogger logger, LogLevel level, string adapter, ComponentUpdateStatus status, string detail);

    [LoggerMessage(EventId = 61, Level = LogLevel.Warning,
        Message = "Adapter {Adapter} did not drain in time and is aborted; senders must resend unacknowledged messages.")]
    private static partial void LogCutOff(ILogger logger, string adapter);

    [LoggerMessage(EventId = 62, Level = LogLevel.Warning, Message = "Adapter {Adapter} failed to stop cleanly: {Reason}")]
    private static partial void LogEndedBadly(ILogger logger, string adapter, string reason);
}

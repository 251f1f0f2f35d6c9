using Estream.Core;
using Estream.Host.Components;
using Estream.Wire;

namespace Estream.Host.Runtime;

/// <summary>
/// Replaces the code of an adapter while the host runs. What can be found wrong with a new version without stopping the old one is found
/// first. Then the old one drains, so that all it took is stored, and gives back its ports and its places in queues; the new one takes
/// them. Until the new one is as well as the old one was the old code stays loaded, and is started again where that does not come to be.
/// </summary>
internal sealed partial class AdapterUpdater(HostConfiguration plan, HostState state, ILogger<AdapterUpdater> logger) : IDisposable
{
    /// <summary>How long an adapter may take to drain; what is not acknowledged by then is its senders' to send again.</summary>
    private static readonly TimeSpan s_drainLimit = TimeSpan.FromSeconds(15);

    private static readonly TimeSpan s_look = TimeSpan.FromMilliseconds(20);

    private readonly SemaphoreSlim _turn = new(1, 1);
    private readonly CancellationTokenSource _ending = new();

    /// <summary>How long a new version may take to start, and then to be as well as the old one was.</summary>
    public TimeSpan TrialLimit { get; set; } = TimeSpan.FromSeconds(10);

    /// <summary>See <see cref="ComponentUpdates.UpdateAsync"/>.</summary>
    public async Task<ComponentUpdate> UpdateAsync(string adapter, CancellationToken cancellation)
    {
        await _turn.WaitAsync(cancellation).ConfigureAwait(false);
        try
        {
            AdapterSet set = state is { Phase: HostPhase.Running, Parts: { } parts }
                ? parts.AdapterSet
                : throw new InvalidOperationException("The host does not run, so no adapter can be updated.");
            AdapterRuntime old = set.All.FirstOrDefault(runtime => runtime.Name == adapter)
                ?? throw new ArgumentException(
                    $"There is no adapter {adapter}; there are: {string.Join(", ", set.All.Select(runtime => runtime.Name))}.",
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

    /// <summary>Puts a new adapter in the place of one that has ended on its own, and starts it.</summary>
    /// <returns>The new adapter, whose <see cref="AdapterRuntime.Failure"/> is set if it could not be started; the old one if none could be
    /// made; null if the old one was replaced meanwhile, or the host does not run.</returns>
    /// <exception cref="OperationCanceledException">The host stops.</exception>
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
                ended.Fail($"It could not be made again: {failure.Message}");
                return ended;
            }

            set.Replace(ended, next);
            await EndAsync(ended).ConfigureAwait(false);
            if (await TryStartAsync(set, next, HealthState.Unhealthy).ConfigureAwait(false) is { } reason && next.Failure is null)
            {
                next.Fail($"It could not be started again: {reason}");
            }

            return next;
        }
        finally
        {
            _turn.Release();
        }
    }

    /// <summary>Lets an update or a restart that has begun come to its end, and none begin after it.</summary>
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
                $"The adapter {old.Name} is not a component but a part of this host: it is updated with the host.", nameof(old));
        ComponentUpdate Of(ComponentUpdateStatus status, InstalledAdapter now, string detail) =>
            new(old.Name, status, before.Installed.ToString(), now.ToString(), detail);
        LoadedComponent? next = null;
        AdapterRuntime runtime;
        try
        {
            InstalledAdapter installed = plan.Read(old.Plan);
            if (installed.Locked.Root256 == before.Installed.Locked.Root256)
            {
                return Of(ComponentUpdateStatus.Unchanged, installed, $"{installed} is what the workspace says, and runs.");
            }

            next = LoadedComponent.Load(installed, old.Plan.ComponentKey);
            plan.Check(old.Plan, next);
            runtime = set.Create(old.Plan, next);
        }
        catch (Exception failure)
        {
            // Code of others may throw anything. Nothing was stopped for it.
            next?.Dispose();
            return Of(ComponentUpdateStatus.Refused, before.Installed,
                $"The new version is not used, and {before.Installed} goes on undisturbed: {failure.Message}");
        }

        HealthState was = old.State;
        set.Replace(old, runtime);
        await EndAsync(old).ConfigureAwait(false);
        if (await TryStartAsync(set, runtime, was).ConfigureAwait(false) is not { } reason)
        {
            before.Dispose();
            return Of(ComponentUpdateStatus.Updated, next.Installed, $"{next.Installed} goes on where {before.Installed} ended.");
        }

        return await RestoreAsync(set, runtime, before, reason).ConfigureAwait(false);
    }

    /// <summary>Ends a version that could not take over, and starts the one before again.</summary>
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
                    $"{next} could not take over: {reason} And {old} could not be made again: {failure.Message} Mend the cause and "
                    + "restart the host."));
        }

        set.Replace(failed, again);
        await EndAsync(failed).ConfigureAwait(false);
        failed.Component.Dispose();
        if (_ending.IsCancellationRequested)
        {
            return Of(ComponentUpdateStatus.Restored,
                $"The host stops, and the next start begins with what the workspace says then. {next} had not taken over: {reason}");
        }

        return await TryStartAsync(set, again, HealthState.Unhealthy).ConfigureAwait(false) is { } worse
            ? Of(ComponentUpdateStatus.Failed,
                Failed(again,
                    $"{next} could not take over: {reason} And {old} could not be started again: {worse} Mend the cause and restart the "
                    + "host."))
            : Of(ComponentUpdateStatus.Restored, $"{next} could not take over, and {old} runs again: {reason}");
    }

    /// <summary>Starts an adapter and waits until it is as well as it has to be.</summary>
    /// <returns>Null when it is; otherwise why it is not.</returns>
    private async Task<string?> TryStartAsync(AdapterSet set, AdapterRuntime runtime, HealthState enough)
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
                ? "the host was stopped meanwhile."
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
                ? $"it was {AdapterRuntime.WordOf(runtime.State)} after {TrialLimit.TotalSeconds:0.#} s, and the version before was "
                    + $"{AdapterRuntime.WordOf(enough)}: {runtime.Health.Detail}" : null);
    }

    private async Task EndAsync(AdapterRuntime runtime)
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
            // It was to go, and is not asked for anything again.
            LogEndedBadly(logger, runtime.Name, failure.Message);
        }
    }

    private static string Failed(AdapterRuntime runtime, string reason)
    {
        runtime.Fail(reason);
        return reason;
    }

    [LoggerMessage(EventId = 60, Message = "Adapter {Adapter}: {Status}: {Detail}")]
    private static partial void LogUpdate(ILogger logger, LogLevel level, string adapter, ComponentUpdateStatus status, string detail);

    [LoggerMessage(EventId = 61, Level = LogLevel.Warning,
        Message = "Adapter {Adapter} did not drain in time and is cut off for its update; what it has not acknowledged is its senders' to "
            + "send again.")]
    private static partial void LogCutOff(ILogger logger, string adapter);

    [LoggerMessage(EventId = 62, Level = LogLevel.Warning, Message = "Adapter {Adapter} did not end in order for its update: {Reason}")]
    private static partial void LogEndedBadly(ILogger logger, string adapter, string reason);
}

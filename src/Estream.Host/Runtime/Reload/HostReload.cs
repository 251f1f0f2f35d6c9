using Estream.Host.Configuration;
using Estream.Host.Http;
using Estream.Wire;

namespace Estream.Host.Runtime;

/// <summary>
/// Applies the configuration file to the running host. The file passes the checks of the start first. A setting that cannot change while
/// the host runs refuses the whole reload. After a failure, the host runs as before. Thread-safe: one reload runs at a time.
/// </summary>
/// <param name="plan">The configuration of the host.</param>
/// <param name="state">The open parts.</param>
/// <param name="updater">Starts and stops adapters.</param>
/// <param name="credentials">Reads credentials and trusted keys again.</param>
/// <param name="overview">Refreshes what the console shows.</param>
/// <param name="logger">The log.</param>
internal sealed partial class HostReload(HostConfiguration plan, HostState state, AdapterUpdater updater, CredentialReload credentials,
    OverviewSource overview, ILogger<HostReload> logger)
{
    /// <summary>How long a reload waits until a map has read its queue. The map continues to read afterwards.</summary>
    private static readonly TimeSpan s_mapLimit = TimeSpan.FromSeconds(10);

    private LoadedConfiguration? _applied;
    private Func<LoadedConfiguration>? _load;

    /// <summary>The configuration that the host runs with; null for a host that was configured by code.</summary>
    public LoadedConfiguration? Applied => Volatile.Read(ref _applied);

    /// <summary>Sets the configuration file. A host without a file was configured by code, and reads only credentials again.</summary>
    /// <param name="applied">The configuration of the file that the host has started with.</param>
    /// <param name="load">Loads and checks the file.</param>
    public void Use(LoadedConfiguration applied, Func<LoadedConfiguration> load) => (_applied, _load) = (applied, load);

    /// <summary>Applies the file after a signal, and records the result in the audit.</summary>
    public async Task RunOnSignalAsync()
    {
        ReloadReport report = await RunAsync(isDryRun: false, CancellationToken.None).ConfigureAwait(false);
        foreach (string detail in report.AuditDetails)
        {
            state.Parts?.Audit?.Record(new AuditRecord(AuditRuntime.Host, "reload", report.IsDone ? AuditOutcome.Done : AuditOutcome.Failed)
            {
                Origin = "SIGHUP", Detail = detail,
            });
        }
    }

    /// <summary>Reads the file, and applies it unless <paramref name="isDryRun"/>.</summary>
    /// <param name="isDryRun">Whether to change nothing.</param>
    /// <param name="cancellation">Ends the wait for another reload; a reload that has begun is completed.</param>
    public async Task<ReloadReport> RunAsync(bool isDryRun, CancellationToken cancellation)
    {
        using IDisposable turn = await updater.EnterAsync(cancellation).ConfigureAwait(false);
        ReloadReport report;
        try
        {
            report = await RunCoreAsync(isDryRun).ConfigureAwait(false);
        }
        catch (Exception refused)
        {
            // Code of a component may throw anything. Nothing has changed: ApplyAsync does not throw.
            IReadOnlyList<string> errors = refused is ConfigurationErrorException { Errors: { } lines } ? lines : [refused.Message];
            report = new ReloadReport(ReloadStatus.Refused) { Errors = errors };
        }

        report = report with { File = _applied?.File.Source };
        if (report.IsAccepted && !isDryRun)
        {
            report = report with { Adapters = credentials.Run(), Queues = credentials.RunQueues() };
        }

        if (!isDryRun)
        {
            Log(report);
        }

        return report;
    }

    private async Task<ReloadReport> RunCoreAsync(bool isDryRun)
    {
        if (state is not { Phase: HostPhase.Running, Parts: { } parts } || updater.IsEnding)
        {
            return Refused("The host is not running: it starts, stops, or waits as a standby. Reload it when GET /health says ready.");
        }

        if (_load is not { } load || _applied is not { } applied)
        {
            return new ReloadReport(ReloadStatus.Unchanged);
        }

        if (plan.Replication?.Lease is not null || plan.Gateway is { HasStandby: true })
        {
            return Refused(
                "Another host may take over from this host, with the configuration that it has started with. Change the files of "
                + "both hosts, restart the host that waits, then the active host.");
        }

        // Only the circuits of the start use the keys of circuits.
        using LoadedConfiguration after = load();
        HostConfiguration next = new();
        try
        {
            new EstreamBuilder(next).AddShippedAdapters().Add(after.Settings, after.Schemas);
            ReloadReport report = await RunCoreAsync(parts, applied, after, next, isDryRun).ConfigureAwait(false);
            _applied = report.IsAccepted && !isDryRun ? after : applied;
            return report;
        }
        finally
        {
            next.DisposeKeysExcept(plan);
        }
    }

    private async Task<ReloadReport> RunCoreAsync(
        HostComponents parts, LoadedConfiguration applied, LoadedConfiguration after, HostConfiguration next, bool isDryRun)
    {
        foreach (MapPlan map in next.Maps.Values)
        {
            next.Check(map);
        }

        ReloadPlan changes = ReloadPlan.Between(applied, after, plan, next, parts);
        ReloadReport report = new(changes.Changes.Count == 0 ? ReloadStatus.Unchanged : ReloadStatus.Planned)
        {
            Changes = changes.Changes, Restarts = changes.Restarts,
        };
        if (changes.Restarts.Count > 0)
        {
            return report with { Status = ReloadStatus.Refused };
        }

        if (isDryRun)
        {
            return report;
        }

        if (changes.Changes.Count > 0)
        {
            return await ApplyAsync(parts, changes, next, report).ConfigureAwait(false);
        }

        // Some settings, such as UsesReserve, need no change of a part.
        plan.Take(next);
        return report;
    }

    private async Task<ReloadReport> ApplyAsync(HostComponents parts, ReloadPlan changes, HostConfiguration next, ReloadReport report)
    {
        HostConfiguration before = plan.Copy();
        string[] queues = [.. changes.Names(ReloadChange.Queue, ReloadChange.Added)];
        plan.Take(next);
        AdapterChange adapters = new(plan, parts.AdapterSet, updater);
        string? failure;
        try
        {
            // Bytes that the old or the new configuration hides stay hidden while both have adapters.
            parts.UseSchemas(hidesUnknown: before.TakesProtected || plan.TakesProtected);
            parts.WriteSchemas();
            parts.OpenQueues(queues);
            parts.OpenMaps([.. changes.Names(ReloadChange.Map, ReloadChange.Added)], isStarted: true);
            await parts.WaitForMapsAsync(s_mapLimit).ConfigureAwait(false);

            // New adapters need the durability. The limits delete messages, so they wait until nothing can fail any more.
            foreach (string queue in changes.Names(ReloadChange.Queue, ReloadChange.Changed))
            {
                parts.Adjust(queue, before.Queues[queue] with { IngressDurability = plan.Queues[queue].IngressDurability });
            }

            adapters.Create([.. changes.Names(ReloadChange.Adapter, ReloadChange.Added, ReloadChange.Changed)]);
            failure = await adapters.SwapAsync(() => ChangeSharedAsync(parts, changes)).ConfigureAwait(false);
        }
        catch (Exception error)
        {
            // Code of a component may throw anything.
            failure = error.Message;
        }

        return failure is null
            ? await CompleteAsync(parts, changes, adapters, report).ConfigureAwait(false)
            : await UndoAsync(parts, changes, adapters, before, failure, report).ConfigureAwait(false);
    }

    // Changes the parts that must change after the old adapters have stopped and before the new adapters write.
    private static async Task ChangeSharedAsync(HostComponents parts, ReloadPlan changes)
    {
        await parts.EndForbiddenAsync().ConfigureAwait(false);
        string[] maps = [.. changes.Names(ReloadChange.Map, ReloadChange.Changed)];
        foreach (string map in maps)
        {
            await parts.CloseMapAsync(map).ConfigureAwait(false);
        }

        parts.OpenMaps(maps, isStarted: false);
    }

    private async Task<ReloadReport> CompleteAsync(HostComponents parts, ReloadPlan changes, AdapterChange adapters, ReloadReport report)
    {
        Attempts attempts = new("The new configuration applies, but not completely:");
        IReadOnlyList<string> behind = [];
        attempts.Try(adapters.Complete);
        await attempts.TryAsync(async () => behind = await parts.PublishAsync(s_mapLimit).ConfigureAwait(false)).ConfigureAwait(false);
        AdjustQueues(parts, changes, attempts);
        foreach (string map in changes.Names(ReloadChange.Map, ReloadChange.Removed))
        {
            await attempts.TryAsync(() => parts.CloseMapAsync(map)).ConfigureAwait(false);
        }

        foreach (string queue in changes.Names(ReloadChange.Queue, ReloadChange.Removed))
        {
            await attempts.TryAsync(() => parts.CloseQueueAsync(queue)).ConfigureAwait(false);
        }

        attempts.Try(() => parts.UseSchemas(plan.TakesProtected));
        attempts.Try(() => parts.Alerts?.Use(plan.Alerts));
        attempts.Try(() => overview.Refresh(parts));
        return report with
        {
            Status = ReloadStatus.Applied,
            Changes =
            [
                .. report.Changes.Select(change => change.Kind == ReloadChange.Map && behind.Contains(change.Name)
                    ? change with { Detail = "The map still reads its queue." }
                    : change),
            ],
            Errors = attempts.Errors,
        };
    }

    private async Task<ReloadReport> UndoAsync(HostComponents parts, ReloadPlan changes, AdapterChange adapters, HostConfiguration before,
        string reason, ReloadReport report)
    {
        string[] queues = [.. changes.Names(ReloadChange.Queue, ReloadChange.Added)];
        string[] maps = [.. changes.Names(ReloadChange.Map, ReloadChange.Changed)];
        Attempts attempts = new("A map or a queue could not return to its previous state:");
        plan.Take(before);
        IReadOnlyList<string> down = await adapters.UndoAsync(async () =>
        {
            await attempts.TryAsync(() => parts.DiscardAsync(queues)).ConfigureAwait(false);
            AdjustQueues(parts, changes, attempts);
            foreach (string map in maps.Where(map => !parts.Maps.ContainsKey(map)))
            {
                attempts.Try(() => parts.OpenMaps([map], isStarted: true));
            }

            await attempts.TryAsync(() => parts.PublishAsync(s_mapLimit)).ConfigureAwait(false);
            await attempts.TryAsync(parts.EndForbiddenAsync).ConfigureAwait(false);
        }).ConfigureAwait(false);
        attempts.Try(adapters.Discard);
        attempts.Try(() => parts.UseSchemas(plan.TakesProtected));
        attempts.Try(() => overview.Refresh(parts));
        return report with
        {
            Status = ReloadStatus.RolledBack,
            Errors =
            [
                reason, .. attempts.Errors,
                .. down.Select(adapter => $"The adapter {adapter} The host tries again to start this adapter."),
            ],
        };
    }

    private void AdjustQueues(HostComponents parts, ReloadPlan changes, Attempts attempts)
    {
        foreach (string queue in changes.Names(ReloadChange.Queue, ReloadChange.Changed))
        {
            attempts.Try(() => parts.Adjust(queue, plan.Queues[queue]));
        }
    }

    private static ReloadReport Refused(string reason) => new(ReloadStatus.Refused) { Errors = [reason] };

    private void Log(ReloadReport report)
    {
        if (report.IsDone)
        {
            LogAccepted(logger, report.Summary);
        }
        else
        {
            LogRefused(logger, report.Summary);
        }
    }

    /// <summary>Executes all steps of a change, even if some of them fail, and collects the errors.</summary>
    /// <param name="meaning">What a failure means for the host.</param>
    private sealed class Attempts(string meaning)
    {
        public List<string> Errors { get; } = [];

        public async Task TryAsync(Func<Task> part)
        {
            try
            {
                await part().ConfigureAwait(false);
            }
            catch (Exception failure)
            {
                Note(failure);
            }
        }

        public void Try(Action part)
        {
            try
            {
                part();
            }
            catch (Exception failure)
            {
                Note(failure);
            }
        }

        // For all exceptions: the adapters must run again, and the answer must report which configuration the host has.
        private void Note(Exception failure) => Errors.Add($"{meaning} {failure.Message} Restart the host.");
    }

    [LoggerMessage(EventId = 157, Level = LogLevel.Information, Message = "Reload: {Summary}")]
    private static partial void LogAccepted(ILogger logger, string summary);

    [LoggerMessage(EventId = 158, Level = LogLevel.Error, Message = "Reload: {Summary}")]
    private static partial void LogRefused(ILogger logger, string summary);
}

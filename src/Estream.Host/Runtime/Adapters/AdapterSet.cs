using System.Collections.Concurrent;
using Estream.Core;
using Estream.Esf;
using Estream.Host.Components;
using Estream.Queue;
using Estream.Wire;

namespace Estream.Host.Runtime;

/// <summary>Creates the adapters of a host, lists them, and replaces them after updates and restarts. Reads are thread-safe; only one
/// caller at a time may change the set.</summary>
/// <param name="plan">The configuration of the host.</param>
/// <param name="sinks">The queues that adapters append to.</param>
/// <param name="queueOf">Returns the queue with a name. Throws if the queue does not exist; the second argument names the user of the queue
/// in the error message.</param>
/// <param name="mapOf">Finds a map with its schema; null if it does not exist or is in quarantine.</param>
/// <param name="storageLog">Logs queues that cannot be written.</param>
/// <param name="clock">The clock of the host.</param>
/// <param name="loggers">Creates one logger per adapter.</param>
internal sealed partial class AdapterSet(
    HostConfiguration plan, IngressSinks sinks, Func<string, string, EstreamQueue> queueOf,
    Func<string, ILatestMessages?> mapOf, StorageLog storageLog, IClock clock, ILoggerFactory loggers) : IAsyncDisposable
{
    // By name, so that a pause outlasts restarts and updates of its adapter. A restart of the host ends all pauses.
    private readonly ConcurrentDictionary<string, IngressControl> _pauses = new(StringComparer.Ordinal);
    private volatile AdapterRuntime[] _all = [];

    /// <summary>All adapters, in the order of the configuration. The returned list never changes.</summary>
    public IReadOnlyList<AdapterRuntime> All => _all;

    /// <summary>Called when an adapter ended unexpectedly; see <see cref="AdapterSupervisor"/>. Set it before the first adapter is
    /// started.</summary>
    public Action<AdapterRuntime> Ended { get; set; } = static _ => { };

    /// <summary>Records reloaded credentials and the connections that a reload ends; null if administrative actions are not
    /// recorded.</summary>
    public AuditRuntime? Audit { get; init; }

    /// <summary>Whether another host ran the adapters until just now.</summary>
    public bool IsTakeover { get; init; }

    /// <summary>Replicates a queue with the state of sessions; see <see cref="AdapterContext.ReplicateState"/>.</summary>
    public Func<string, EstreamQueue, IAsyncDisposable?> ReplicateState { get; init; } = static (_, _) => null;

    /// <summary>Creates all configured adapters, except adapters that need a damaged file.</summary>
    /// <exception cref="EstreamException">A setting is invalid, or a component cannot be loaded.</exception>
    public async Task CreateAllAsync(Quarantine quarantine)
    {
        foreach (AdapterPlan adapter in plan.Adapters.Values)
        {
            LoadedComponent? component = plan.Load(adapter);
            AdapterRuntime? made = null;
            bool isOpen = false;
            try
            {
                isOpen = quarantine.TryOpen("adapter", adapter.Name, () => Attach(made = Create(adapter, component)));
            }
            finally
            {
                if (isOpen)
                {
                    _all = [.. _all, made!];
                }
                else
                {
                    if (made is not null)
                    {
                        await made.DisposeAsync().ConfigureAwait(false);
                    }

                    component?.Dispose();
                }
            }
        }
    }

    /// <summary>Creates an adapter without starting it and without adding it to <see cref="All"/>.</summary>
    /// <param name="adapter">The configuration of the adapter.</param>
    /// <param name="component">The component with the code of the adapter; null for a built-in adapter.</param>
    /// <param name="restarts">The number of earlier restarts of an adapter of this name.</param>
    /// <exception cref="EstreamException">A setting is invalid.</exception>
    public AdapterRuntime Create(AdapterPlan adapter, LoadedComponent? component, long restarts = 0)
    {
        ILogger logger = loggers.CreateLogger($"Estream.Adapter.{adapter.Name}");
        ConcurrentDictionary<string, bool> maps = new();
        IngressControl pauses = _pauses.GetOrAdd(adapter.Name, static _ => new IngressControl());
        IngressSinks allowed = sinks.For(component is null ? static _ => true : component.Installed.MayAppend, pauses);
        AdapterContext context = new(adapter.Name, plan.Schemas, allowed, clock, happened => Log(logger, happened))
        {
            HasStandby = plan.Gateway is { HasStandby: true } || plan.Replication is { Lease: not null },
            IsTakeover = IsTakeover,
            IsStateReplicated = directory => plan.Journals.Any(journal => journal.Directory == Path.GetFullPath(directory)),
            ReplicateState = ReplicateState,
            Maps = map =>
            {
                maps[map] = true;
                return component is null || component.Installed.MayReadMap(map) ? mapOf(map) : null;
            },
            Place = new AdapterPlace(plan.Data.Adapter(adapter.Name), new QueueOptions { Clock = clock }),
        };
        if (component is not null)
        {
            string permissions = string.Join(", ", component.Installed.Locked.Permissions.DefaultIfEmpty("nothing"));
            LogComponent(logger, adapter.Name, component.Installed.ToString(), permissions);
        }

        WireSettings settings = adapter.Settings.Afresh();
        return new AdapterRuntime(adapter,
            component is null ? plan.Registry.Create(context, settings) : component.Factory.Create(context, settings), component,
            runtime => Ended(runtime), clock, logger)
        {
            Restarts = restarts, Maps = maps, Rejections = context.Rejections, StoreTimes = context.StoreTimes,
            Ingress = allowed, Pauses = pauses,
        };
    }

    /// <summary>
    /// Adds an egress pump to an adapter for each queue in the list <c>Egress</c> of its settings. The adapter itself knows topics, not
    /// queues. A pump continues at the position of the previous pump of this adapter and queue, which must be disposed first.
    /// </summary>
    /// <exception cref="EstreamException">The named tailer of a pump cannot be opened, or the queue is in quarantine.</exception>
    public void Attach(AdapterRuntime runtime)
    {
        AdapterEventLog events =
            new(runtime.Name, clock, happened => Log(loggers.CreateLogger($"Estream.Adapter.{runtime.Name}"), happened));
        foreach (IGrouping<string, WireSettings> of in runtime.Plan.Settings.Afresh().List("Egress")
            .GroupBy(egress => egress.RequireText("Queue")))
        {
            EstreamQueue queue = queueOf(of.Key, $"Adapter {runtime.Name}");
            EsfSchema[] schemas = [.. of.Select(egress => runtime.Adapter.Schemas.Consumed.First(schema =>
                plan.Schemas.TryGet(egress.RequireText("Schema"), out EsfSchema? named) && named.Id == schema.Id))];
            runtime.Add(new EgressPump(runtime.Adapter, of.Key, queue, schemas, events));
        }
    }

    /// <summary>Replaces <see cref="All"/>. Neither starts nor stops adapters.</summary>
    public void Set(IEnumerable<AdapterRuntime> all) => _all = [.. all];

    /// <summary>Replaces an adapter in <see cref="All"/>. Neither starts nor stops the two adapters.</summary>
    public void Replace(AdapterRuntime old, AdapterRuntime next) => _all = [.. _all.Select(runtime => runtime == old ? next : runtime)];

    public async ValueTask DisposeAsync()
    {
        AdapterRuntime[] all = _all;
        _all = [];
        foreach (AdapterRuntime adapter in all)
        {
            await adapter.DisposeAsync().ConfigureAwait(false);
            adapter.Component?.Dispose();
        }
    }

    private void Log(ILogger logger, AdapterEvent happened)
    {
        if (happened.Kind == AdapterEventKind.StorageBlocked)
        {
            storageLog.Blocked(happened.Adapter, happened.Detail);
        }

        if (happened.Kind == AdapterEventKind.CredentialsReloaded)
        {
            Audit?.Record(new AuditRecord(AuditRuntime.Host, "credentials", AuditOutcome.Done)
            {
                Target = happened.Adapter, Detail = happened.Detail,
            });
        }

        AdapterLog.Write(logger, happened);
    }

    [LoggerMessage(EventId = 63, Level = LogLevel.Information,
        Message = "Adapter {Adapter} is the component {Component}, approved for {Permissions}. Its code can do everything that this "
            + "process can: a load context is not a sandbox.")]
    private static partial void LogComponent(ILogger logger, string adapter, string component, string permissions);
}

using Estream.Core;
using Estream.Esf;
using Estream.Host.Components;
using Estream.Queue;
using Estream.Wire;

namespace Estream.Host.Runtime;

/// <summary>The adapters of a host, as they are now: makes them, and puts one in the place of another. Reading is thread-safe; one caller
/// at a time changes.</summary>
/// <param name="plan">What the host consists of.</param>
/// <param name="sinks">The queues adapters append to.</param>
/// <param name="queueOf">Finds a queue, for the user it names where there is none.</param>
/// <param name="storageLog">Is told of queues that cannot be written.</param>
/// <param name="clock">Time.</param>
/// <param name="loggers">Makes the logger of each adapter.</param>
internal sealed partial class AdapterSet(
    HostConfiguration plan, IngressSinks sinks, Func<string, string, EstreamQueue> queueOf, StorageLog storageLog, IClock clock,
    ILoggerFactory loggers) : IAsyncDisposable
{
    private volatile AdapterRuntime[] _all = [];

    /// <summary>All of them, in the order of the plan; what is returned does not change.</summary>
    public IReadOnlyList<AdapterRuntime> All => _all;

    /// <summary>Called when an adapter has ended without being asked to; see <see cref="AdapterSupervisor"/>. Set it before the first one
    /// is started.</summary>
    public Action<AdapterRuntime> Ended { get; set; } = static _ => { };

    /// <summary>Records who loses credentials; null where nothing is recorded.</summary>
    public AuditRuntime? Audit { get; init; }

    /// <summary>Makes all adapters of the plan, but for those that need a damaged file.</summary>
    /// <exception cref="EstreamException">A setting, or a component, is not as it has to be.</exception>
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

    /// <summary>Makes an adapter, which opens nothing yet.</summary>
    /// <param name="adapter">What it is to be.</param>
    /// <param name="component">Where its code is from; null for an adapter of the host.</param>
    /// <param name="restarts">How often one of this name was started again.</param>
    /// <exception cref="EstreamException">A setting is not as it has to be.</exception>
    public AdapterRuntime Create(AdapterPlan adapter, LoadedComponent? component, long restarts = 0)
    {
        ILogger logger = loggers.CreateLogger($"Estream.Adapter.{adapter.Name}");
        IngressSinks allowed = component is null ? sinks : sinks.Only(component.Installed.MayAppend);
        AdapterContext context = new(adapter.Name, plan.Schemas, allowed, clock, happened => Log(logger, happened))
        {
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
            runtime => Ended(runtime), clock, logger) { Restarts = restarts };
    }

    /// <summary>
    /// Gives an adapter a reader for each queue that the list <c>Egress</c> of its settings names; the adapter itself knows topics, not
    /// queues. A reader goes on where the one of the same adapter before it ended, which has to be disposed.
    /// </summary>
    /// <exception cref="EstreamException">A place in a queue cannot be opened.</exception>
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

    /// <summary>Has another adapter stand for one from now on.</summary>
    public void Replace(AdapterRuntime old, AdapterRuntime next) => _all = [.. _all.Select(runtime => runtime == old ? next : runtime)];

    public async ValueTask DisposeAsync()
    {
        foreach (AdapterRuntime adapter in _all)
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
        Message = "Adapter {Adapter} is the component {Component}, approved for {Permissions}. Its code may do all that this process may: "
            + "a load context is no sandbox.")]
    private static partial void LogComponent(ILogger logger, string adapter, string component, string permissions);
}

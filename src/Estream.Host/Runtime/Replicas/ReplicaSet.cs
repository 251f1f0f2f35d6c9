using Estream.Circuits;
using Estream.Circuits.Operations.Replication;
using Estream.Core;
using Estream.Host.Http;
using Estream.Queue;

namespace Estream.Host.Runtime;

/// <summary>The replicas that the host keeps up to date. Opened before the maps follow their queues, started with the circuits.</summary>
internal sealed partial class ReplicaSet : IAsyncDisposable
{
    private readonly ILogger _logger;
    private readonly List<(ReplicaPlan Plan, EstreamQueue Source, QueueKeyRing? Keys)> _queues = [];
    private readonly List<(ReplicaPlan Plan, MapRuntime Copy)> _maps = [];
    private readonly List<(ReplicaPlan Plan, RunningReplica Replica)> _running = [];

    public ReplicaSet(ILogger logger) => _logger = logger;

    /// <summary>The state of each replica, by name.</summary>
    public IReadOnlyList<ReplicaOverview> Overviews =>
        [.. _running.Select(one => OverviewOf(one.Plan, one.Replica.State)).Concat(_maps.Select(one => OverviewOf(one.Plan, one.Copy)))
            .OrderBy(overview => overview.Name, StringComparer.Ordinal)];

    /// <summary>Whether a replica makes no progress.</summary>
    public bool IsFailing => Overviews.Any(overview => overview.State == ReplicaOverview.Failing);

    public void Add(ReplicaPlan plan, EstreamQueue source, QueueKeyRing? keys) => _queues.Add((plan, source, keys));

    public void Add(ReplicaPlan plan, MapRuntime copy) => _maps.Add((plan, copy));

    /// <summary>Starts all replicas. A replica that cannot be opened is opened again until it can.</summary>
    public void Start(CircuitRuntime runtime, IClock clock)
    {
        foreach ((ReplicaPlan plan, EstreamQueue source, QueueKeyRing? keys) in _queues)
        {
            LocalReplicationEngine engine = new(plan.Folder, clock, keys);
            _running.Add((plan, runtime.RunReplica(plan.Name, plan.Queue!, source, engine,
                (replica, reason) => LogFailure(_logger, replica.Name, plan.Source, reason))));
        }

        _maps.ForEach(one => one.Copy.Start());
    }

    public async ValueTask DisposeAsync()
    {
        foreach ((ReplicaPlan _, RunningReplica replica) in _running)
        {
            await replica.DisposeAsync().ConfigureAwait(false);
        }

        foreach ((ReplicaPlan _, MapRuntime copy) in _maps)
        {
            await copy.DisposeAsync().ConfigureAwait(false);
        }
    }

    private static ReplicaOverview OverviewOf(ReplicaPlan plan, ReplicaState state) => new(plan.Name, plan.Source, plan.Folder,
        state.Failure is null ? ReplicaOverview.Running : ReplicaOverview.Failing, state.Failure ?? "", state.Messages, state.LagMessages);

    private static ReplicaOverview OverviewOf(ReplicaPlan plan, MapRuntime copy) => new(plan.Name, plan.Source, plan.Folder,
        copy.Failure is null ? ReplicaOverview.Running : ReplicaOverview.Failing, copy.Failure ?? "", copy.FoldedTotal, 0);

    [LoggerMessage(EventId = 66, Level = LogLevel.Error, Message = "Replica {Replica} of {Source} is failing and retries: {Reason}")]
    private static partial void LogFailure(ILogger logger, string replica, string source, string reason);
}

using Estream.Circuits;
using Estream.Core;
using Estream.Host.Http;
using Estream.Streams;
using Estream.Streams.Pipelines;
using Estream.Witness;

namespace Estream.Host.Runtime;

/// <summary>Samples the state of all parts of the host. Thread-safe; called once or twice a second, and before the host is ready.</summary>
internal sealed partial class OverviewSource(HostView view, IClock clock, ILogger<OverviewSource> logger)
{
    private const double NanosPerSecond = 1e9;

    private readonly Lock _lock = new();
    private readonly long _startNanos = clock.MonotonicNanos;
    private readonly RetentionWatch _retention = new(clock, logger);
    private readonly Dictionary<string, RateMeter> _rates = new(StringComparer.Ordinal);

    /// <summary>Takes a sample, stores it in <see cref="HostView.Overview"/> and returns it.</summary>
    public Overview Refresh(HostComponents parts)
    {
        lock (_lock)
        {
            foreach (QueueRuntime queue in parts.Queues.Values)
            {
                queue.Watch.Advance();
                if (queue.Watch.TakeDamage() is { } damage)
                {
                    LogDamage(logger, queue.Name, damage.Message);
                }
            }

            _retention.Look(parts.Queues.Values);
            HashSet<string> paused = parts.PausedQueues();
            Overview overview = new(
                HostVersion.Text,
                view.StartedAt,
                Math.Round((clock.MonotonicNanos - _startNanos) / NanosPerSecond, 1),
                [.. parts.Adapters.Select(a => a.Overview)],
                [.. parts.Queues.Values.Select(queue => OverviewOf(queue, paused.Contains(queue.Name)))],
                [.. parts.Maps.Values.Select(OverviewOf), .. parts.Outputs],
                [.. parts.Pipelines.Concat(parts.Circuits.SelectMany(circuit => circuit.Outputs))
                    .Select(pipeline => OverviewOf(pipeline, parts.Queues[pipeline.Running.Declaration.Source]))],
                [.. parts.Circuits.Select(OverviewOf)],
                [.. parts.Witnesses.Values.Select(witness => OverviewOf(witness, parts.Queues[witness.Plan.Queue]))],
                [.. parts.Tenants.Select(tenant => new TenantOverview(tenant.Tenant, tenant.Usage))])
            {
                Multicast = [.. parts.Multicast.Select(multicast => multicast.Overview)],
                Replicas = parts.Replicas.Overviews,
                Replication = [.. parts.Replication.Select(queue => queue.Overview)],
                Cards = [.. parts.Cards.Select(CardOverview.Of)],
                Quarantined = parts.Quarantined,
                Alerts = parts.Alerts?.Active ?? [],
            };
            view.Overview = overview;
            return overview;
        }
    }

    /// <summary>Takes a sample of a standby host, which has only copies.</summary>
    public void Refresh(IReadOnlyList<ReplicationOverview> copies) => view.Overview = new Overview(
        HostVersion.Text, view.StartedAt, Math.Round((clock.MonotonicNanos - _startNanos) / NanosPerSecond, 1), [], [], [], [], [], [], [])
    {
        Replication = copies,
    };

    private QueueOverview OverviewOf(QueueRuntime queue, bool isPaused)
    {
        QueueExtent extent = queue.Watch.Extent();
        return new QueueOverview(queue.Name, extent.MessageCount, extent.Bytes, extent.SegmentCount,
            Rate("queue/" + queue.Name, extent.NextSequence), queue.Queue.IngressDurability.ToString())
        {
            RetentionHeldBy = queue.Queue.RetentionHold is { } hold
                ? string.Join(", ", hold.Holders.DefaultIfEmpty("an unknown process"))
                : "",
            EvictedSegments = queue.Queue.EvictedSegments,
            HeldBy = _retention.Of(queue.Name),
            IsPaused = isPaused,
            PartitionOf = queue.PartitionOf,
        };
    }

    private MapOverview OverviewOf(MapRuntime map) =>
        new(map.Plan.Name, map.Plan.Queue, map.Plan.Schema, map.Plan.Key, map.EntryCount, Rate("map/" + map.Plan.Name, map.FoldedTotal))
        {
            Failure = map.Failure,
        };

    private PipelineOverview OverviewOf(PipelineRunner pipeline, QueueRuntime source)
    {
        DeclaredPipeline declared = pipeline.Running.Declaration;
        EsfPipeline results = pipeline.Running.Results;
        string? failure = pipeline.Failure;
        return new PipelineOverview(
            declared.Name, declared.Source, declared.Schema.QualifiedName, declared.OutputQueue ?? declared.OutputMap!,
            declared.ResultSchema.QualifiedName, failure is null ? "running" : "failing", failure ?? "",
            results.Read, pipeline.Running.Rejected, results.Late, results.Dropped, Rate("pipeline/" + declared.Name, results.Read),
            Math.Max(0, source.Queue.BytesBetween(results.Position, source.Watch.Extent().EndPosition)));
    }

    private static CircuitOverview OverviewOf(RunningCircuit circuit)
    {
        IReadOnlyList<ServiceLevelState> levels = circuit.ServiceLevels;
        (string state, string detail) = circuit switch
        {
            { Failure: { } failure } => ("failing", failure),
            { IsThrottled: true } => ("held", $"the tenant {circuit.Tenant} exceeds its storage limit"),
            _ when levels.FirstOrDefault(level => !level.IsMet) is { } broken => ("breached", broken.ToString()),
            _ => ("running", ""),
        };
        return new CircuitOverview(
            circuit.Circuit.Name, circuit.Circuit.Version.ToString(), circuit.Tenant, state, detail,
            [.. circuit.Circuit.Outputs.Select(output => output.Name)], circuit.Failures, circuit.Usage,
            [.. levels.Select(level => new ServiceLevelOverview(level.Name, level.Promised, level.Measured, level.BrokenSince))],
            [.. circuit.Observations.Select(ObservationOverview.Of)]);
    }

    private WitnessOverview OverviewOf(WitnessRuntime witness, QueueRuntime queue)
    {
        string? failure = witness.Failure;
        Attestation? last = witness.Last;
        QueueExtent extent = queue.Watch.Extent();
        return new WitnessOverview(
            witness.Plan.Queue, failure is null ? "running" : "failing", failure ?? witness.CardFault ?? "", witness.Attested,
            Math.Max(0, extent.NextSequence - (last?.Head.Sequence + 1 ?? extent.FirstSequence)),
            last is null ? null : DateTimeOffset.FromUnixTimeMilliseconds(last.Head.Time / 1_000_000),
            Rate("witness/" + witness.Plan.Queue, witness.Attested));
    }

    private double Rate(string key, long total)
    {
        if (!_rates.TryGetValue(key, out RateMeter? meter))
        {
            meter = new RateMeter(clock);
            _rates.Add(key, meter);
        }

        return meter.Sample(total);
    }

    [LoggerMessage(EventId = 31, Level = LogLevel.Error,
        Message = "Queue {Queue} is damaged; the console shows only messages after the damage: {Damage}")]
    private static partial void LogDamage(ILogger logger, string queue, string damage);
}

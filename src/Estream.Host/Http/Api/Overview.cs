using System.Text.Json.Serialization;
using Estream.Circuits;
using Estream.Crypto;

namespace Estream.Host.Http;

/// <summary>The response of <c>/api/overview</c> and the content of every <c>overview</c> event. Times are UTC, rates are per
/// second.</summary>
internal sealed record Overview(
    string Version,
    DateTimeOffset StartedAt,
    double UptimeSeconds,
    IReadOnlyList<AdapterOverview> Adapters,
    IReadOnlyList<QueueOverview> Queues,
    IReadOnlyList<MapOverview> Maps,
    IReadOnlyList<PipelineOverview> Pipelines,
    IReadOnlyList<CircuitOverview> Circuits,
    IReadOnlyList<WitnessOverview> Witnesses,
    IReadOnlyList<TenantOverview> Tenants)
{
    /// <summary>The number of queues, each partitioned queue as one; <see cref="Queues"/> may have fewer.</summary>
    public int QueueCount { get; init; }

    /// <summary>The number of maps; <see cref="Maps"/> may have fewer.</summary>
    public int MapCount { get; init; }

    /// <summary>The configured cards, in order.</summary>
    public IReadOnlyList<CardOverview> Cards { get; init; } = [];

    /// <summary>The publishers and subscribers of queues, by name.</summary>
    public IReadOnlyList<MulticastOverview> Multicast { get; init; } = [];

    /// <summary>The replicas that the host keeps up to date, by name.</summary>
    public IReadOnlyList<ReplicaOverview> Replicas { get; init; } = [];

    /// <summary>The replicated queues.</summary>
    public IReadOnlyList<ReplicationOverview> Replication { get; init; } = [];

    /// <summary>The sums over all queues and maps, also over those without a row.</summary>
    public OverviewTotals? Totals { get; init; }

    /// <summary>The parts that the host runs without because a file is damaged.</summary>
    public IReadOnlyList<QuarantinedPart> Quarantined { get; init; } = [];

    /// <summary>The firing and pending alerts.</summary>
    public IReadOnlyList<AlertOverview> Alerts { get; init; } = [];
}

/// <summary>An adapter. <paramref name="Restarts"/> counts restarts after it ended unexpectedly.</summary>
internal record AdapterOverview(
    string Name,
    string Type,
    string State,
    string Detail,
    long Connections,
    long ReceivedTotal,
    long RejectedTotal,
    long Restarts)
{
    /// <summary>The number of field devices; 0 if the adapter has none.</summary>
    public int DeviceCount { get; init; }

    /// <summary>The number of payments that wait for their answer; 0 if the adapter sends none.</summary>
    public int WaitingPaymentCount { get; init; }

    /// <summary>Whether an operator has paused the adapter.</summary>
    public bool IsPaused { get; init; }
}

/// <summary>A queue. <paramref name="Durability"/> is <c>PageCache</c>, <c>GroupCommit</c> or <c>Every</c>.</summary>
internal record QueueOverview(string Name, long Messages, long Bytes, int Segments, double RatePerSecond, string Durability)
{
    /// <summary>Whether the queue accepts no messages.</summary>
    public bool IsPaused { get; init; }

    /// <summary>The number of partitions; omitted for an ordinary queue.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public int? Partitions { get; init; }

    /// <summary>The partitioned queue to which a partition belongs; null for an ordinary queue.</summary>
    [JsonIgnore]
    public string? PartitionOf { get; init; }

    /// <summary>The readers that keep retention from deleting a segment; empty if none do.</summary>
    public string RetentionHeldBy { get; init; } = "";

    /// <summary>The number of segments that readers lost to retention since the start of the host.</summary>
    public long EvictedSegments { get; init; }

    /// <summary>The named readers that keep segments beyond the retention limits, at most half a minute ago; omitted if none do.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public IReadOnlyList<ReaderHold>? HeldBy { get; init; }
}

/// <summary>Sums over all queues and maps.</summary>
internal sealed record OverviewTotals(long Messages, long Bytes, double RatePerSecond, long MapEntries);

/// <summary>A named reader that keeps segments beyond the retention limits of a queue.</summary>
internal sealed record ReaderHold(string Reader, long Bytes);

internal sealed record MapOverview(string Name, string Queue, string Schema, string Key, long Entries, double RatePerSecond)
{
    /// <summary>Why the map has stopped; omitted while it follows its queue.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public string? Failure { get; init; }
}

/// <summary>A declared pipeline. <paramref name="State"/> is <c>running</c> or <c>failing</c>, with the reason in
/// <paramref name="Detail"/>. <paramref name="LagBytes"/> is the unread part of its queue.</summary>
internal sealed record PipelineOverview(
    string Name, string Queue, string Schema, string Output, string ResultSchema, string State, string Detail, long ReadTotal,
    long RejectedTotal, long LateTotal, long DroppedTotal, double RatePerSecond, long LagBytes);

/// <summary>The witness of a queue. <paramref name="State"/> is <c>running</c> or <c>failing</c>, with the reason in
/// <paramref name="Detail"/>.</summary>
internal sealed record WitnessOverview(string Queue, string State, string Detail, long AttestedTotal, long Waiting,
    DateTimeOffset? LastAttestedAt, double RatePerSecond);

/// <summary>
/// A circuit. <paramref name="State"/> is <c>running</c>, <c>failing</c>, <c>held</c> (paused by the limits of its tenant) or
/// <c>breached</c> (running, but below its service level). <paramref name="Detail"/> contains the reason. Each output is a pipeline with
/// the name <c>NAME.OUTPUT</c>.
/// </summary>
internal sealed record CircuitOverview(
    string Name, string Version, string Tenant, string State, string Detail, IReadOnlyList<string> Outputs, long Failures,
    CircuitUsage Usage, IReadOnlyList<ServiceLevelOverview> ServiceLevels, IReadOnlyList<ObservationOverview> Observations);

/// <summary>The usage of all circuits of a tenant, including removed circuits.</summary>
internal sealed record TenantOverview(string Name, CircuitUsage Usage);

/// <summary>A service level of a circuit: <c>latency</c>, <c>throughput</c> or <c>durability</c>. <paramref name="BrokenSince"/> is null
/// while it is met.</summary>
internal sealed record ServiceLevelOverview(string Name, string Promised, string Measured, DateTimeOffset? BrokenSince);

/// <summary><c>GET /api/overview</c> returns the state of all parts of the host. Of queues and maps it returns those that need attention,
/// then the busiest.</summary>
internal static class OverviewEndpoint
{
    /// <summary>The maximum number of queues, and of maps. An event with 10,000 queues would have two megabytes.</summary>
    private const int MaxRows = 200;

    /// <summary>Returns a bounded overview, with one row for each partitioned queue.</summary>
    public static Overview Bounded(Overview sample)
    {
        QueueOverview[] queues = [.. QueueList.Fold(sample.Queues)];
        return sample with
        {
            QueueCount = queues.Length,
            MapCount = sample.Maps.Count,
            Totals = new OverviewTotals(queues.Sum(queue => queue.Messages), queues.Sum(queue => queue.Bytes),
                queues.Sum(queue => queue.RatePerSecond), sample.Maps.Sum(map => map.Entries)),
            Queues = [.. QueueList.MostUrgentFirst(queues).Take(MaxRows)],
            Maps =
            [
                .. sample.Maps.OrderByDescending(map => map.Failure is not null).ThenByDescending(map => map.RatePerSecond)
                    .ThenBy(map => map.Name, StringComparer.Ordinal).Take(MaxRows),
            ],
        };
    }

    public static void MapOverview(this IEndpointRouteBuilder app) =>
        app.MapGet("/api/overview", static (HttpContext context, IHostView view) =>
            JsonBody.SendAsync(
                context, Bounded(ScopedAnswers.Limit(view.Overview, view.Access, RoleMiddleware.IdentityOf(context)!)),
                ApiJson.Default.Overview))
            .For(AccessRole.Viewer, checksScopes: true);
}

using Estream.Circuits;
using Estream.Crypto;

namespace Estream.Host.Http;

/// <summary>The answer of <c>/api/overview</c> and of every <c>overview</c> event. Times are UTC, rates are per second.</summary>
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
    /// <summary>Those that are configured, in their order.</summary>
    public IReadOnlyList<CardOverview> Cards { get; init; } = [];

    /// <summary>What the host runs without because a file is damaged.</summary>
    public IReadOnlyList<QuarantinedPart> Quarantined { get; init; } = [];
}

/// <summary>An adapter. <paramref name="Restarts"/> counts how often it was started again after it had ended on its own.</summary>
internal sealed record AdapterOverview(
    string Name,
    string Type,
    string State,
    string Detail,
    long Connections,
    long ReceivedTotal,
    long RejectedTotal,
    long Restarts);

/// <summary>A queue. <paramref name="Durability"/> is <c>PageCache</c>, <c>GroupCommit</c> or <c>Every</c>.</summary>
internal sealed record QueueOverview(string Name, long Messages, long Bytes, int Segments, double RatePerSecond, string Durability)
{
    /// <summary>The readers that keep retention from deleting a segment; empty if none do.</summary>
    public string RetentionHeldBy { get; init; } = "";

    /// <summary>How many segments readers have lost to retention since the host was started.</summary>
    public long EvictedSegments { get; init; }
}

internal sealed record MapOverview(string Name, string Queue, string Schema, string Key, long Entries, double RatePerSecond);

/// <summary>A declared pipeline. <paramref name="State"/> is <c>running</c> or <c>failing</c>, and <paramref name="Detail"/> says why it
/// fails. <paramref name="LagBytes"/> of log of its queue are still to be read.</summary>
internal sealed record PipelineOverview(
    string Name, string Queue, string Schema, string Output, string ResultSchema, string State, string Detail, long ReadTotal,
    long RejectedTotal, long LateTotal, long DroppedTotal, double RatePerSecond, long LagBytes);

/// <summary>The witness of a queue. <paramref name="State"/> is <c>running</c> or <c>failing</c>, and <paramref name="Detail"/> says why it
/// fails.</summary>
internal sealed record WitnessOverview(string Queue, string State, string Detail, long AttestedTotal, long Waiting,
    DateTimeOffset? LastAttestedAt, double RatePerSecond);

/// <summary>
/// A circuit. <paramref name="State"/> is <c>running</c>, <c>failing</c>, <c>held</c>, which its tenant's limits are the reason of, or
/// <c>breached</c>: it runs, and does not keep its service level. <paramref name="Detail"/> says why; each output is a pipeline of the name
/// <c>NAME.OUTPUT</c>.
/// </summary>
internal sealed record CircuitOverview(
    string Name, string Version, string Tenant, string State, string Detail, IReadOnlyList<string> Outputs, long Failures,
    CircuitUsage Usage, IReadOnlyList<ServiceLevelOverview> ServiceLevels, IReadOnlyList<ObservationOverview> Observations);

/// <summary>What all circuits of a tenant have used, those that are not there any more among them.</summary>
internal sealed record TenantOverview(string Name, CircuitUsage Usage);

/// <summary>A promise of a circuit's service level: <c>latency</c>, <c>throughput</c> or <c>durability</c>; <paramref name="BrokenSince"/>
/// is null while it is kept.</summary>
internal sealed record ServiceLevelOverview(string Name, string Promised, string Measured, DateTimeOffset? BrokenSince);

/// <summary><c>GET /api/overview</c>: adapters, queues and maps at a glance.</summary>
internal static class OverviewEndpoint
{
    public static void MapOverview(this IEndpointRouteBuilder app) =>
        app.MapGet("/api/overview", static (HttpContext context, IHostView view) =>
            context.Response.WriteAsJsonAsync(view.Overview, ApiJson.Default.Overview, Answer.JsonType, context.RequestAborted))
            .For(AccessRole.Viewer);
}

using Estream.Esf.Schema;
using Estream.Esf.Schema.Internal;
using Estream.Streams.Pipelines.Reading;

namespace Estream.Circuits.Reading;

/// <summary>Reads the annotations of a circuit file.</summary>
internal static class AnnotationDeclarations
{
    private const int HighestTier = 3;
    private const int HighestThroughput = 1_000_000_000;
    private const int HighestApprovals = 16;
    private const string GovernanceExample = "governance: { approvals: 2 }";
    private const string LevelExample = "sla: { latency: { p99: 50ms } }";

    private static readonly TimeSpan s_leastLatency = TimeSpan.FromMilliseconds(5);
    private static readonly TimeSpan s_leastDurability = TimeSpan.FromMilliseconds(100);
    private static readonly TimeSpan s_leastWindow = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan s_longest = TimeSpan.FromHours(1);

    private static readonly (string Key, int PerMille)[] s_percentiles = [("p50", 500), ("p90", 900), ("p99", 990), ("p999", 999)];

    public static CircuitAnnotations Read(MapNode map, PipelineScope scope)
    {
        if (map.Find("annotations") is not SourceNode node
            || scope.Sink.AsMap(node, "'annotations'", "annotations: { witness_tier: 2 }") is not MapNode annotations)
        {
            return new CircuitAnnotations();
        }

        scope.Sink.OnlyKeys(annotations, "'annotations'", "witness_tier", "governance_category", "stream_pattern", "topology", "sla",
            "governance", "execution_records", "transaction_log");
        return new CircuitAnnotations(
            annotations.Find("witness_tier") is null ? null : (int?)scope.Number(annotations, "witness_tier", 0, HighestTier, 0),
            scope.Sink.Text(annotations, "governance_category", "governance_category: Generic"),
            Word(annotations, scope, "stream_pattern", [.. PatternChecks.Words]),
            Word(annotations, scope, "topology", AnnotationChecks.Pipeline, AnnotationChecks.FanOut, AnnotationChecks.FanIn,
                AnnotationChecks.Graph),
            ReadLevel(annotations, scope),
            ReadApprovals(map, annotations, scope),
            scope.Name(annotations, "'annotations'", "execution_records", isRequired: false),
            scope.Name(annotations, "'annotations'", "transaction_log", isRequired: false));
    }

    private static int ReadApprovals(MapNode map, MapNode annotations, PipelineScope scope)
    {
        if (annotations.Find("governance") is not SourceNode node
            || scope.Sink.AsMap(node, "'governance'", GovernanceExample) is not MapNode governance)
        {
            return 0;
        }

        scope.Sink.OnlyKeys(governance, "'governance'", "approvals");
        if (governance.Find("approvals") is null)
        {
            scope.Sink.Report(DiagnosticCodes.MissingKey, governance, Messages.Missing("'governance'", "approvals", GovernanceExample));
        }

        if (map.Find("schemas") is SourceNode schemas)
        {
            scope.Sink.Report(CircuitCodes.Governance, schemas, CircuitMessages.ApprovedAlone());
        }

        return (int)(scope.Number(governance, "approvals", 1, HighestApprovals, 1) ?? 0);
    }

    private static string? Word(MapNode annotations, PipelineScope scope, string key, params string[] words) =>
        annotations.Find(key) is null ? null : scope.Word(annotations, key, words);

    private static ServiceLevel? ReadLevel(MapNode annotations, PipelineScope scope)
    {
        if (annotations.Find("sla") is not SourceNode node || scope.Sink.AsMap(node, "'sla'", LevelExample) is not MapNode level)
        {
            return null;
        }

        int errors = scope.Sink.Count;
        scope.Sink.OnlyKeys(level, "'sla'", "latency", "throughput", "durability", "window");
        if (level.Find("latency") is null && level.Find("throughput") is null && level.Find("durability") is null)
        {
            if (scope.Sink.Count == errors)
            {
                scope.Sink.Report(CircuitCodes.ServiceLevel, level, CircuitMessages.NothingPromised());
            }

            return null;
        }

        (int perMille, TimeSpan? latency) = ReadLatency(level, scope);
        return new ServiceLevel
        {
            LatencyPerMille = perMille,
            Latency = latency,
            Throughput = level.Find("throughput") is null ? null : scope.Number(level, "throughput", 1, HighestThroughput, 1),
            Durability = Time(level, scope, "durability", s_leastDurability),
            Window = Time(level, scope, "window", s_leastWindow) ?? new ServiceLevel().Window,
        };
    }

    private static (int PerMille, TimeSpan? Latency) ReadLatency(MapNode level, PipelineScope scope)
    {
        if (level.Find("latency") is not SourceNode node
            || scope.Sink.AsMap(node, "'latency'", "latency: { p99: 50ms }") is not MapNode latency)
        {
            return (0, null);
        }

        scope.Sink.OnlyKeys(latency, "'latency'", [.. s_percentiles.Select(percentile => percentile.Key)]);
        (string Key, int PerMille)[] asked = [.. s_percentiles.Where(percentile => latency.Find(percentile.Key) is not null)];
        if (asked.Length > 1 || latency.Entries.Count == 0)
        {
            scope.Sink.Report(CircuitCodes.ServiceLevel, latency, CircuitMessages.OnePercentile());
        }

        if (asked.Length != 1)
        {
            return (0, null);
        }

        return (asked[0].PerMille, Time(latency, scope, asked[0].Key, s_leastLatency));
    }

    private static TimeSpan? Time(MapNode map, PipelineScope scope, string key, TimeSpan least)
    {
        if (map.Find(key) is not SourceNode node || scope.Duration(map, "'sla'", key, null) is not TimeSpan time)
        {
            return null;
        }

        if (time < least || time > s_longest)
        {
            scope.Sink.Report(CircuitCodes.ServiceLevel, node, CircuitMessages.LevelBounds(key, least));
            return null;
        }

        return time;
    }
}

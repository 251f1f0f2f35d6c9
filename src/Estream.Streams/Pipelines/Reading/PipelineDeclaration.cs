using Estream.Esf;
using Estream.Esf.Expressions;
using Estream.Esf.Schema;
using Estream.Esf.Schema.Internal;
using Estream.Streams.Pipelines.Running;

namespace Estream.Streams.Pipelines.Reading;

/// <summary>Reads one pipeline of a file.</summary>
internal static class PipelineDeclaration
{
    private const string Example =
        "hot: { from: { queue: telemetry, schema: estream.iot.IoTTelemetry }, stages: [{ filter: value > 30.0 }], to: { queue: hot } }";

    /// <summary>Reads a pipeline; null after reporting an error.</summary>
    public static DeclaredPipeline? Read(ScalarNode name, SourceNode node, PipelineScope scope)
    {
        string where = $"pipeline '{Messages.Shorten(name.Value)}'";
        bool isNamed = scope.IsName(name, "a pipeline");
        if (scope.Sink.AsMap(node, where, Example) is not MapNode map)
        {
            return null;
        }

        scope.Sink.OnlyKeys(map, where, "description", "from", "stages", "to", "rejected", "max_bytes");
        string? description = scope.Sink.Text(map, "description", "description: \"Readings that are too hot\"");
        long? maxBytes =
            scope.Number(map, "max_bytes", EsfMessageHeader.Length, PipelineLimits.HighestMaxBytes, PipelineLimits.DefaultMaxBytes);
        string? rejected = scope.Name(map, where, "rejected", isRequired: false);
        (string? queue, EsfSchema? schema, EsfAudienceFilter? audience, EsfMessageFilter? filter) = ReadSource(map, where, scope);
        StageDeclarations stages = new(scope, schema);
        if (map.Find("stages") is SourceNode list)
        {
            stages.Read(list);
        }

        Sink? sink = ReadSink(map, where, stages, scope);
        if (!isNamed || maxBytes is null || queue is null || schema is null || sink is null || stages.Current is null)
        {
            return null;
        }

        TerminalOperator ending = stages.TerminalOperator ?? new PassThroughOperator(stages.Current);
        long most = Math.Min(maxBytes.Value, sink.Map is null ? maxBytes.Value : Estream.Map.LatestEntry.InlineBytes);
        int least = RecordLayout.OfMessage(stages.Current.Definition.Record).FixedLength;
        if (least > most)
        {
            scope.Sink.Report(PipelineCodes.Limit, map.Find("max_bytes") ?? map.Find("to")!,
                PipelineMessages.TooShort(most, stages.Current.QualifiedName, least));
            return null;
        }

        if (new[] { sink.Queue, ending.Late, rejected }.Any(written =>
            written == queue || (written is not null && written == ending.Joined)))
        {
            scope.Sink.Report(PipelineCodes.Conflict, map.Find("to")!, PipelineMessages.Feeds(queue));
            return null;
        }

        PipelineHead head = new(name.Value, name.Position, description, queue, schema, audience, rejected, (int)maxBytes.Value)
        {
            Filter = filter,
        };
        return new DeclaredPipeline(head, stages.Steps, ending, sink, Fingerprint.Of(map, [schema.Id, stages.Current.Id]));
    }

    private static (string? Queue, EsfSchema? Schema, EsfAudienceFilter? Audience, EsfMessageFilter? Filter) ReadSource(MapNode map,
        string where, PipelineScope scope)
    {
        const string FromExample = "from: { queue: telemetry, schema: estream.iot.IoTTelemetry }";
        if (map.Find("from") is not SourceNode node)
        {
            scope.Sink.Report(DiagnosticCodes.MissingKey, map, Messages.Missing(where, "from", FromExample));
            return default;
        }

        if (scope.Sink.AsMap(node, "'from'", FromExample) is not MapNode from)
        {
            return default;
        }

        scope.Sink.OnlyKeys(from, "'from'", "queue", "schema", AudienceDeclaration.Key, PatternDeclaration.LatticeKey,
            PatternDeclaration.PathKey);
        string? queue = scope.Name(from, "'from'", "queue", isRequired: true);
        EsfSchema? schema = scope.Schema(from, "'from'");
        bool isGood = AudienceDeclaration.TryRead(from, schema, scope, out EsfAudienceFilter? audience);
        isGood &= PatternDeclaration.TryRead(from, schema, scope, out EsfMessageFilter? filter);
        return isGood ? (queue, schema, audience, filter) : default;
    }

    private static Sink? ReadSink(MapNode map, string where, StageDeclarations stages, PipelineScope scope)
    {
        const string ToExample = "to: { queue: hot-readings }";
        if (map.Find("to") is not SourceNode node)
        {
            scope.Sink.Report(DiagnosticCodes.MissingKey, map, Messages.Missing(where, "to", ToExample));
            return null;
        }

        if (scope.Sink.AsMap(node, "'to'", ToExample) is not MapNode to)
        {
            return null;
        }

        scope.Sink.OnlyKeys(to, "'to'", "queue", "map", "key");
        if (to.Find("queue") is null == to.Find("map") is null)
        {
            scope.Sink.Report(PipelineCodes.Stage, to, PipelineMessages.OneOf("'to'", "'queue', and 'map' with 'key'"));
            return null;
        }

        if (to.Find("queue") is not null)
        {
            scope.Sink.OnlyKeys(to, "a 'to' with a queue", "queue");
            if (stages is { Current.SubLexes.Count: > 0, TerminalOperator: null })
            {
                scope.Sink.Report(PipelineCodes.Private, to, PipelineMessages.SubLexes(stages.Current.QualifiedName));
                return null;
            }

            return scope.Name(to, "'to'", "queue", isRequired: true) is string queue ? new Sink(queue, null, null) : null;
        }

        EsfExpressionScope? messages = stages.Current is null ? null : new EsfExpressionScope(stages.Current);
        string? name = scope.Name(to, "'to'", "map", isRequired: true);
        EsfExpression? key =
            scope.Expression(to, "'to'", "key", "device_id", messages, "text or a whole number", EsfValueKind.Text, EsfValueKind.Integer);
        bool isGood = stages.Current is null || scope.IsWithoutPrivate(stages.Current, to, "a map");
        return name is not null && key is not null && isGood ? new Sink(null, name, key) : null;
    }
}

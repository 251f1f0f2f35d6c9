using Estream.Esf;
using Estream.Esf.Expressions;
using Estream.Esf.Schema.Internal;
using Estream.Streams.Pipelines.Running;

namespace Estream.Streams.Pipelines.Reading;

/// <summary>Reads joins with another queue.</summary>
internal static class JoinDeclarations
{
    private const string Where = "'join'";
    private const string Waiting = "a join, in which messages wait";
    private const string Example =
        "join: { with: { queue: commands, schema: acme.Command, time: sent_at, key: device }, as: command, within: 10s, time: timestamp, "
        + "key: device_id, schema: acme.Answer, set: { command: command.id } }";

    public static TerminalOperator? Read(ScalarNode name, SourceNode content, EsfSchema? current, EsfExpressionScope? messages,
        PipelineScope scope)
    {
        if (scope.Sink.AsMap(content, Where, Example) is not MapNode map)
        {
            return null;
        }

        scope.Sink.OnlyKeys(map, Where, "with", "as", "within", "time", "key", "delay", "late", "at_most", "outer", "schema", "set");
        OtherStream? other = Other(map, scope);
        EsfExpressionScope? both = SecondMessage.Add(map, Where, messages, other?.Schema, scope);
        TimeSpan? within = scope.Duration(map, Where, "within", null);
        Timing? timing = WindowDeclarations.ReadTiming(map, Where, messages, scope);
        string? outer = scope.Word(map, "outer", "false", "true");
        EsfSchema? target = scope.Schema(map, Where);
        bool isGood = scope.IsWithoutPrivate(target, name, "results that are compared after a crash");
        isGood &= scope.IsWithoutPrivate(current, name, Waiting);
        Projection? projection = FieldDeclarations.Read(map, Where, target, null, both, scope);
        return other is not null && within is not null && timing is not null && outer is not null && projection is not null && isGood
            ? new JoinOperator(current!, target!, timing, other, within.Value, outer == "true", projection)
            : null;
    }

    private static OtherStream? Other(MapNode map, PipelineScope scope)
    {
        const string With = "'with'";
        const string WithExample = "with: { queue: commands, schema: acme.Command, time: sent_at, key: device }";
        if (map.Find("with") is not SourceNode node)
        {
            scope.Sink.Report(Estream.Esf.Schema.DiagnosticCodes.MissingKey, map, Messages.Missing(Where, "with", WithExample));
            return null;
        }

        if (scope.Sink.AsMap(node, With, WithExample) is not MapNode with)
        {
            return null;
        }

        scope.Sink.OnlyKeys(with, With, "queue", "schema", "time", "key");
        string? queue = scope.Name(with, With, "queue", isRequired: true);
        EsfSchema? schema = scope.Schema(with, With);
        bool isGood = scope.IsWithoutPrivate(schema, with, Waiting);
        EsfExpressionScope? messages = schema is null ? null : new EsfExpressionScope(schema);
        EsfExpression? time = scope.Expression(with, With, "time", "sent_at", messages,
            "a timestamp or another whole number of nanoseconds", EsfValueKind.Integer);
        EsfExpression? key =
            scope.Expression(with, With, "key", "device", messages, "text or a whole number", EsfValueKind.Text, EsfValueKind.Integer);
        return queue is not null && schema is not null && time is not null && key is not null && isGood
            ? new OtherStream(queue, schema, time, key)
            : null;
    }
}

using Estream.Esf;
using Estream.Esf.Expressions;
using Estream.Esf.Schema.Internal;
using Estream.Streams.Pipelines.Running;

namespace Estream.Streams.Pipelines.Reading;

/// <summary>Reads thresholds.</summary>
internal static class ThresholdDeclarations
{
    private const string Where = "'threshold'";
    private const string Example =
        "threshold: { value: value, raise_above: 80.0, clear_below: 75.0, key: device_id, schema: acme.Alarm, set: { device: device_id, "
        + "is_high: crossing.raised } }";
    private const string DefaultName = "crossing";

    private static readonly string[] s_keys = ["value", "key", "at_most", "as", "schema", "set", "for"];

    public static TerminalOperator? Read(ScalarNode name, SourceNode content, EsfSchema? current, EsfExpressionScope? messages,
        PipelineScope scope)
    {
        if (scope.Sink.AsMap(content, Where, Example) is not MapNode map)
        {
            return null;
        }

        bool isBelow = map.Find("raise_below") is not null;
        (string raise, string clear) = isBelow ? ("raise_below", "clear_above") : ("raise_above", "clear_below");
        bool isHeld = map.Find("for") is not null;
        scope.Sink.OnlyKeys(map, Where, [raise, clear, .. s_keys, .. isHeld ? ["time"] : Array.Empty<string>()]);
        Threshold? threshold = ReadBounds(map, raise, clear, isBelow, scope);
        EsfExpression? value =
            scope.Expression(map, Where, "value", "celsius", messages, "a number", EsfValueKind.Number, EsfValueKind.Integer);
        EsfExpression? key =
            scope.Expression(map, Where, "key", "device_id", messages, "text or a whole number", EsfValueKind.Text, EsfValueKind.Integer);
        TimeSpan? held = scope.Duration(map, Where, "for", TimeSpan.Zero);
        EsfExpression? time = isHeld
            ? scope.Expression(map, Where, "time", "timestamp", messages, "a timestamp or another whole number of nanoseconds",
                EsfValueKind.Integer)
            : null;
        long? atMost = scope.Number(map, "at_most", 1, PipelineLimits.HighestAtMost, PipelineLimits.DefaultAtMost);
        EsfSchema? target = scope.Schema(map, Where);
        bool isGood = scope.IsWithoutPrivate(target, name, "results that are compared after a crash");
        Projection? projection = FieldDeclarations.Read(map, Where, target, null, WithCrossing(map, messages, scope), scope);
        return threshold is not null && value is not null && key is not null && held is not null && time is not null == isHeld
            && atMost is not null && projection is not null && isGood
            ? new ThresholdOperator(current!, target!, threshold.Value, value, key, time, held.Value, (int)atMost.Value, projection)
            : null;
    }

    private static Threshold? ReadBounds(MapNode map, string raiseKey, string clearKey, bool isBelow, PipelineScope scope)
    {
        double? raise = scope.Real(map, Where, raiseKey, isBelow ? "5.0" : "80.0");
        double? clear = scope.Real(map, Where, clearKey, isBelow ? "8.0" : "75.0");
        if (raise is null || clear is null)
        {
            return null;
        }

        if (isBelow ? clear < raise : clear > raise)
        {
            scope.Sink.Report(PipelineCodes.Number, map.Find(clearKey)!, PipelineMessages.Hysteresis(raiseKey, clearKey, isBelow));
            return null;
        }

        return isBelow ? Threshold.Below(raise.Value, clear.Value) : Threshold.Above(raise.Value, clear.Value);
    }

    // Adds the crossing as a second message, with its own fields.
    private static EsfExpressionScope? WithCrossing(MapNode map, EsfExpressionScope? messages, PipelineScope scope)
    {
        SourceNode? node = map.Find("as");
        string? name = node is null ? DefaultName : scope.Sink.AsScalar(node, "'as'", $"as: {DefaultName}")?.Value;
        if (messages is null || name is null)
        {
            return null;
        }

        try
        {
            return messages.With(name, CrossingProjection.Schema);
        }
        catch (ArgumentException)
        {
            scope.Sink.Report(PipelineCodes.Name, node ?? map, PipelineMessages.CrossingName(name));
            return null;
        }
    }
}

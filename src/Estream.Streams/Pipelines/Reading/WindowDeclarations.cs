using Estream.Esf;
using Estream.Esf.Expressions;
using Estream.Esf.Schema;
using Estream.Esf.Schema.Internal;
using Estream.Streams.Pipelines.Running;

namespace Estream.Streams.Pipelines.Reading;

/// <summary>Reads windows and throttles.</summary>
internal static class WindowDeclarations
{
    private const string WindowExample =
        "window: { tumbling: 1m, time: timestamp, key: device_id, schema: acme.Mean, set: { device: key, mean: { mean: value } } }";
    private const string ThrottleExample = "throttle: { every: 1s, most: 10, time: timestamp, key: device_id }";

    private static readonly string[] s_timing = ["time", "key", "delay", "late", "at_most"];

    public static TerminalOperator? Read(ScalarNode name, SourceNode content, EsfSchema? current, EsfExpressionScope? messages,
        PipelineScope scope)
    {
        string where = $"'{name.Value}'";
        if (scope.Sink.AsMap(content, where, WindowExample) is not MapNode map)
        {
            return null;
        }

        scope.Sink.OnlyKeys(map, where, ["tumbling", "sliding", "session", .. s_timing, "lateness", "schema", "set"]);
        (TimeWindows Windows, SessionWindows Sessions)? kind = Kind(map, where, scope);
        Timing? timing = ReadTiming(map, where, messages, scope);
        TimeSpan? lateness = scope.Duration(map, where, "lateness", TimeSpan.Zero);
        EsfSchema? target = scope.Schema(map, where);
        bool isGood = scope.IsWithoutPrivate(target, name, "results that are compared after a crash");
        isGood &= timing?.Late is null || scope.IsWithoutPrivate(current, name, "late messages that are compared after a crash");
        List<Aggregate> aggregates = [];
        List<WindowField>? fields = WindowFields.Read(map, where, target, timing?.Key, messages, aggregates, scope);
        return kind is { } windows && timing is not null && lateness is not null && fields is not null && isGood
            ? new WindowOperator(current!, target!, timing, windows.Windows, windows.Sessions, lateness.Value, aggregates, fields)
            : null;
    }

    public static TerminalOperator? ReadThrottle(ScalarNode name, SourceNode content, EsfSchema? current, EsfExpressionScope? messages,
        PipelineScope scope)
    {
        const string Where = "'throttle'";
        if (scope.Sink.AsMap(content, Where, ThrottleExample) is not MapNode map)
        {
            return null;
        }

        scope.Sink.OnlyKeys(map, Where, ["every", "most", "excess", .. s_timing]);
        TimeSpan? every = scope.Duration(map, Where, "every", null);
        long? most = scope.Number(map, "most", 1, int.MaxValue, 1);
        string? excess = scope.Word(map, "excess", "drop", "newest");
        Timing? timing = ReadTiming(map, Where, messages, scope);
        bool isGood = scope.IsWithoutPrivate(current, name, "a throttle, whose results are compared after a crash");
        return every is not null && most is not null && excess is not null && timing is not null && isGood
            ? new ThrottleOperator(current!, timing, Windows.Tumbling(every.Value), most.Value,
                excess == "drop" ? Excess.Drop : Excess.KeepNewest)
            : null;
    }

    /// <summary>Reads the keys common to all event-time operators; null after reporting an error.</summary>
    public static Timing? ReadTiming(MapNode map, string where, EsfExpressionScope? messages, PipelineScope scope)
    {
        EsfExpression? time = scope.Expression(map, where, "time", "timestamp", messages,
            "a timestamp or another whole number of nanoseconds", EsfValueKind.Integer);
        EsfExpression? key =
            scope.Expression(map, where, "key", "device_id", messages, "text or a whole number", EsfValueKind.Text, EsfValueKind.Integer);
        TimeSpan? delay = scope.Duration(map, where, "delay", TimeSpan.Zero);
        long? atMost = scope.Number(map, "at_most", 1, PipelineLimits.HighestAtMost, PipelineLimits.DefaultAtMost);
        string? late = scope.Name(map, where, "late", isRequired: false);
        return time is not null && key is not null && delay is not null && atMost is not null
            && (late is not null || map.Find("late") is null)
            ? new Timing(time, key, delay.Value, (int)atMost.Value, late)
            : null;
    }

    private static (TimeWindows Windows, SessionWindows Sessions)? Kind(MapNode map, string where, PipelineScope scope)
    {
        string[] kinds = [.. new[] { "tumbling", "sliding", "session" }.Where(kind => map.Find(kind) is not null)];
        if (kinds.Length != 1)
        {
            scope.Sink.Report(PipelineCodes.Stage, map, PipelineMessages.OneOf(where, "'tumbling', 'sliding' and 'session'"));
            return null;
        }

        if (kinds[0] == "sliding")
        {
            return Sliding(map.Find("sliding")!, scope) is TimeWindows sliding ? (sliding, default) : null;
        }

        return scope.Duration(map, where, kinds[0], null) is not TimeSpan length ? null
            : kinds[0] == "tumbling" ? (Windows.Tumbling(length), default)
            : (default, Windows.Session(length));
    }

    private static TimeWindows? Sliding(SourceNode node, PipelineScope scope)
    {
        if (scope.Sink.AsMap(node, "'sliding'", "sliding: { size: 1m, every: 10s }") is not MapNode map)
        {
            return null;
        }

        scope.Sink.OnlyKeys(map, "'sliding'", "size", "every");
        if (scope.Duration(map, "'sliding'", "size", null) is not TimeSpan size
            || scope.Duration(map, "'sliding'", "every", null) is not TimeSpan every)
        {
            return null;
        }

        if (every > size || size.Ticks > every.Ticks * (Int128)TimeWindows.MostOverlapping)
        {
            scope.Sink.Report(PipelineCodes.Number, map, PipelineMessages.Sliding(TimeWindows.MostOverlapping));
            return null;
        }

        return Windows.Sliding(size, every);
    }
}

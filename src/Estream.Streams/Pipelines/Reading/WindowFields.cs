using Estream.Esf;
using Estream.Esf.Expressions;
using Estream.Esf.Schema;
using Estream.Esf.Schema.Internal;
using Estream.Streams.Pipelines.Running;

namespace Estream.Streams.Pipelines.Reading;

/// <summary>Reads the fields of a window's result: parts of the window, and aggregates of its events.</summary>
internal static class WindowFields
{
    private static readonly Dictionary<string, WindowPart> s_parts = new(StringComparer.Ordinal)
    {
        ["key"] = WindowPart.Key,
        ["start"] = WindowPart.Start,
        ["end"] = WindowPart.End,
        ["revision"] = WindowPart.Revision,
        ["count"] = WindowPart.Count,
    };

    private static readonly Dictionary<string, Fold> s_folds = new(StringComparer.Ordinal)
    {
        ["sum"] = Fold.Sum,
        ["min"] = Fold.Min,
        ["max"] = Fold.Max,
        ["mean"] = Fold.Mean,
    };

    /// <summary>Reads the fields that are set; null after reporting an error.</summary>
    public static List<WindowField>? Read(MapNode map, string where, EsfSchema? target, EsfExpression? key, EsfExpressionScope? messages,
        List<Aggregate> aggregates, PipelineScope scope)
    {
        if (FieldDeclarations.Fields(map, where, target, null, scope) is not { } fields)
        {
            return null;
        }

        List<WindowField> read = [];
        foreach ((EsfField field, SourceNode value) in fields)
        {
            WindowField? one = value is ScalarNode word && s_parts.TryGetValue(word.Value, out WindowPart part)
                ? OfPart(field, part, word, key, scope)
                : value is MapNode { Entries: [{ Value: ScalarNode { Value.Length: > 0 } text } entry] }
                    && s_folds.TryGetValue(entry.Key.Value, out Fold fold)
                    ? OfAggregate(field, fold, text, messages, aggregates, scope)
                : Unknown(value, scope);
            if (one is not null)
            {
                read.Add(one);
            }
        }

        if (aggregates.Count > WindowState.MostAggregates)
        {
            scope.Sink.Report(PipelineCodes.Limit, map.Find("set")!,
                PipelineMessages.TooMany("aggregates in a window", WindowState.MostAggregates));
            return null;
        }

        return read.Count == fields.Count ? read : null;
    }

    private static WindowField? OfPart(EsfField field, WindowPart part, ScalarNode word, EsfExpression? key, PipelineScope scope)
    {
        bool isText = part == WindowPart.Key && key is { Kind: EsfValueKind.Text };
        bool isGood = part == WindowPart.Key && key is null ? true : isText ? field.Kind == EsfTypeKind.String : IsNumber(field);
        if (!isGood)
        {
            scope.Sink.Report(PipelineCodes.Kind, word,
                PipelineMessages.CannotSet(field.Name, field.TypeName, word.Value, isText ? "text" : "a whole number"));
        }

        return isGood ? new WindowField(field, part) : null;
    }

    private static WindowField? OfAggregate(EsfField field, Fold fold, ScalarNode text, EsfExpressionScope? messages,
        List<Aggregate> aggregates, PipelineScope scope)
    {
        EsfExpression? value = scope.OfKind(scope.Expression(text, messages), "what is aggregated", text, "a number", EsfValueKind.Integer,
            EsfValueKind.Number);
        if (value is null)
        {
            return null;
        }

        bool isWhole = value.Kind == EsfValueKind.Integer && fold != Fold.Mean;
        if (!(isWhole ? IsNumber(field) : field.Kind is EsfTypeKind.F32 or EsfTypeKind.F64))
        {
            scope.Sink.Report(PipelineCodes.Kind, text,
                PipelineMessages.CannotSet(field.Name, field.TypeName, text.Value, isWhole ? "a whole number" : "a number"));
            return null;
        }

        aggregates.Add(new Aggregate(fold, value));
        return new WindowField(field, WindowPart.Aggregate, aggregates.Count - 1);
    }

    private static WindowField? Unknown(SourceNode value, PipelineScope scope)
    {
        scope.Sink.Report(PipelineCodes.Word, value, PipelineMessages.Aggregate([.. s_folds.Keys]));
        return null;
    }

    private static bool IsNumber(EsfField field) => field.Kind is (>= EsfTypeKind.U8 and <= EsfTypeKind.F64) or EsfTypeKind.Timestamp;
}

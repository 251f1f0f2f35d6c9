using System.Globalization;
using Estream.Esf;
using Estream.Esf.Expressions;
using Estream.Esf.Schema;
using Estream.Esf.Schema.Internal;
using Estream.Streams.Internal;

namespace Estream.Streams.Pipelines.Reading;

/// <summary>The schemas known in a file, the sink for its errors, and checks for its parts.</summary>
/// <param name="sink">The sink.</param>
/// <param name="schemas">The schemas.</param>
/// <param name="ownNamespace">The namespace of the types that the file itself declares. A name without a namespace means these types
/// first; null for none.</param>
internal sealed class PipelineScope(DiagnosticSink sink, EsfSchemaSet schemas, string? ownNamespace = null)
{
    public DiagnosticSink Sink => sink;

    /// <summary>Returns the same scope with another sink for errors.</summary>
    public PipelineScope With(DiagnosticSink other) => new(other, schemas, ownNamespace);

    /// <summary>Returns the text of a required key.</summary>
    public ScalarNode? Scalar(MapNode map, string where, string key, string example)
    {
        if (map.Find(key) is SourceNode node)
        {
            return sink.AsScalar(node, $"'{key}'", example);
        }

        sink.Report(DiagnosticCodes.MissingKey, map, Messages.Missing(where, key, example));
        return null;
    }

    /// <summary>Returns the name of a queue or map; null if it is absent or invalid, after reporting an error if it is invalid or
    /// required.</summary>
    public string? Name(MapNode map, string where, string key, bool isRequired)
    {
        string example = $"{key}: hot-readings";
        ScalarNode? node = isRequired ? Scalar(map, where, key, example) : map.Find(key) is SourceNode found
            ? sink.AsScalar(found, $"'{key}'", example)
            : null;
        return node is not null && IsName(node, $"a {key}") ? node.Value : null;
    }

    public bool IsName(ScalarNode node, string what)
    {
        bool isGood = node.Value.Length is > 0 and <= PipelineLimits.MaxNameLength && char.IsAsciiLetter(node.Value[0])
            && node.Value.All(c => char.IsAsciiLetterOrDigit(c) || c is '-' or '_' or '.');
        if (!isGood)
        {
            sink.Report(PipelineCodes.Name, node, PipelineMessages.BadName(what, node.Value));
        }

        return isGood;
    }

    public EsfSchema? Schema(MapNode map, string where, string key = "schema")
    {
        if (Scalar(map, where, key, $"{key}: estream.iot.IoTTelemetry") is not ScalarNode node)
        {
            return null;
        }

        if ((ownNamespace is not null && schemas.TryGet($"{ownNamespace}.{node.Value}", out EsfSchema? schema))
            || schemas.TryGet(node.Value, out schema))
        {
            if (schema.StandsInQueues)
            {
                return schema;
            }

            sink.Report(PipelineCodes.Schema, node, PipelineMessages.NotPlain(schema.QualifiedName, $"{schema.Pattern}"));
            return null;
        }

        sink.Report(PipelineCodes.Schema, node,
            PipelineMessages.NoSchema(node.Value, [.. schemas.Schemas.Select(known => known.QualifiedName)]));
        return null;
    }

    /// <summary>Compiles an expression; null after reporting an error.</summary>
    public EsfExpression? Expression(ScalarNode? node, EsfExpressionScope? messages, EsfField? target = null)
    {
        if (node is null || messages is null)
        {
            return null;
        }

        EsfExpressionError? error;
        bool isGood = target is null
            ? EsfExpression.TryCompile(node.Value, messages, out EsfExpression? expression, out error)
            : EsfExpression.TryCompile(node.Value, messages, target, out expression, out error);
        if (!isGood)
        {
            sink.Report(PipelineCodes.Expression, node, PipelineMessages.Expression(node.Value, error!));
        }

        return expression;
    }

    /// <summary>Compiles the expression of a required key, whose values must be of one of several kinds.</summary>
    public EsfExpression? Expression(MapNode map, string where, string key, string example, EsfExpressionScope? messages, string wanted,
        params EsfValueKind[] kinds) =>
        OfKind(Expression(Scalar(map, where, key, $"{key}: {example}"), messages), $"'{key}'", map.Find(key), wanted, kinds);

    public EsfExpression? OfKind(EsfExpression? expression, string what, SourceNode? node, string wanted, params EsfValueKind[] kinds)
    {
        if (expression is not null && !kinds.Contains(expression.Kind))
        {
            sink.Report(PipelineCodes.Kind, node!,
                PipelineMessages.WrongKind(what, expression.Text, PipelineMessages.KindName(expression), wanted));
            return null;
        }

        return expression;
    }

    /// <summary>Returns a duration such as <c>30s</c>; the default if the key is absent.</summary>
    public TimeSpan? Duration(MapNode map, string where, string key, TimeSpan? otherwise)
    {
        if (map.Find(key) is not SourceNode node)
        {
            if (otherwise is null)
            {
                sink.Report(DiagnosticCodes.MissingKey, map, Messages.Missing(where, key, $"{key}: 30s"));
            }

            return otherwise;
        }

        return sink.AsScalar(node, $"'{key}'", $"{key}: 30s") is ScalarNode scalar
            ? Duration(scalar, key, isZeroGood: otherwise is not null)
            : null;
    }

    public TimeSpan? Duration(ScalarNode node, string key, bool isZeroGood = false)
    {
        string text = node.Value;
        int digits = text.TakeWhile(char.IsAsciiDigit).Count();
        long ticks = text[digits..] switch
        {
            "ms" => TimeSpan.TicksPerMillisecond,
            "s" => TimeSpan.TicksPerSecond,
            "m" => TimeSpan.TicksPerMinute,
            "h" => TimeSpan.TicksPerHour,
            "d" => TimeSpan.TicksPerDay,
            _ => 0,
        };
        if (ticks == 0 || !long.TryParse(text.AsSpan(0, digits), NumberStyles.None, CultureInfo.InvariantCulture, out long count))
        {
            sink.Report(PipelineCodes.Number, node, PipelineMessages.Duration(text));
            return null;
        }

        // The maximum for windows: 2^60 nanoseconds.
        Int128 all = (Int128)count * ticks;
        if (all > (1L << 60) / TimeSpan.NanosecondsPerTick || (all == 0 && !isZeroGood))
        {
            sink.Report(PipelineCodes.Number, node, PipelineMessages.DurationBounds(key));
            return null;
        }

        return TimeSpan.FromTicks((long)all);
    }

    /// <summary>Returns a whole number; the default if the key is absent.</summary>
    public long? Number(MapNode map, string key, long least, long most, long otherwise)
    {
        if (map.Find(key) is not SourceNode node)
        {
            return otherwise;
        }

        if (node is ScalarNode scalar && long.TryParse(scalar.Value, NumberStyles.None, CultureInfo.InvariantCulture, out long number)
            && number >= least && number <= most)
        {
            return number;
        }

        sink.Report(PipelineCodes.Number, node, PipelineMessages.Number(key, least, most));
        return null;
    }

    /// <summary>Returns the number of a required key.</summary>
    public double? Real(MapNode map, string where, string key, string example)
    {
        if (Scalar(map, where, key, $"{key}: {example}") is not ScalarNode node)
        {
            return null;
        }

        if (double.TryParse(node.Value, NumberStyles.Float, CultureInfo.InvariantCulture, out double number) && double.IsFinite(number))
        {
            return number;
        }

        sink.Report(PipelineCodes.Number, node, PipelineMessages.Real(key, example));
        return null;
    }

    /// <summary>Returns one of several words; the first one if the key is absent.</summary>
    public string? Word(MapNode map, string key, params string[] words)
    {
        if (map.Find(key) is not SourceNode node)
        {
            return words[0];
        }

        if (node is ScalarNode scalar && words.Contains(scalar.Value))
        {
            return scalar.Value;
        }

        sink.Report(PipelineCodes.Word, node, PipelineMessages.Word(key, node is ScalarNode found ? found.Value : node.Shape, words));
        return null;
    }

    /// <summary>Reports a schema with private or tokenized fields at a position where nothing can be sealed.</summary>
    public bool IsWithoutPrivate(EsfSchema? schema, SourceNode node, string where)
    {
        if (schema is { IsProtected: true })
        {
            sink.Report(PipelineCodes.Private, node, PipelineMessages.Private(schema.QualifiedName, where));
            return false;
        }

        return schema is not null;
    }
}

using Estream.Esf;
using Estream.Esf.Expressions;
using Estream.Esf.Schema.Internal;
using Estream.Streams.Pipelines.Running;

namespace Estream.Streams.Pipelines.Reading;

/// <summary>Reads the stages of a pipeline, each with the output schema of the previous stage.</summary>
/// <param name="scope">The file.</param>
/// <param name="source">The schema of the messages in the source; null if it has an error.</param>
internal sealed class StageDeclarations(PipelineScope scope, EsfSchema? source)
{
    private const string Example = "filter: value > 30.0";

    private static readonly string[] s_names = ["filter", "transform", "widen", "lookup", "window", "throttle", "threshold", "join"];

    /// <summary>The schema of the output so far; null after an error, so that dependent parts do not report a second error.</summary>
    public EsfSchema? Current { get; private set; } = source;

    /// <summary>True if an earlier stage is a lookup: no stateful stage may follow.</summary>
    public bool HasLookup { get; set; }

    public List<Step> Steps { get; } = [];

    /// <summary>The stateful operator that ends the stages; null if there is none.</summary>
    public TerminalOperator? TerminalOperator { get; private set; }

    public void Read(SourceNode node)
    {
        if (scope.Sink.AsList(node, "'stages'", $"stages: [{{ {Example} }}]") is not ListNode list)
        {
            return;
        }

        if (list.Items.Count > PipelineLimits.MaxStages)
        {
            scope.Sink.Report(PipelineCodes.Limit, list, PipelineMessages.TooMany("stages", PipelineLimits.MaxStages));
            return;
        }

        for (int i = 0; i < list.Items.Count; i++)
        {
            if (scope.Sink.AsMap(list.Items[i], "a stage", Example) is MapNode stage)
            {
                ReadEntry(stage, isLast: i == list.Items.Count - 1);
            }
        }
    }

    private void ReadEntry(MapNode stage, bool isLast)
    {
        if (stage.Entries.Count != 1)
        {
            scope.Sink.Report(PipelineCodes.Stage, stage, PipelineMessages.OneKey(Example));
            return;
        }

        (ScalarNode name, SourceNode content) = (stage.Entries[0].Key, stage.Entries[0].Value);
        ReadOne(name.Value, name, content, isLast);
    }

    /// <summary>Reads one stage.</summary>
    /// <param name="kind">The kind of stage.</param>
    /// <param name="name">The node of the stage's name in the file.</param>
    /// <param name="content">The content of the stage.</param>
    /// <param name="isLast">True if it is the last stage.</param>
    public void ReadOne(string kind, ScalarNode name, SourceNode content, bool isLast)
    {
        EsfExpressionScope? messages = Current is null ? null : new EsfExpressionScope(Current);
        switch (kind)
        {
            case "filter":
                ReadFilter(content, messages);
                break;
            case "transform":
                ReadTransform(content, messages);
                break;
            case "widen":
                ReadWiden(content, messages);
                break;
            case "lookup":
                ReadLookup(content, messages);
                break;
            case "window" or "throttle" or "threshold" or "join":
                ReadEnding(kind, name, content, messages, isLast);
                break;
            default:
                scope.Sink.Report(PipelineCodes.Stage, name, PipelineMessages.UnknownStage(name.Value, s_names));
                Current = null;
                break;
        }
    }

    private void ReadFilter(SourceNode content, EsfExpressionScope? messages)
    {
        if (scope.Sink.AsScalar(content, "'filter'", Example) is ScalarNode text
            && scope.OfKind(scope.Expression(text, messages), "'filter'", text, "a condition",
                EsfValueKind.Boolean) is EsfExpression condition)
        {
            Steps.Add(new FilterStep(condition));
        }
    }

    private void ReadTransform(SourceNode content, EsfExpressionScope? messages)
    {
        if (MapOf(content, "'transform'", "transform: { schema: acme.Hot, set: { device: device_id } }", "schema",
            "set") is not MapNode map)
        {
            return;
        }

        EsfSchema? target = scope.Schema(map, "'transform'");
        Projection? projection = FieldDeclarations.Read(map, "'transform'", target, null, messages, scope);
        Continue(target, projection is null ? null : new ProjectStep(projection));
    }

    private void ReadWiden(SourceNode content, EsfExpressionScope? messages)
    {
        if (MapOf(content, "'widen'", "widen: { schema: acme.Placed, set: { floor: 1 } }", "schema", "set") is not MapNode map)
        {
            return;
        }

        EsfSchema? target = scope.Schema(map, "'widen'");
        EsfWidening? widening = target is null || Current is null ? null : WideningTo(target, Current, map.Find("schema")!);
        Projection? projection = widening is null ? null : FieldDeclarations.Read(map, "'widen'", target, widening, messages, scope);
        Continue(target, projection is null ? null : new ProjectStep(projection));
    }

    private EsfWidening? WideningTo(EsfSchema target, EsfSchema current, SourceNode at)
    {
        // A message that a stage created is plaintext and can be widened. A message from the source is sealed, and cannot be widened.
        if (current.HasPrivateFields && Steps.TrueForAll(step => step is FilterStep))
        {
            scope.Sink.Report(PipelineCodes.Private, at, PipelineMessages.PrivateWidened(current.QualifiedName));
            return null;
        }

        if (EsfWidening.CanWiden(current, target))
        {
            return new EsfWidening(current, target);
        }

        scope.Sink.Report(PipelineCodes.Extends, at, PipelineMessages.NotWider(target.QualifiedName, current.QualifiedName, current.Name));
        return null;
    }

    private void ReadLookup(SourceNode content, EsfExpressionScope? messages)
    {
        const string Where = "'lookup'";
        if (MapOf(content, Where,
            "lookup: { map: limits, holds: acme.Limit, as: limit, key: device_id, schema: acme.Checked, set: { high: limit.high } }", "map",
            "holds", "as", "key", "optional", "schema", "set") is not MapNode map)
        {
            return;
        }

        HasLookup = true;
        string? name = scope.Name(map, Where, "map", isRequired: true);
        EsfSchema? held = scope.Schema(map, Where, "holds");
        EsfExpression? key =
            scope.Expression(map, Where, "key", "device_id", messages, "text or a whole number", EsfValueKind.Text, EsfValueKind.Integer);
        EsfExpressionScope? both = SecondMessage.Add(map, Where, messages, held, scope);
        string? optional = scope.Word(map, "optional", "false", "true");
        EsfSchema? target = scope.Schema(map, Where);
        Projection? projection = FieldDeclarations.Read(map, Where, target, null, both, scope);
        Continue(target,
            projection is null || name is null || key is null || optional is null
                ? null
                : new LookupStep(name, key, optional == "true", projection));
    }

    private void ReadEnding(string kind, ScalarNode name, SourceNode content, EsfExpressionScope? messages, bool isLast)
    {
        if (!isLast)
        {
            scope.Sink.Report(PipelineCodes.Stage, name, PipelineMessages.NotLast(name.Value));
        }

        if (HasLookup)
        {
            scope.Sink.Report(PipelineCodes.Stage, name, PipelineMessages.AfterLookup(name.Value));
        }

        TerminalOperator = kind switch
        {
            "window" => WindowDeclarations.Read(name, content, Current, messages, scope),
            "throttle" => WindowDeclarations.ReadThrottle(name, content, Current, messages, scope),
            "threshold" => ThresholdDeclarations.Read(name, content, Current, messages, scope),
            _ => JoinDeclarations.Read(name, content, Current, messages, scope),
        };
        Current = TerminalOperator?.Schema;
    }

    private MapNode? MapOf(SourceNode content, string where, string example, params string[] keys)
    {
        MapNode? map = scope.Sink.AsMap(content, where, example);
        if (map is null)
        {
            Current = null;
        }
        else
        {
            scope.Sink.OnlyKeys(map, where, keys);
        }

        return map;
    }

    private void Continue(EsfSchema? target, Step? step)
    {
        Current = target;
        if (step is not null)
        {
            Steps.Add(step);
        }
    }
}

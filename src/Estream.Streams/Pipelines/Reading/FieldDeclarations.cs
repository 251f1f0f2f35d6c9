using Estream.Esf;
using Estream.Esf.Expressions;
using Estream.Esf.Schema;
using Estream.Esf.Schema.Internal;
using Estream.Streams.Pipelines.Running;

namespace Estream.Streams.Pipelines.Reading;

/// <summary>Reads the fields that a stage sets in its output message: the mapping under <c>set</c>.</summary>
internal static class FieldDeclarations
{
    private const string Example = "set: { device: device_id }";

    /// <summary>Reads the projection of a message; null after reporting an error.</summary>
    /// <param name="map">The stage.</param>
    /// <param name="where">The name of the stage in messages.</param>
    /// <param name="target">The schema of the output message.</param>
    /// <param name="widening">The widening that starts the message; null if it starts empty.</param>
    /// <param name="messages">The messages that expressions can use.</param>
    /// <param name="scope">The file.</param>
    public static Projection? Read(MapNode map, string where, EsfSchema? target, EsfWidening? widening, EsfExpressionScope? messages,
        PipelineScope scope)
    {
        if (Fields(map, where, target, widening, scope) is not List<(EsfField Field, SourceNode Value)> fields || target is null)
        {
            return null;
        }

        List<Assignment> assignments = [];
        foreach ((EsfField field, SourceNode value) in fields)
        {
            if (scope.Sink.AsScalar(value, $"the value of '{field.Name}'", $"{field.Name}: device_id") is ScalarNode text
                && scope.Expression(text, messages, field) is EsfExpression expression)
            {
                if (expression.CanSet(field))
                {
                    assignments.Add(new Assignment(field, expression));
                    continue;
                }

                scope.Sink.Report(PipelineCodes.Kind, value,
                    PipelineMessages.CannotSet(field.Name, field.TypeName, expression.Text, PipelineMessages.KindName(expression)));
            }
        }

        return assignments.Count == fields.Count && messages is not null ? new Projection(target, widening, assignments) : null;
    }

    /// <summary>Returns the fields that are set, in the order of the schema; null after reporting an error.</summary>
    public static List<(EsfField Field, SourceNode Value)>? Fields(MapNode map, string where, EsfSchema? target, EsfWidening? widening,
        PipelineScope scope)
    {
        if (map.Find("set") is not SourceNode node)
        {
            scope.Sink.Report(DiagnosticCodes.MissingKey, map, Messages.Missing(where, "set", Example));
            return null;
        }

        if (scope.Sink.AsMap(node, "'set'", Example) is not MapNode set || target is null)
        {
            return null;
        }

        EsfField[] known = [.. target.Fields.Skip(widening?.From.Fields.Count ?? 0)];
        List<(EsfField Field, SourceNode Value)> fields = [];
        bool isGood = true;
        foreach (KeyValuePair<ScalarNode, SourceNode> entry in set.Entries)
        {
            if (Array.Find(known, field => field.Name == entry.Key.Value) is not EsfField field)
            {
                scope.Sink.Report(PipelineCodes.Field, entry.Key,
                    PipelineMessages.NoField(entry.Key.Value, target.QualifiedName, [.. known.Select(each => each.Name)]));
                isGood = false;
            }
            else if (field.Kind is EsfTypeKind.Object or EsfTypeKind.Array or EsfTypeKind.Map)
            {
                scope.Sink.Report(PipelineCodes.Field, entry.Key, PipelineMessages.CompositeField(field.Name, field.TypeName));
                isGood = false;
            }
            else
            {
                fields.Add((field, entry.Value));
            }
        }

        foreach (EsfField field in known.Where(field => !field.IsOptional && set.Find(field.Name) is null))
        {
            scope.Sink.Report(PipelineCodes.RequiredField, set, PipelineMessages.RequiredField(field.Name, target.QualifiedName));
            isGood = false;
        }

        return isGood ? [.. fields.OrderBy(each => each.Field.Ordinal)] : null;
    }
}

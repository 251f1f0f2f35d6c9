using System.Text.RegularExpressions;
using Estream.Esf;
using Estream.Esf.Expressions;
using Estream.Esf.Schema;
using Estream.Esf.Schema.Internal;
using Estream.Streams.Pipelines.Reading;

namespace Estream.Circuits.Reading;

/// <summary>Reads the invariants of a circuit. Each invariant is about the messages of one input, node or output, whose name qualifies the
/// fields (<c>readings.value &lt; 200.0</c>). An invariant without a qualifier is about the messages of the first input.</summary>
internal static partial class InvariantDeclarations
{
    private const string Example = "invariants: [\"readings.value < 200.0\"]";

    public static List<CircuitInvariant> Read(MapNode map, IReadOnlyList<CircuitPort> inputs, IReadOnlyList<CircuitPort> outputs,
        IReadOnlyList<CircuitNode> nodes, FlowGraph graph, FlowElementNames names, PipelineScope scope)
    {
        List<CircuitInvariant> invariants = [];
        if (map.Find("invariants") is not SourceNode node || scope.Sink.AsList(node, "'invariants'", Example) is not ListNode list)
        {
            return invariants;
        }

        if (list.Items.Count > CircuitLimits.MaxInvariants)
        {
            scope.Sink.Report(CircuitCodes.Limit, list, CircuitMessages.TooMany("invariants", CircuitLimits.MaxInvariants));
            return invariants;
        }

        Dictionary<string, EsfSchema> places = new(StringComparer.Ordinal);
        foreach ((string name, EsfSchema schema) in inputs.Concat(outputs).Select(port => (port.Name, port.Schema))
            .Concat(nodes.Select(one => (one.Id, one.Makes))))
        {
            places[name] = schema;
        }

        string[] remembering = [.. nodes.Where(one => one.TerminalOperator is not null).Select(one => one.Id)];
        HashSet<string> behind = [.. remembering, .. remembering.SelectMany(graph.OutOf).Select(flow => flow.To)];
        foreach (SourceNode item in list.Items)
        {
            if (item is not ScalarNode { Value.Length: > 0 } text)
            {
                scope.Sink.Report(CircuitCodes.Invariant, item, CircuitMessages.NoInvariant());
            }
            else if (inputs.Count > 0 && PlaceOf(text, names, inputs[0].Name, scope) is string place
                && places.TryGetValue(place, out EsfSchema? schema)
                && ReadOne(text, place, schema, behind, scope) is CircuitInvariant invariant)
            {
                // Invariants of an input, node or output with an error are skipped, because its type is unknown.
                invariants.Add(invariant);
            }
        }

        return invariants;
    }

    private static string? PlaceOf(ScalarNode text, FlowElementNames names, string first, PipelineScope scope)
    {
        string[] named = [.. NamesBeforeDots().Matches(Quoted().Replace(text.Value, "''")).Select(match => match.Value)
            .Where(name => names.TryGet(name, out _)).Distinct()];
        if (named.Length <= 1)
        {
            return named.FirstOrDefault(first);
        }

        scope.Sink.Report(CircuitCodes.Invariant, text, CircuitMessages.InvariantOfSeveral(named));
        return null;
    }

    private static CircuitInvariant? ReadOne(ScalarNode text, string place, EsfSchema schema, HashSet<string> behind, PipelineScope scope)
    {
        if (behind.Contains(place))
        {
            scope.Sink.Report(CircuitCodes.Invariant, text, CircuitMessages.InvariantAfterStatefulNode(place));
            return null;
        }

        EsfExpressionScope messages = new(schema);
        try
        {
            messages = messages.With(place, schema);
        }
        catch (ArgumentException)
        {
            scope.Sink.Report(CircuitCodes.Invariant, text, CircuitMessages.InvariantName(place));
            return null;
        }

        DiagnosticSink sink = new(scope.Sink.File);
        PipelineScope own = scope.With(sink);
        EsfExpression? condition = own.OfKind(own.Expression(text, messages), "an invariant", text, "a condition", EsfValueKind.Boolean);
        scope.Sink.ReportAll(sink, message => message.Replace("those of the second message", "the same", StringComparison.Ordinal));
        return condition is null ? null : new CircuitInvariant(place, condition, text.Position);
    }

    // Matches the names before a dot, in a text whose quoted parts were removed.
    [GeneratedRegex(@"(?<![\w.])[a-z][a-z0-9_]*(?=\s*\.)")]
    private static partial Regex NamesBeforeDots();

    [GeneratedRegex("\"[^\"]*\"|'[^']*'")]
    private static partial Regex Quoted();
}

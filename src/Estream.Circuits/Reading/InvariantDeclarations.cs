using System.Text.RegularExpressions;
using Estream.Esf;
using Estream.Esf.Expressions;
using Estream.Esf.Schema.Internal;
using Estream.Streams.Pipelines.Reading;

namespace Estream.Circuits.Reading;

/// <summary>Reads the invariants of a circuit. Each is about the messages of one place, which its names begin with (<c>readings.value &lt; 200.0</c>); without one about those of the first input.</summary>
internal static partial class InvariantDeclarations
{
    private const string Example = "invariants: [\"readings.value < 200.0\"]";

    public static List<CircuitInvariant> Read(MapNode map, IReadOnlyList<CircuitPort> inputs, IReadOnlyList<CircuitPort> outputs, IReadOnlyList<CircuitNode> nodes, FlowGraph graph, PipelineScope scope)
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
        foreach ((string name, EsfSchema schema) in inputs.Concat(outputs).Select(port => (port.Name, port.Schema)).Concat(nodes.Select(one => (one.Id, one.Makes))))
        {
            places[name] = schema;
        }

        string[] remembering = [.. nodes.Where(one => one.Ending is not null).Select(one => one.Id)];
        HashSet<string> behind = [.. remembering, .. remembering.SelectMany(graph.OutOf).Select(flow => flow.To)];
        foreach (SourceNode item in list.Items)
        {
            if (item is not ScalarNode { Value.Length: > 0 } text)
            {
                scope.Sink.Report(CircuitCodes.Invariant, item, CircuitMessages.NoInvariant());
            }
            else if (inputs.Count > 0 && ReadOne(text, places, inputs[0].Name, behind, scope) is CircuitInvariant invariant)
            {
                invariants.Add(invariant);
            }
        }

        return invariants;
    }

    private static CircuitInvariant? ReadOne(ScalarNode text, Dictionary<string, EsfSchema> places, string first, HashSet<string> behind, PipelineScope scope)
    {
        string[] named = [.. NamesBeforeDots().Matches(Quoted().Replace(text.Value, "''")).Select(match => match.Value).Where(places.ContainsKey).Distinct()];
        if (named.Length > 1)
        {
            scope.Sink.Report(CircuitCodes.Invariant, text, CircuitMessages.InvariantOfSeveral(named));
            return null;
        }

        string place = named.FirstOrDefault(first);
        if (behind.Contains(place))
        {
            scope.Sink.Report(CircuitCodes.Invariant, text, CircuitMessages.InvariantBehind(place));
            return null;
        }

        EsfExpressionScope messages = new(places[place]);
        try
        {
            messages = messages.With(place, places[place]);
        }
        catch (ArgumentException) when (named.Length > 0)
        {
            scope.Sink.Report(CircuitCodes.Invariant, text, CircuitMessages.InvariantName(place));
            return null;
        }
        catch (ArgumentException)
        {
            // It is not named, so its name need not be one of the language.
        }

        return scope.OfKind(scope.Expression(text, messages), "an invariant", text, "a condition", EsfValueKind.Boolean) is EsfExpression condition
            ? new CircuitInvariant(place, condition, text.Position)
            : null;
    }

    // Which names stand before a dot; what is in quotes is no name.
    [GeneratedRegex(@"(?<![\w.])[a-z][a-z0-9_]*(?=\s*\.)")]
    private static partial Regex NamesBeforeDots();

    [GeneratedRegex("\"[^\"]*\"|'[^']*'")]
    private static partial Regex Quoted();
}

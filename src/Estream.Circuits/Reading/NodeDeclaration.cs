using Estream.Esf.Schema;
using Estream.Esf.Schema.Internal;

namespace Estream.Circuits.Reading;

/// <summary>A node as declared in the file, before its input type is known.</summary>
/// <param name="Id">The id.</param>
/// <param name="Kind">The kind.</param>
/// <param name="Description">The description.</param>
/// <param name="Content">The keys that belong to the kind.</param>
internal sealed record NodeDeclaration(ScalarNode Id, ScalarNode Kind, string? Description, MapNode Content)
{
    private const string Example = "compute: [{ id: hot, type: filter, when: value > 30.0 }]";

    private static readonly string[] s_common = ["id", "type", "description"];

    /// <summary>The kinds of nodes.</summary>
    public static IReadOnlyList<string> Kinds { get; } =
        ["filter", "transform", "widen", "lookup", "aggregate", "throttle", "threshold", "join", "stateful", OperationDeclaration.Kind];

    /// <summary>Whether the declaration does not define the behaviour of the node, so that code must supply it.</summary>
    public bool IsBound => Kind.Value is "stateful" or "transform" && Content.Entries.All(entry => entry.Key.Value == "schema");

    public static List<NodeDeclaration> ReadAll(MapNode map, DiagnosticSink sink, FlowElementNames names)
    {
        List<NodeDeclaration> nodes = [];
        if (map.Find("compute") is not SourceNode node)
        {
            sink.Report(DiagnosticCodes.MissingKey, map, Messages.Missing("a circuit file", "compute", Example));
            return nodes;
        }

        if (sink.AsList(node, "'compute'", Example) is not ListNode list)
        {
            return nodes;
        }

        if (list.Items.Count > CircuitLimits.MaxNodes)
        {
            sink.Report(CircuitCodes.Limit, list, CircuitMessages.TooMany("nodes", CircuitLimits.MaxNodes));
            return nodes;
        }

        foreach (SourceNode item in list.Items)
        {
            if (sink.AsMap(item, "a node", Example) is MapNode declared && ReadOne(declared, sink, names) is NodeDeclaration good)
            {
                nodes.Add(good);
            }
        }

        return nodes;
    }

    private static NodeDeclaration? ReadOne(MapNode map, DiagnosticSink sink, FlowElementNames names)
    {
        ScalarNode? id = Scalar(map, "id", sink);
        ScalarNode? kind = Scalar(map, "type", sink);
        string? description = sink.Text(map, "description", "description: \"Readings that are too hot\"");
        bool isNamed = id is not null && names.Add(id, FlowElementKind.Node);
        if (kind is not null && !Kinds.Contains(kind.Value))
        {
            sink.Report(CircuitCodes.Node, kind, CircuitMessages.UnknownKind(kind.Value, Kinds));
            return null;
        }

        MapNode content = new(map.Position, [.. map.Entries.Where(entry => !s_common.Contains(entry.Key.Value))]);
        return isNamed && kind is not null ? new NodeDeclaration(id!, kind, description, content) : null;
    }

    private static ScalarNode? Scalar(MapNode map, string key, DiagnosticSink sink)
    {
        if (map.Find(key) is SourceNode node)
        {
            return sink.AsScalar(node, $"'{key}'", Example);
        }

        sink.Report(DiagnosticCodes.MissingKey, map, Messages.Missing("a node", key, Example));
        return null;
    }
}

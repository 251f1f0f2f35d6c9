using Estream.Circuits.Operations;
using Estream.Circuits.Operations.Compaction;
using Estream.Esf;
using Estream.Esf.Schema.Internal;
using Estream.Streams.Pipelines.Reading;

namespace Estream.Circuits.Reading;

/// <summary>Reads a node that is an operation, and checks the rest of the circuit against it.</summary>
internal static class OperationDeclaration
{
    /// <summary>The kind of operation nodes.</summary>
    public const string Kind = "operation";

    // Keys of other nodes. An operation neither holds back nor rejects a message: each request has a result with its outcome.
    private static readonly string[] s_others = ["invariants", "rejected"];

    /// <summary>Reads the node.</summary>
    /// <param name="node">The node.</param>
    /// <param name="takes">The type of the node's input; null after an error.</param>
    /// <param name="makes">The type of the node's output; null after an error.</param>
    /// <param name="scope">Receives errors.</param>
    public static CircuitOperation? Read(NodeDeclaration node, EsfSchema? takes, EsfSchema? makes, PipelineScope scope)
    {
        if (scope.Scalar(node.Content, "an operation", Kind, "operation: queue.append") is not ScalarNode name)
        {
            return null;
        }

        if (OperationContract.Of(name.Value) is not OperationContract contract)
        {
            scope.Sink.Report(CircuitCodes.Operation, name, CircuitMessages.UnknownOperation(name.Value, OperationContract.Names));
            return null;
        }

        string where = $"'{contract.Name}'";
        bool isCompaction = contract.Kind == OperationKind.QueueCompact;
        scope.Sink.OnlyKeys(node.Content, where,
            [Kind, .. contract.Resources, .. isCompaction ? CompactionDeclaration.Keys : []]);
        Dictionary<string, string> places = new(StringComparer.Ordinal);
        foreach (string place in contract.Resources)
        {
            if (scope.Name(node.Content, where, place, isRequired: true) is string value)
            {
                places.Add(place, value);
            }
        }

        bool fits = Fits(takes, contract, contract.Request, "takes", name, scope.Sink) & Fits(makes, contract, contract.Result, "gives",
            name, scope.Sink);
        bool isRead = CompactionDeclaration.TryRead(node.Content, where, isCompaction, scope, out CompactionRule? compaction);
        return fits && isRead && places.Count == contract.Resources.Count
            ? new CircuitOperation(contract, takes!, makes!, places, compaction)
            : null;
    }

    /// <summary>Reports everything that a circuit with an operation must not contain. The operation is the last node before the only
    /// output, so that each request is executed once: a node runs once for each output that it leads to.</summary>
    public static void CheckLast(MapNode map, IReadOnlyList<NodeDeclaration> nodes, IReadOnlyList<CircuitPort> inputs,
        IReadOnlyList<CircuitPort> outputs, FlowGraph graph, DiagnosticSink sink)
    {
        if (nodes.FirstOrDefault(node => node.Kind.Value == Kind) is not NodeDeclaration operation)
        {
            return;
        }

        foreach (NodeDeclaration other in nodes.Where(node => node != operation && node.Kind.Value == Kind))
        {
            sink.Report(CircuitCodes.OperationAlone, other.Id, CircuitMessages.OperationLast("another operation"));
        }

        foreach ((IReadOnlyList<CircuitPort> ports, string what) in new[] { (inputs, "input"), (outputs, "output") })
        {
            foreach (CircuitPort other in ports.Skip(1))
            {
                sink.Report(CircuitCodes.OperationAlone, other.Position, CircuitMessages.OperationLast($"another {what}"));
            }
        }

        foreach (CircuitPort output in outputs.Where(output => output.Map is not null))
        {
            sink.Report(CircuitCodes.OperationAlone, output.Position, CircuitMessages.OperationLast("an output to a map"));
        }

        foreach (CircuitFlow flow in graph.OutOf(operation.Id.Value).Where(flow => outputs.All(output => output.Name != flow.To))
            .Concat(outputs.SelectMany(output => graph.Into(output.Name)).Where(flow => flow.From != operation.Id.Value)))
        {
            sink.Report(CircuitCodes.OperationAlone, flow.Position, CircuitMessages.OperationLast($"the flow {flow.From} -> {flow.To}"));
        }

        foreach (string other in s_others)
        {
            if (map.Find(other) is SourceNode node)
            {
                sink.Report(CircuitCodes.OperationAlone, node, CircuitMessages.OperationLast($"'{other}'"));
            }
        }
    }

    private static bool Fits(EsfSchema? schema, OperationContract contract, IReadOnlyList<ContractField> fields, string takesOrGives,
        ScalarNode at, DiagnosticSink sink)
    {
        if (schema is null)
        {
            return false;
        }

        if (OperationContract.Fits(schema, fields))
        {
            return true;
        }

        string message = CircuitMessages.OperationType(contract.Name, takesOrGives, string.Join(", ", fields), schema.QualifiedName);
        bool hasStatus = fields.Any(field => field.Type == ContractField.StatusType);
        sink.Report(CircuitCodes.OperationType, at,
            hasStatus ? $"{message}. {CircuitMessages.OperationStatuses(string.Join(", ", Enum.GetNames<OperationStatus>()))}" : message);
        return false;
    }
}

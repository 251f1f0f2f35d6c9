using Estream.Circuits.Operations;
using Estream.Esf;
using Estream.Esf.Schema;
using Estream.Esf.Schema.Internal;
using Estream.Streams.Pipelines.Reading;
using Estream.Streams.Pipelines.Running;

namespace Estream.Circuits.Reading;

/// <summary>Reads the nodes in topological order, each with the type of its incoming messages.</summary>
internal sealed class GraphNodes
{
    private readonly PipelineScope _scope;
    private readonly FlowGraph _graph;
    private readonly IReadOnlyList<CircuitPort> _outputs;

    // For each input and node: the type of its messages, the input they come from, and whether a lookup precedes it. The type is null after
    // an error.
    private readonly Dictionary<string, (EsfSchema? Schema, string? Input, bool HasLookup)> _places = new(StringComparer.Ordinal);

    public GraphNodes(PipelineScope scope, FlowGraph graph, IReadOnlyList<CircuitPort> inputs, IReadOnlyList<CircuitPort> outputs)
    {
        _scope = scope;
        _graph = graph;
        _outputs = outputs;
        foreach (CircuitPort input in inputs)
        {
            _places.Add(input.Name, (input.Schema, input.Name, false));
        }
    }

    public List<CircuitNode> ReadAll(IReadOnlyList<NodeDeclaration> declared)
    {
        List<CircuitNode> nodes = [];
        foreach (string name in _graph.Order)
        {
            NodeDeclaration? declaration = declared.FirstOrDefault(node => node.Id.Value == name);
            (EsfSchema? takes, string? input, bool hasLookup) = ResolveInputs(name, null);
            CircuitNode? node = declaration is null ? null : Read(declaration, takes, ref hasLookup);
            _places[name] = (node?.Makes, input, hasLookup);
            if (node is not null)
            {
                nodes.Add(node);
            }
        }

        foreach (CircuitPort output in _outputs)
        {
            _ = ResolveInputs(output.Name, output.Schema);
        }

        return nodes;
    }

    // All messages that flow into a node or output have one type and come from one input.
    private (EsfSchema? Schema, string? Input, bool HasLookup) ResolveInputs(string name, EsfSchema? wanted)
    {
        (EsfSchema? schema, string? input, bool hasLookup) = (wanted, null, false);
        foreach (CircuitFlow flow in _graph.Into(name))
        {
            if (!_places.TryGetValue(flow.From, out (EsfSchema? Schema, string? Input, bool HasLookup) from) || from.Schema is null)
            {
                return (null, input ?? from.Input, hasLookup);
            }

            if (input is not null && input != from.Input)
            {
                _scope.Sink.Report(CircuitCodes.SeveralInputs, flow.Position, CircuitMessages.SeveralInputs(name, input, from.Input!));
                return (null, input, hasLookup);
            }

            schema ??= from.Schema;
            (input, hasLookup) = (from.Input, hasLookup | from.HasLookup);
            if (schema.Id != from.Schema.Id)
            {
                _scope.Sink.Report(CircuitCodes.TypeMismatch, flow.Position,
                    CircuitMessages.TypeMismatch(name, schema.QualifiedName, flow.From, from.Schema.QualifiedName));
                return (null, input, hasLookup);
            }
        }

        return (schema, input, hasLookup);
    }

    // Errors are reported with the id of the node.
    private CircuitNode? Read(NodeDeclaration declaration, EsfSchema? takes, ref bool hasLookup)
    {
        DiagnosticSink sink = new(_scope.Sink.File);
        CircuitNode? node = ReadOne(declaration, takes, _scope.With(sink), ref hasLookup);
        _scope.Sink.ReportAll(sink, message => $"node '{declaration.Id.Value}': {message}");
        return node;
    }

    private CircuitNode? ReadOne(NodeDeclaration declaration, EsfSchema? takes, PipelineScope scope, ref bool hasLookup)
    {
        if (declaration.IsBound)
        {
            EsfSchema? makes = declaration.Content.Find("schema") is null
                ? BoundOutputSchema(declaration.Id.Value) ?? takes
                : scope.Schema(declaration.Content, $"'{declaration.Kind.Value}'");
            return takes is null || makes is null ? null : Node(declaration, takes, makes, null, null);
        }

        if (declaration.Kind.Value == OperationDeclaration.Kind)
        {
            return ReadOperation(declaration, takes, scope);
        }

        if (declaration.Kind.Value == "stateful")
        {
            scope.Sink.OnlyKeys(declaration.Content, "'stateful'", "schema");
            return null;
        }

        StageDeclarations stages = new(scope, takes) { HasLookup = hasLookup };
        SourceNode content = declaration.Content;
        if (declaration.Kind.Value == "filter")
        {
            scope.Sink.OnlyKeys(declaration.Content, "'filter'", "when");
            if (declaration.Content.Find("when") is not SourceNode when)
            {
                scope.Sink.Report(DiagnosticCodes.MissingKey, content, CircuitMessages.NoWhen());
                return null;
            }

            content = when;
        }

        stages.ReadOne(declaration.Kind.Value == "aggregate" ? "window" : declaration.Kind.Value, declaration.Kind, content, isLast: true);
        hasLookup = stages.HasLookup;
        if (takes is null || stages.Current is null || (stages.Steps.Count == 0 && stages.TerminalOperator is null))
        {
            return null;
        }

        if (stages.TerminalOperator is not null && !IsBeforeOneOutput(declaration.Id.Value))
        {
            scope.Sink.Report(CircuitCodes.Node, declaration.Kind,
                CircuitMessages.NotBeforeOutput(declaration.Id.Value, declaration.Kind.Value));
        }

        return Node(declaration, takes, stages.Current, stages.Steps.FirstOrDefault(), stages.TerminalOperator);
    }

    private CircuitNode? ReadOperation(NodeDeclaration declaration, EsfSchema? takes, PipelineScope scope)
    {
        CircuitOperation? operation = OperationDeclaration.Read(declaration, takes, BoundOutputSchema(declaration.Id.Value), scope);
        return operation is null
            ? null
            : new CircuitNode(declaration.Id.Value, declaration.Kind.Value, declaration.Description, declaration.Id.Position,
                operation.Request, operation.Result, null, null, operation: operation);
    }

    // A bound node that flows only to outputs produces their type.
    private EsfSchema? BoundOutputSchema(string name)
    {
        string[] next = [.. _graph.OutOf(name).Select(flow => flow.To)];
        CircuitPort? output = _outputs.FirstOrDefault(output => output.Name == next[0]);
        return next.All(to => _outputs.Any(port => port.Name == to)) ? output?.Schema : null;
    }

    private bool IsBeforeOneOutput(string name)
    {
        string[] next = [.. _graph.OutOf(name).Select(flow => flow.To)];
        return next.Length == 1 && _outputs.Any(output => output.Name == next[0]) && _graph.Into(next[0]).Count() == 1;
    }

    private static CircuitNode Node(NodeDeclaration declaration, EsfSchema takes, EsfSchema makes, Step? step, TerminalOperator? ending) =>
        new(declaration.Id.Value, declaration.Kind.Value, declaration.Description, declaration.Id.Position, takes, makes, step, ending);
}

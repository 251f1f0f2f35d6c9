using Estream.Circuits.Reading;
using Estream.Esf;
using Estream.Esf.Schema;
using Estream.Esf.Schema.Internal;
using Estream.Streams.Pipelines;
using Estream.Streams.Pipelines.Reading;

namespace Estream.Circuits;

/// <summary>
/// Reads and validates circuit files (ESCIR, docs/formats/escir.md). An error in a file never throws: every error is reported with its line
/// and column and, if it is in a node, the id of the node. Stateless; thread-safe.
/// </summary>
public static class CircuitReader
{
    private const string Example = "escir_version: \"0.8.0\"";

    private static readonly string[] s_keys =
        ["escir_version", "name", "version", "description", "schemas", "types", "enums", "inputs", "outputs", "annotations", "compute",
            "flows", "invariants", "rejected", "max_bytes", AddressDeclaration.Key];

    // Keys that do not affect results (metadata).
    private static readonly string[] s_free = ["version", "description", "annotations", "rejected", "max_bytes", AddressDeclaration.Key];

    /// <summary>Reads a file.</summary>
    /// <param name="path">The path of the file. Schema files it names are in the same directory or below.</param>
    /// <param name="known">Schemas that the file may use without naming their files.</param>
    public static CircuitReadResult Load(string path, EsfSchemaSet known)
    {
        ArgumentNullException.ThrowIfNull(path);
        ArgumentNullException.ThrowIfNull(known);
        return SchemaFiles.ReadWithSchemas(path, (text, load) => WithApprovals(Read(text, path, known, load), path),
            error => new CircuitReadResult(null, known, [CircuitErrors.Numbered(error)]));
    }

    /// <summary>Reads the text of a file.</summary>
    /// <param name="text">Any text.</param>
    /// <param name="file">The file name for messages.</param>
    /// <param name="known">Schemas that the file may use without naming their files.</param>
    /// <param name="load">Loads the schema files named in the text.</param>
    public static CircuitReadResult Read(string text, string file, EsfSchemaSet known, Func<IReadOnlyList<string>, EsfSchemaSet> load)
    {
        ArgumentNullException.ThrowIfNull(text);
        ArgumentNullException.ThrowIfNull(file);
        ArgumentNullException.ThrowIfNull(known);
        ArgumentNullException.ThrowIfNull(load);
        DiagnosticSink sink = new(file);
        EsfSchemaSet schemas = known;
        Circuit? circuit = null;
        if (SourceTreeReader.Read(text, sink) is SourceNode root && sink.AsMap(root, "a circuit file", Example) is MapNode map)
        {
            sink.OnlyKeys(map, "a circuit file", s_keys);
            HeadDeclaration head = HeadDeclaration.Read(map, new PipelineScope(sink, known));
            schemas = SchemaFiles.Read(map, known, load, sink);

            // After an error in the types, every use of a type would report a follow-up error.
            if (TypeDeclarations.Read(map, head.Name, sink) is EsfSchemaSet types)
            {
                schemas = WithTypes(schemas, types, head.Name, sink);
                circuit = ReadGraph(map, head, new PipelineScope(sink, schemas, head.Name?.Value), text);
            }
        }

        return new CircuitReadResult(circuit, schemas, [.. sink.InOrder().Select(CircuitErrors.Numbered)]);
    }

    private static CircuitReadResult WithApprovals(CircuitReadResult read, string path) =>
        read.Circuit is { } circuit && (circuit.RequiredApprovals > 0 || circuit.GovernanceCategory is not null)
            ? new CircuitReadResult(circuit.WithApprovals(CircuitApproval.ReadBeside(path)), read.Schemas, read.Diagnostics)
            : read;

    private static EsfSchemaSet WithTypes(EsfSchemaSet schemas, EsfSchemaSet types, ScalarNode? name, DiagnosticSink sink)
    {
        try
        {
            return schemas.With(types);
        }
        catch (EsfSchemaException clash)
        {
            sink.Report(CircuitCodes.Schema, name!, clash.Message);
            return schemas;
        }
    }

    private static Circuit? ReadGraph(MapNode map, HeadDeclaration head, PipelineScope scope, string text)
    {
        FlowElementNames names = new(scope.Sink);
        List<CircuitPort> inputs = PortDeclarations.ReadInputs(map, scope, names);
        List<CircuitPort> outputs = PortDeclarations.ReadOutputs(map, scope, names);
        List<NodeDeclaration> declared = NodeDeclaration.ReadAll(map, scope.Sink, names);
        FlowGraph? graph = FlowGraph.Read(map, names, scope.Sink);

        // After an error in the flows, the types of messages are unknown, and each would be reported as a follow-up error.
        if (graph is null)
        {
            return null;
        }

        OperationDeclaration.CheckLast(map, declared, inputs, outputs, graph, scope.Sink);
        List<CircuitNode> nodes = new GraphNodes(scope, graph, inputs, outputs).ReadAll(declared);
        List<CircuitInvariant> invariants = InvariantDeclarations.Read(map, inputs, outputs, nodes, graph, names, scope);
        if (scope.Sink.Count > 0 || head.Complete(Decisive(map), text) is not CircuitHead complete)
        {
            return null;
        }

        Circuit circuit = new(complete, inputs, outputs, nodes, graph.Flows, invariants);
        CircuitChecks.Check(circuit, scope.Sink);
        AnnotationChecks.Check(circuit, map.Find("annotations"), scope.Sink);
        return circuit;
    }

    private static MapNode Decisive(MapNode map) =>
        new(map.Position,
            [.. map.Entries.Where(entry => !s_free.Contains(entry.Key.Value))
                .Select(entry => entry.Key.Value == "outputs" ? new(entry.Key, WithoutAddresses(entry.Value)) : entry)]);

    // The addresses of outputs do not affect results. The addresses of inputs do.
    private static SourceNode WithoutAddresses(SourceNode outputs) => outputs is ListNode list
        ? new ListNode(list.Position,
            [.. list.Items.Select(item => item is MapNode output
                ? new MapNode(output.Position, [.. output.Entries.Where(entry => entry.Key.Value != AddressDeclaration.Key)]) : item)])
        : outputs;
}

/// <summary>The result of reading a circuit file: a circuit, or the errors that prevent it.</summary>
public sealed class CircuitReadResult
{
    internal CircuitReadResult(Circuit? circuit, EsfSchemaSet schemas, IReadOnlyList<SchemaDiagnostic> diagnostics)
    {
        Circuit = diagnostics.Count == 0 ? circuit : null;
        Schemas = schemas;
        Diagnostics = diagnostics;
    }

    /// <summary>The circuit; null if there is any error.</summary>
    public Circuit? Circuit { get; }

    /// <summary>The known schemas, the schemas of the named files, and the types of the circuit.</summary>
    public EsfSchemaSet Schemas { get; }

    /// <summary>All errors, in the order of the file. Their codes are the constants of <see cref="CircuitCodes"/>; errors in types have the
    /// codes of <see cref="DiagnosticCodes"/>.</summary>
    public IReadOnlyList<SchemaDiagnostic> Diagnostics { get; }
}

using Estream.Esf.Schema;
using Estream.Esf.Schema.Internal;
using Estream.Streams.Pipelines.Running;

namespace Estream.Circuits.Reading;

/// <summary>Checks that a circuit matches its annotations.</summary>
internal static class AnnotationChecks
{
    public const string Pipeline = "pipeline";
    public const string FanOut = "fan_out";
    public const string FanIn = "fan_in";
    public const string Graph = "graph";

    public static void Check(Circuit circuit, SourceNode? annotations, DiagnosticSink sink)
    {
        if (annotations is null)
        {
            return;
        }

        PatternChecks.Check(circuit, annotations, sink);
        CheckRecords(circuit, annotations, sink);
        CheckTopology(circuit, annotations, sink);
        if (circuit.ServiceLevel?.Durability is not null && circuit.Outputs.All(output => output.Queue is null))
        {
            sink.Report(CircuitCodes.ServiceLevel, annotations, CircuitMessages.NoQueueToBeDurable());
        }
    }

    // A record is verified by executing the circuit again, with the file and one message alone.
    private static void CheckRecords(Circuit circuit, SourceNode annotations, DiagnosticSink sink)
    {
        if (circuit.ExecutionRecords is null)
        {
            return;
        }

        string? other = circuit.HasSchemaFiles ? "the circuit has types of other files"
            : circuit.Nodes.FirstOrDefault(node => node.Step is null or LookupStep) is { } node
                ? $"the results of the node '{node.Id}' depend on more than one message"
            : circuit.Outputs.FirstOrDefault(output => output.Schema.IsProtected) is { } output
                ? $"the output '{output.Name}' has private fields, whose bytes are sealed"
            : circuit.Inputs.Any(input => input.Queue == circuit.ExecutionRecords)
                || circuit.Outputs.Any(port => port.Queue == circuit.ExecutionRecords)
                ? $"'{circuit.ExecutionRecords}' is a queue of an input or output"
            : null;
        if (other is not null)
        {
            sink.Report(CircuitCodes.Annotation, annotations, CircuitMessages.NoRecords(other));
        }
    }

    private static void CheckTopology(Circuit circuit, SourceNode annotations, DiagnosticSink sink)
    {
        bool joins = circuit.Nodes.Any(node => node.Kind == "join");
        bool forks = circuit.Flows.CountBy(flow => flow.From).Any(from => from.Value > 1);
        (bool fits, string form) = circuit.Topology switch
        {
            Pipeline => (circuit.Inputs.Count == 1 && circuit.Outputs.Count == 1 && !forks && !joins,
                "one input, one output and one path between them"),
            FanOut => (circuit.Inputs.Count == 1 && circuit.Outputs.Count > 1 && !joins, "one input and several outputs"),
            FanIn => (circuit.Outputs.Count == 1 && joins, "a 'join' of two queues into one output"),
            _ => (true, ""),
        };
        if (!fits)
        {
            sink.Report(CircuitCodes.Annotation, annotations, CircuitMessages.OtherTopology(circuit.Topology!, form));
        }
    }
}

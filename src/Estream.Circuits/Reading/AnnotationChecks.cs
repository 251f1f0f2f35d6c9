using Estream.Esf.Schema;
using Estream.Esf.Schema.Internal;

namespace Estream.Circuits.Reading;

/// <summary>Checks that a circuit matches its annotations.</summary>
internal static class AnnotationChecks
{
    public const string Event = "event";
    public const string State = "state";
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

        CheckPattern(circuit, sink);
        CheckTopology(circuit, annotations, sink);
        if (circuit.ServiceLevel?.Durability is not null && circuit.Outputs.All(output => output.Queue is null))
        {
            sink.Report(CircuitCodes.ServiceLevel, annotations, CircuitMessages.NoQueueToBeDurable());
        }
    }

    private static void CheckPattern(Circuit circuit, DiagnosticSink sink)
    {
        bool isState = circuit.StreamPattern == State;
        if (circuit.StreamPattern is { } pattern
            && circuit.Outputs.FirstOrDefault(output => output.Map is not null != isState) is { } other)
        {
            sink.Report(CircuitCodes.Annotation, other.Position, CircuitMessages.OtherPattern(pattern, other.Name));
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

using Estream.Esf;
using Estream.Esf.Schema;
using Estream.Esf.Schema.Internal;
using Estream.Streams.Media;
using Estream.Streams.Mpc;

namespace Estream.Circuits.Reading;

/// <summary>Checks that the outputs of a circuit have the pattern in its annotation <c>stream_pattern</c>.</summary>
internal static class PatternChecks
{
    /// <summary>The newest value of each key, without the values in between.</summary>
    public const string Signal = "signal";

    /// <summary>Large objects, joined from their pieces.</summary>
    public const string Media = "media";

    /// <summary>Numbers that the party of the runtime enters in sessions.</summary>
    public const string MpcSession = "mpc_session";

    /// <summary>A permanent log: messages that are never reclaimed, and seals.</summary>
    public const string Log = "log";

    private const string State = "state";
    private const string Curated = "curated";
    private const string Transaction = "transaction";

    /// <summary>All patterns of streams.</summary>
    public static IReadOnlyList<string> Words { get; } = ["event", State, Signal, Log, Curated, Transaction, Media, MpcSession];

    public static void Check(Circuit circuit, SourceNode annotations, DiagnosticSink sink)
    {
        CheckTransaction(circuit, annotations, sink);
        if (circuit.StreamPattern is not { } pattern)
        {
            return;
        }

        if (pattern == Curated)
        {
            sink.Report(CircuitCodes.Annotation, annotations, CircuitMessages.NoApprover());
            return;
        }

        if (circuit.Nodes.FirstOrDefault(node => node.TerminalOperator is not null || (pattern == Log && node.Operation is not null)) is
            { } node && pattern is Signal or Log)
        {
            sink.Report(CircuitCodes.Annotation, annotations,
                pattern == Log ? CircuitMessages.LogOfState(node.Id) : CircuitMessages.SignalOfState(node.Id));
        }

        if (NotConsumable(circuit) is string reason)
        {
            sink.Report(CircuitCodes.Annotation, annotations, CircuitMessages.NotConsumable(pattern, reason));
            return;
        }

        foreach (CircuitPort output in circuit.Outputs)
        {
            if (output.Map is not null != pattern is State or Signal)
            {
                sink.Report(CircuitCodes.Annotation, output.Position, CircuitMessages.OtherPattern(pattern, output.Name));
                return;
            }

            if (TypeError(pattern, output) is string error)
            {
                sink.Report(CircuitCodes.Annotation, output.Position, error);
            }

            if (output.Schema.Pattern is { } declared && !Words.First(word => Is(declared, word)).Equals(pattern, StringComparison.Ordinal))
            {
                sink.Report(CircuitCodes.Annotation, output.Position,
                    CircuitMessages.PatternOfType(pattern, output.Name, output.Schema.QualifiedName));
            }
        }
    }

    // With these patterns, results are not messages of the output queues, but pieces of large objects or numbers for sessions.
    private static string? NotConsumable(Circuit circuit) =>
        circuit.StreamPattern is not (Media or MpcSession) ? null
        : circuit.Nodes.FirstOrDefault(node => node.TerminalOperator is not null || node.Operation is not null) is { } node
            ? $"the node '{node.Id}' has state"
        : circuit.ExecutionRecords is not null ? "the circuit has 'execution_records'"
        : null;

    private static string? TypeError(string pattern, CircuitPort output)
    {
        string type = output.Schema.QualifiedName;
        return pattern switch
        {
            Media when MediaFields.WhyNot(output.Schema) is { } why => CircuitMessages.NoPiece(output.Name, type, why),
            MpcSession when MpcFields.WhyNot(output.Schema) is { } why => CircuitMessages.NoNumber(output.Name, type, why),
            _ => null,
        };
    }

    /// <summary>Returns true if a circuit can write its results in transactions: it has one input, no state, and only queues as
    /// outputs.</summary>
    public static bool CanBeTransactional(Circuit circuit) => circuit.StreamPattern == Transaction && NotTransactional(circuit) is null;

    private static void CheckTransaction(Circuit circuit, SourceNode annotations, DiagnosticSink sink)
    {
        string? log = circuit.DeclaredTransactionLog;
        if (circuit.StreamPattern == Transaction != log is not null)
        {
            sink.Report(CircuitCodes.Annotation, annotations, CircuitMessages.TransactionLog());
        }
        else if (log is not null && circuit.Outputs.All(output => output.Queue is not null)
            && (NotTransactional(circuit) ?? OtherUse(circuit, log)) is string reason)
        {
            sink.Report(CircuitCodes.Annotation, annotations, CircuitMessages.NoTransaction(reason));
        }
    }

    private static string? NotTransactional(Circuit circuit) =>
        circuit.Inputs.Count != 1 ? $"the circuit has {circuit.Inputs.Count} inputs"
        : circuit.Outputs.FirstOrDefault(output => output.Queue is null) is { } map ? $"the output '{map.Name}' is a map"
        : circuit.Outputs.FirstOrDefault(output => output.Schema.IsProtected) is { } sealedOutput
            ? $"the output '{sealedOutput.Name}' has private fields"
        : circuit.Nodes.FirstOrDefault(node => node.TerminalOperator is not null || node.Operation is not null) is { } node
            ? $"the node '{node.Id}' has state"
        : circuit.ExecutionRecords is not null ? "the circuit has 'execution_records'"
        : null;

    private static string? OtherUse(Circuit circuit, string log) =>
        circuit.Inputs.Concat(circuit.Outputs).FirstOrDefault(port => port.Queue == log) is { } port
            ? $"the transaction log '{log}' is also the queue of '{port.Name}'"
        : circuit.RejectedQueue == log ? $"the transaction log '{log}' is also the queue of rejected messages"
        : null;

    private static bool Is(StreamPattern pattern, string word) =>
        pattern.ToString().Equals(word.Replace("_", "", StringComparison.Ordinal), StringComparison.OrdinalIgnoreCase);
}

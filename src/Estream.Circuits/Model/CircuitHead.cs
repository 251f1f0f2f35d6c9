using Estream.Esf.Schema;
using Estream.Esf.Schema.Internal;

namespace Estream.Circuits;

/// <summary>The declarations of a circuit file that apply to the circuit as a whole.</summary>
internal sealed record CircuitHead(
    string Name, SemanticVersion Version, string? Description, CircuitAnnotations Annotations, string? Rejected, int MaxBytes,
    MapNode Fingerprint, string Text, LexAddress Address, bool HasSchemaFiles = false);

/// <summary>The annotations of a circuit file: requirements on the host that runs the circuit, and properties that the circuit
/// promises.</summary>
/// <param name="WitnessTier">The witness tier; null if not declared.</param>
/// <param name="GovernanceCategory">The governance category.</param>
/// <param name="StreamPattern">The pattern of the outputs.</param>
/// <param name="Topology">The shape of the graph.</param>
/// <param name="ServiceLevel">The service level that the circuit promises.</param>
/// <param name="Approvals">The number of approvals the file needs.</param>
/// <param name="ExecutionRecords">The queue of the records of executions.</param>
/// <param name="TransactionLog">The queue that is the transaction log.</param>
internal sealed record CircuitAnnotations(int? WitnessTier = null, string? GovernanceCategory = null, string? StreamPattern = null,
    string? Topology = null, ServiceLevel? ServiceLevel = null, int Approvals = 0,
    string? ExecutionRecords = null, string? TransactionLog = null);

/// <summary>Checks the annotation <c>witness_tier</c> of a circuit against its queues (docs/formats/escir.md, "Annotations").</summary>
public static class WitnessTier
{
    private const int Witnessed = 1;
    private const int Durable = 2;
    private const int Inputs = 3;

    /// <summary>Returns the requirements of the witness tier that the queues of a circuit do not meet.</summary>
    /// <param name="circuit">The circuit.</param>
    /// <param name="howWitnessed">Returns whether a queue is witnessed, and whether its witness is durable.</param>
    /// <returns>One sentence for each queue that does not meet the tier, with the correction; empty if all queues meet the tier.</returns>
    public static IEnumerable<string> Missing(Circuit circuit, Func<string, (bool IsWitnessed, bool IsDurable)> howWitnessed)
    {
        ArgumentNullException.ThrowIfNull(circuit);
        ArgumentNullException.ThrowIfNull(howWitnessed);
        int tier = circuit.WitnessTier ?? 0;
        IEnumerable<CircuitPort> ports = tier >= Inputs ? circuit.Outputs.Concat(circuit.Inputs) : circuit.Outputs;
        foreach (string queue in tier >= Witnessed ? ports.Select(port => port.Queue).Append(circuit.Operation?.QueueWritten)
            .Append(circuit.ExecutionRecords).Append(circuit.TransactionLog)
            .OfType<string>().Distinct(StringComparer.Ordinal) : [])
        {
            (bool isWitnessed, bool isDurable) = howWitnessed(queue);
            if (!isWitnessed || (tier >= Durable && !isDurable))
            {
                yield return $"{circuit.Name} has 'witness_tier: {tier}', but its queue '{queue}' has "
                    + $"{(isWitnessed ? "a witness that is not durable" : "no witness")}: "
                    + $"add {(tier >= Durable ? "a durable witness" : "a witness")}, or lower the tier";
            }
        }
    }
}

/// <summary>The service level a circuit promises in its annotation <c>sla</c> (docs/formats/escir.md, "Service levels"). Null means not
/// promised.</summary>
public sealed record ServiceLevel
{
    /// <summary>The per mille of messages that must meet <see cref="Latency"/>: 500, 900, 990 or 999.</summary>
    public int LatencyPerMille { get; init; }

    /// <summary>The maximum time from the append of a message to the input until its processing is committed.</summary>
    public TimeSpan? Latency { get; init; }

    /// <summary>The minimum number of messages read per second while messages are waiting.</summary>
    public long? Throughput { get; init; }

    /// <summary>The maximum time until messages of the outputs are durable.</summary>
    public TimeSpan? Durability { get; init; }

    /// <summary>The window over which latency and throughput are measured.</summary>
    public TimeSpan Window { get; init; } = TimeSpan.FromSeconds(10);
}

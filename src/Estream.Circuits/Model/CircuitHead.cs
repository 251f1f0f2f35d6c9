using Estream.Esf.Schema;
using Estream.Esf.Schema.Internal;

namespace Estream.Circuits;

/// <summary>What a circuit file says of the circuit as a whole.</summary>
internal sealed record CircuitHead(
    string Name, SemanticVersion Version, string? Description, CircuitAnnotations Annotations, string? Rejected, int MaxBytes,
    MapNode Fingerprint, string Text, LexAddress Address);

/// <summary>What a circuit file asks of where the circuit runs.</summary>
/// <param name="WitnessTier">How strictly it is witnessed; null where nothing is said.</param>
/// <param name="GovernanceCategory">Who governs it.</param>
/// <param name="StreamPattern">What its outputs are: <c>event</c> or <c>state</c>.</param>
/// <param name="Topology">What form its flows have.</param>
/// <param name="ServiceLevel">What it promises to do in time.</param>
/// <param name="Approvals">How many have to approve of its file.</param>
internal sealed record CircuitAnnotations(int? WitnessTier = null, string? GovernanceCategory = null, string? StreamPattern = null,
    string? Topology = null, ServiceLevel? ServiceLevel = null, int Approvals = 0);

/// <summary>What the annotation <c>witness_tier</c> of a circuit asks of its queues (docs/formats/escir.md, "Annotations").</summary>
public static class WitnessTier
{
    private const int Witnessed = 1;
    private const int Durable = 2;
    private const int Inputs = 3;

    /// <summary>What a circuit asks for and does not have where it is to run.</summary>
    /// <param name="circuit">The circuit.</param>
    /// <param name="howWitnessed">Says of a queue whether it is witnessed, and whether its witness is durable.</param>
    /// <returns>One sentence for each queue, which says what to do; none where all is as it asks.</returns>
    public static IEnumerable<string> Missing(Circuit circuit, Func<string, (bool IsWitnessed, bool IsDurable)> howWitnessed)
    {
        ArgumentNullException.ThrowIfNull(circuit);
        ArgumentNullException.ThrowIfNull(howWitnessed);
        int tier = circuit.WitnessTier ?? 0;
        IEnumerable<CircuitPort> ports = tier >= Inputs ? circuit.Outputs.Concat(circuit.Inputs) : circuit.Outputs;
        foreach (string queue in tier >= Witnessed ? ports.Select(port => port.Queue).Append(circuit.Operation?.QueueWritten)
            .OfType<string>().Distinct(StringComparer.Ordinal) : [])
        {
            (bool isWitnessed, bool isDurable) = howWitnessed(queue);
            if (!isWitnessed || (tier >= Durable && !isDurable))
            {
                yield return $"{circuit.Name} has 'witness_tier: {tier}', and its queue '{queue}' has "
                    + $"{(isWitnessed ? "a witness that is not durable" : "no witness")}: "
                    + $"give it {(tier >= Durable ? "a durable one" : "one")}, or lower the tier";
            }
        }
    }
}

/// <summary>What a circuit promises to do in time, as its annotation <c>sla</c> says (docs/formats/escir.md, "Service levels"). Null is not
/// promised.</summary>
public sealed record ServiceLevel
{
    /// <summary>Of how many messages in a thousand <see cref="Latency"/> holds: 500, 900, 990 or 999.</summary>
    public int LatencyPerMille { get; init; }

    /// <summary>How long messages take at most from their append to the input until what becomes of them is permanent.</summary>
    public TimeSpan? Latency { get; init; }

    /// <summary>How many messages are taken a second at least, while some wait.</summary>
    public long? Throughput { get; init; }

    /// <summary>After how long at the latest messages of the outputs are on the device.</summary>
    public TimeSpan? Durability { get; init; }

    /// <summary>Over how long latency and throughput are measured.</summary>
    public TimeSpan Window { get; init; } = TimeSpan.FromSeconds(10);
}

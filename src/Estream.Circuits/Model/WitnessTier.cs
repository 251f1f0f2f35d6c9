namespace Estream.Circuits;

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
        foreach (string queue in tier >= Witnessed ? ports.Select(port => port.Queue).Append(circuit.Operation?.QueueWritten).OfType<string>().Distinct(StringComparer.Ordinal) : [])
        {
            (bool isWitnessed, bool isDurable) = howWitnessed(queue);
            if (!isWitnessed || (tier >= Durable && !isDurable))
            {
                yield return $"{circuit.Name} has 'witness_tier: {tier}', and its queue '{queue}' has {(isWitnessed ? "a witness that is not durable" : "no witness")}: give it {(tier >= Durable ? "a durable one" : "one")}, or lower the tier";
            }
        }
    }
}

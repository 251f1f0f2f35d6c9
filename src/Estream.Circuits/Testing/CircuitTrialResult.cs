namespace Estream.Circuits.Testing;

/// <summary>A message that a circuit has made.</summary>
/// <param name="Key">Its key, where the output is a map.</param>
/// <param name="Message">Its bytes.</param>
public sealed record CircuitTrialMessage(string? Key, ReadOnlyMemory<byte> Message);

/// <summary>What came of a trial.</summary>
/// <param name="Outputs">The messages by the name of the output: of a queue in their order, of a map in the order of the keys.</param>
/// <param name="Rejected">Why messages were rejected, one reason for each.</param>
public sealed record CircuitTrialResult(IReadOnlyDictionary<string, IReadOnlyList<CircuitTrialMessage>> Outputs, IReadOnlyList<string> Rejected);

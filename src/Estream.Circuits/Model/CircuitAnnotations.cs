namespace Estream.Circuits;

/// <summary>What a circuit file asks of where the circuit runs.</summary>
/// <param name="WitnessTier">How strictly it is witnessed; null where nothing is said.</param>
/// <param name="GovernanceCategory">Who governs it.</param>
/// <param name="StreamPattern">What its outputs are: <c>event</c> or <c>state</c>.</param>
/// <param name="Topology">What form its flows have.</param>
/// <param name="ServiceLevel">What it promises to do in time.</param>
/// <param name="Approvals">How many have to approve of its file.</param>
internal sealed record CircuitAnnotations(int? WitnessTier = null, string? GovernanceCategory = null, string? StreamPattern = null, string? Topology = null, ServiceLevel? ServiceLevel = null, int Approvals = 0);

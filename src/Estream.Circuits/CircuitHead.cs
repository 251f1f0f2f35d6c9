using Estream.Esf.Schema;
using Estream.Esf.Schema.Internal;

namespace Estream.Circuits;

/// <summary>What a circuit file says of the circuit as a whole.</summary>
internal sealed record CircuitHead(
    string Name, SemanticVersion Version, string? Description, int? WitnessTier, string? GovernanceCategory, string? Rejected, int MaxBytes, MapNode Fingerprint);

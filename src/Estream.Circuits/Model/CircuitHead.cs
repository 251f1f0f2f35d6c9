using Estream.Esf.Schema;
using Estream.Esf.Schema.Internal;

namespace Estream.Circuits;

/// <summary>What a circuit file says of the circuit as a whole.</summary>
internal sealed record CircuitHead(
    string Name, SemanticVersion Version, string? Description, CircuitAnnotations Annotations, string? Rejected, int MaxBytes, MapNode Fingerprint, string Text, LexAddress Address);

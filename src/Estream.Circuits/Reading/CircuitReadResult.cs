using Estream.Esf;
using Estream.Esf.Schema;

namespace Estream.Circuits;

/// <summary>What reading a circuit file gave: a circuit, or the mistakes that prevent it.</summary>
public sealed class CircuitReadResult
{
    internal CircuitReadResult(Circuit? circuit, EsfSchemaSet schemas, IReadOnlyList<SchemaDiagnostic> diagnostics)
    {
        Circuit = diagnostics.Count == 0 ? circuit : null;
        Schemas = schemas;
        Diagnostics = diagnostics;
    }

    /// <summary>The circuit; null when there is any mistake.</summary>
    public Circuit? Circuit { get; }

    /// <summary>The schemas that were known, those of the files that were named, and the types of the circuit.</summary>
    public EsfSchemaSet Schemas { get; }

    /// <summary>Every mistake found, in the order of the file. Their codes are those of <see cref="CircuitCodes"/>, in types those of
    /// <see cref="DiagnosticCodes"/>.</summary>
    public IReadOnlyList<SchemaDiagnostic> Diagnostics { get; }
}

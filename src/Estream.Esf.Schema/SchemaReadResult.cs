namespace Estream.Esf.Schema;

/// <summary>What reading a schema file gave: a document, or the mistakes that prevent one.</summary>
public sealed class SchemaReadResult
{
    internal SchemaReadResult(SchemaDocument? document, IReadOnlyList<SchemaDiagnostic> diagnostics)
    {
        Document = diagnostics.Count == 0 ? document : null;
        Diagnostics = diagnostics;
    }

    /// <summary>The document; null when there is any mistake.</summary>
    public SchemaDocument? Document { get; }

    /// <summary>Every mistake found, in the order of the file.</summary>
    public IReadOnlyList<SchemaDiagnostic> Diagnostics { get; }
}

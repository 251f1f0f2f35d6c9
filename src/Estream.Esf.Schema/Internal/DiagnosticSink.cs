namespace Estream.Esf.Schema.Internal;

/// <summary>Collects the mistakes of one file.</summary>
internal sealed class DiagnosticSink(string file)
{
    private readonly List<SchemaDiagnostic> _diagnostics = [];

    /// <summary>The file, as messages name it.</summary>
    public string File => file;

    public void Report(string code, SourcePosition position, string message) =>
        _diagnostics.Add(new SchemaDiagnostic(code, file, position, message));

    public void Report(string code, SourceNode node, string message) => Report(code, node.Position, message);

    /// <summary>The mistakes in the order of the file.</summary>
    public IReadOnlyList<SchemaDiagnostic> InOrder() =>
        _diagnostics.OrderBy(d => d.Position.Line).ThenBy(d => d.Position.Column).ToList();
}

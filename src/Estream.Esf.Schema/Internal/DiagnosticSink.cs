namespace Estream.Esf.Schema.Internal;

/// <summary>Collects the errors of one file.</summary>
internal sealed class DiagnosticSink(string file)
{
    private readonly List<SchemaDiagnostic> _diagnostics = [];

    /// <summary>The name of the file in messages.</summary>
    public string File => file;

    public void Report(string code, SourcePosition position, string message) =>
        _diagnostics.Add(new SchemaDiagnostic(code, file, position, message));

    /// <summary>The number of errors.</summary>
    public int Count => _diagnostics.Count;

    /// <summary>Reports the errors of a part that was read separately.</summary>
    /// <param name="part">The sink that collected the errors of the part.</param>
    /// <param name="reword">Changes the text of each message; null keeps the texts.</param>
    public void ReportAll(DiagnosticSink part, Func<string, string>? reword = null)
    {
        foreach (SchemaDiagnostic error in part._diagnostics)
        {
            Report(error.Code, error.Position, reword?.Invoke(error.Message) ?? error.Message);
        }
    }

    public void Report(string code, SourceNode node, string message) => Report(code, node.Position, message);

    /// <summary>Returns the errors in the order of the file.</summary>
    public IReadOnlyList<SchemaDiagnostic> InOrder() =>
        _diagnostics.OrderBy(d => d.Position.Line).ThenBy(d => d.Position.Column).ToList();
}

namespace Estream.Esf.Schema.Internal;

/// <summary>Collects the mistakes of one file.</summary>
internal sealed class DiagnosticSink(string file)
{
    private readonly List<SchemaDiagnostic> _diagnostics = [];

    /// <summary>The file, as messages name it.</summary>
    public string File => file;

    public void Report(string code, SourcePosition position, string message) =>
        _diagnostics.Add(new SchemaDiagnostic(code, file, position, message));

    /// <summary>How many mistakes there are.</summary>
    public int Count => _diagnostics.Count;

    /// <summary>Reports the mistakes of a part that was read apart.</summary>
    /// <param name="part">Where they were collected.</param>
    /// <param name="reword">What becomes of a message; nothing when omitted.</param>
    public void ReportAll(DiagnosticSink part, Func<string, string>? reword = null)
    {
        foreach (SchemaDiagnostic error in part._diagnostics)
        {
            Report(error.Code, error.Position, reword?.Invoke(error.Message) ?? error.Message);
        }
    }

    public void Report(string code, SourceNode node, string message) => Report(code, node.Position, message);

    /// <summary>The mistakes in the order of the file.</summary>
    public IReadOnlyList<SchemaDiagnostic> InOrder() =>
        _diagnostics.OrderBy(d => d.Position.Line).ThenBy(d => d.Position.Column).ToList();
}

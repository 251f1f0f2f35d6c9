namespace Estream.Esf.Schema.Internal;

/// <summary>Collects the errors of one file, and counts those above a limit.</summary>
internal sealed class DiagnosticSink(string file)
{
    private const int MaxErrors = 100;

    private readonly List<SchemaDiagnostic> _diagnostics = [];

    /// <summary>The name of the file in messages.</summary>
    public string File => file;

    public void Report(string code, SourcePosition position, string message)
    {
        Count++;
        if (_diagnostics.Count < MaxErrors)
        {
            _diagnostics.Add(new SchemaDiagnostic(code, file, position, message));
        }
    }

    /// <summary>The number of errors.</summary>
    public int Count { get; private set; }

    /// <summary>Reports the errors of a part that was read separately.</summary>
    /// <param name="part">The sink that collected the errors of the part.</param>
    /// <param name="reword">Changes the text of each message; null keeps the texts.</param>
    public void ReportAll(DiagnosticSink part, Func<string, string>? reword = null)
    {
        foreach (SchemaDiagnostic error in part._diagnostics)
        {
            Report(error.Code, error.Position, reword?.Invoke(error.Message) ?? error.Message);
        }

        Count += part.Count - part._diagnostics.Count;
    }

    public void Report(string code, SourceNode node, string message) => Report(code, node.Position, message);

    /// <summary>Returns the errors in the order of the file. If there are more than the limit, the last one reports their number.</summary>
    public IReadOnlyList<SchemaDiagnostic> InOrder()
    {
        List<SchemaDiagnostic> errors = [.. _diagnostics.OrderBy(d => d.Position.Line).ThenBy(d => d.Position.Column)];
        if (Count > errors.Count)
        {
            SchemaDiagnostic last = errors[errors.Count - 1];
            errors.Add(new SchemaDiagnostic(last.Code, file, last.Position, $"... and {Count - errors.Count} more"));
        }

        return errors;
    }
}

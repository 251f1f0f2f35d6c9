using Estream.Esf.Schema;
using Estream.Esf.Schema.Internal;

namespace Estream.Marketplace.Manifests.Reading;

/// <summary>Collects the mistakes of a manifest, up to a limit.</summary>
internal sealed class ManifestMistakes(string file)
{
    private readonly DiagnosticSink _sink = new(file);
    private bool _hasMore;

    public void Report(string code, SourcePosition position, string message)
    {
        if (_sink.Count < ManifestLimits.MaxMistakes)
        {
            _sink.Report(code, position, message);
        }
        else
        {
            _hasMore = true;
        }
    }

    /// <summary>The mistakes in the order of the file; where there are more than the limit, the last one says so.</summary>
    public IReadOnlyList<SchemaDiagnostic> InOrder()
    {
        IReadOnlyList<SchemaDiagnostic> mistakes = _sink.InOrder();
        return _hasMore ? [.. mistakes, new SchemaDiagnostic(ManifestCodes.Limit, file, mistakes[^1].Position, ManifestMessages.MoreMistakes())] : mistakes;
    }
}

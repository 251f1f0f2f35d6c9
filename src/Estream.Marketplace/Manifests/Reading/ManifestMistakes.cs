using System.Globalization;
using Estream.Esf.Schema;
using Estream.Esf.Schema.Internal;

namespace Estream.Marketplace.Manifests.Reading;

/// <summary>Collects the mistakes of a manifest, up to a limit.</summary>
internal sealed class ManifestMistakes(string file)
{
    private readonly DiagnosticSink _sink = new(file);

    public void Report(string code, SourcePosition position, string message)
    {
        if (_sink.Count < ManifestLimits.MaxMistakes)
        {
            _sink.Report(code, position, message);
        }
        else if (_sink.Count == ManifestLimits.MaxMistakes)
        {
            // Behind all others, wherever those are.
            _sink.Report(ManifestCodes.Limit, new SourcePosition(int.MaxValue, 1), string.Create(CultureInfo.InvariantCulture, $"there are more than {ManifestLimits.MaxMistakes} mistakes: these are put right first"));
        }
    }

    public IReadOnlyList<SchemaDiagnostic> InOrder() => _sink.InOrder();
}

namespace Estream.Esf.Schema.Internal;

/// <summary>Collects the entries of a mapping. Reports keys that occur twice or are not scalars.</summary>
internal sealed class MapEntries(DiagnosticSink sink)
{
    private readonly List<KeyValuePair<ScalarNode, SourceNode>> _entries = [];
    private readonly Dictionary<string, SourcePosition> _seen = new(StringComparer.Ordinal);

    public IReadOnlyList<KeyValuePair<ScalarNode, SourceNode>> Entries => _entries;

    public void Add(SourceNode key, SourceNode value)
    {
        if (key is not ScalarNode name)
        {
            sink.Report(DiagnosticCodes.WrongShape, key.Position, Messages.KeyNotAWord(key));
        }
        else if (_seen.TryGetValue(name.Value, out SourcePosition first))
        {
            sink.Report(DiagnosticCodes.DuplicateKey, name.Position, Messages.Duplicate(name.Value, first));
        }
        else
        {
            _seen.Add(name.Value, name.Position);
            _entries.Add(new KeyValuePair<ScalarNode, SourceNode>(name, value));
        }
    }
}

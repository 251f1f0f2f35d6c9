namespace Estream.Esf.Schema.Internal;

/// <summary>Groups the lines of a lock by schema, and reports a line that does not extend the previous version of its schema.</summary>
internal sealed class LockHistory(DiagnosticSink sink)
{
    private readonly Dictionary<string, List<MessageSchema>> _versions = new(StringComparer.Ordinal);
    private readonly List<List<MessageSchema>> _order = [];

    /// <summary>The schemas in the order of the lock.</summary>
    public IReadOnlyList<PublishedSchema> Schemas => _order.Select(versions => new PublishedSchema(versions)).ToList();

    public void Add(MessageSchema version, SourcePosition position)
    {
        string name = version.QualifiedName;
        if (!_versions.TryGetValue(name, out List<MessageSchema>? earlier))
        {
            _versions.Add(name, earlier = []);
            _order.Add(earlier);
        }
        else if (_order[_order.Count - 1] != earlier)
        {
            sink.Report(DiagnosticCodes.LockHistory, position, EvolutionMessages.LockScattered(name));
        }
        else if (earlier[earlier.Count - 1].Id == version.Id)
        {
            sink.Report(DiagnosticCodes.LockHistory, position, EvolutionMessages.LockRepeated(name));
        }
        else if (SchemaCompatibility.Compare(earlier[earlier.Count - 1], version, "") is { Count: > 0 } changes)
        {
            sink.Report(DiagnosticCodes.LockHistory, position, EvolutionMessages.LockBroken(name, changes[0].Message));
        }

        earlier.Add(version);
    }
}

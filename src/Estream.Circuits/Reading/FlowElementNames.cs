using Estream.Esf.Schema.Internal;

namespace Estream.Circuits.Reading;

/// <summary>What a name in a flow can be.</summary>
internal enum FlowElementKind
{
    Input,
    Node,
    Output,
}

/// <summary>The names of inputs, nodes and outputs of a file, which flows tell apart.</summary>
internal sealed class FlowElementNames(DiagnosticSink sink)
{
    private readonly Dictionary<string, (FlowElementKind Kind, ScalarNode Node)> _places = new(StringComparer.Ordinal);

    /// <summary>All names, in the order of the file.</summary>
    public IReadOnlyCollection<string> All => _places.Keys;

    public IEnumerable<string> Of(FlowElementKind kind) => _places.Where(place => place.Value.Kind == kind).Select(place => place.Key);

    public bool TryGet(string name, out FlowElementKind kind)
    {
        bool isThere = _places.TryGetValue(name, out (FlowElementKind Kind, ScalarNode Node) found);
        kind = found.Kind;
        return isThere;
    }

    /// <summary>Where a name is declared.</summary>
    public ScalarNode NodeOf(string name) => _places[name].Node;

    /// <summary>Takes in a name; false after reporting that it cannot be one.</summary>
    public bool Add(ScalarNode name, FlowElementKind kind)
    {
        if (name.Value.Length > CircuitLimits.MaxPortNameLength || !NameRule.IsFieldName(name.Value))
        {
            sink.Report(CircuitCodes.Name, name, CircuitMessages.BadName(Word(kind), name.Value));
            return false;
        }

        if (_places.TryAdd(name.Value, (kind, name)))
        {
            return true;
        }

        sink.Report(CircuitCodes.NameTwice, name, CircuitMessages.TakenName(name.Value, Word(_places[name.Value].Kind)));
        return false;
    }

    /// <summary>What a place is called in messages.</summary>
    public static string Word(FlowElementKind kind) => kind switch
    {
        FlowElementKind.Input => "an input",
        FlowElementKind.Node => "a node",
        _ => "an output",
    };
}

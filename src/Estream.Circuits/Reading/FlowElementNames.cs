using Estream.Esf.Schema.Internal;

namespace Estream.Circuits.Reading;

/// <summary>The kinds of elements that a name in a flow refers to.</summary>
internal enum FlowElementKind
{
    Input,
    Node,
    Output,
}

/// <summary>The names of the inputs, nodes and outputs of a file. They share one namespace.</summary>
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

    /// <summary>Returns the declaration of a name.</summary>
    public ScalarNode NodeOf(string name) => _places[name].Node;

    /// <summary>Adds a name; returns false after reporting an error if the name is invalid or taken.</summary>
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

    /// <summary>Returns the word for a kind in messages.</summary>
    public static string Word(FlowElementKind kind) => kind switch
    {
        FlowElementKind.Input => "an input",
        FlowElementKind.Node => "a node",
        _ => "an output",
    };
}

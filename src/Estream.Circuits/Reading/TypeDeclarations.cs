using Estream.Esf;
using Estream.Esf.Schema;
using Estream.Esf.Schema.Internal;

namespace Estream.Circuits.Reading;

/// <summary>
/// Reads the <c>types</c> of a circuit into ESF schemas. It rewrites the declarations as a schema file, keeps all source positions, and has
/// the schema reader read them, so layout, limits and error messages are the same as for ESF schema files.
/// </summary>
internal sealed class TypeDeclarations
{
    private const string Example = "types: [{ name: Alarm, fields: [{ name: device, type: string }] }]";
    private const string FieldExample = "fields: [{ name: device, type: string }]";
    private const string FieldsKey = "fields";
    private const string TypeKey = "type";

    private readonly DiagnosticSink _sink;
    private readonly Dictionary<string, MapNode> _declared = new(StringComparer.Ordinal);
    private readonly List<string> _open = [];

    private TypeDeclarations(DiagnosticSink sink)
    {
        _sink = sink;
    }

    /// <summary>Returns the types of a file as schemas; null after reporting an error.</summary>
    /// <param name="map">The file.</param>
    /// <param name="circuit">The name of the circuit, which is the namespace of its types.</param>
    /// <param name="sink">Receives errors.</param>
    public static EsfSchemaSet? Read(MapNode map, ScalarNode? circuit, DiagnosticSink sink)
    {
        if (map.Find("types") is not SourceNode node)
        {
            return EsfSchemaSet.Empty;
        }

        if (circuit is null || sink.AsList(node, "'types'", Example) is not ListNode list)
        {
            return null;
        }

        if (list.Items.Count > CircuitLimits.MaxTypes)
        {
            sink.Report(CircuitCodes.Limit, list, CircuitMessages.TooMany("types", CircuitLimits.MaxTypes));
            return null;
        }

        // Declarations with errors must not cause follow-up errors from the schema reader.
        DiagnosticSink types = new(sink.File);
        MapNode? file = new TypeDeclarations(types).Write(list, circuit, map.Find("enums"));
        SchemaDocument? document = file is null || types.Count > 0 ? null : SchemaReader.Read(file, types);
        sink.ReportAll(types);
        return document is null || types.Count > 0
            ? null
            : EsfSchemaSet.Of(document, new EsfSchemaFile($"{circuit.Value}.esf.yaml", SchemaText.Of(file!)));
    }

    private MapNode? Write(ListNode list, ScalarNode circuit, SourceNode? enums)
    {
        List<(ScalarNode Name, MapNode Type)> types = [];
        foreach (SourceNode item in list.Items)
        {
            if (_sink.AsMap(item, "a type", Example) is MapNode type && Named(type, "a type", Example) is ScalarNode name)
            {
                _sink.OnlyKeys(type, $"type '{name.Value}'", "name", "description", FieldsKey);
                if (_declared.TryAdd(name.Value, type))
                {
                    types.Add((name, type));
                }
                else
                {
                    _sink.Report(CircuitCodes.NameTwice, name, CircuitMessages.NameTwice("type", name.Value));
                }
            }
        }

        if (types.Count == 0)
        {
            _sink.Report(DiagnosticCodes.Empty, list, Messages.Empty("'types'", Example));
            return null;
        }

        List<KeyValuePair<ScalarNode, SourceNode>> schemas = [];
        foreach ((ScalarNode name, MapNode type) in types)
        {
            _open.Add(name.Value);
            schemas.Add(new(name, new MapNode(type.Position, [.. Description(type), .. Fields(type, $"type '{name.Value}'")])));
            _open.RemoveAt(_open.Count - 1);
        }

        List<KeyValuePair<ScalarNode, SourceNode>> root =
        [
            Entry(circuit.Position, "version", new ScalarNode(circuit.Position, "1.0")),
            Entry(circuit.Position, "namespace", circuit),
            Entry(list.Position, "schemas", new MapNode(list.Position, schemas)),
        ];
        if (enums is not null)
        {
            root.Add(Entry(enums.Position, "enums", enums));
        }

        return new MapNode(list.Position, root);
    }

    // Converts the list of fields to a mapping by name.
    private List<KeyValuePair<ScalarNode, SourceNode>> Fields(MapNode type, string where)
    {
        if (type.Find(FieldsKey) is not SourceNode node)
        {
            _sink.Report(DiagnosticCodes.MissingKey, type, Messages.Missing(where, FieldsKey, FieldExample));
            return [];
        }

        if (_sink.AsList(node, $"'fields' of {where}", FieldExample) is not ListNode list)
        {
            return [];
        }

        Dictionary<string, SourceNode> fields = new(StringComparer.Ordinal);
        List<KeyValuePair<ScalarNode, SourceNode>> written = [];
        foreach (SourceNode item in list.Items)
        {
            if (_sink.AsMap(item, "a field", FieldExample) is not MapNode field
                || Named(field, "a field", FieldExample) is not ScalarNode name)
            {
                continue;
            }

            if (!fields.TryAdd(name.Value, field))
            {
                _sink.Report(CircuitCodes.NameTwice, name, CircuitMessages.NameTwice("field", name.Value));
                continue;
            }

            List<KeyValuePair<ScalarNode, SourceNode>> rest = [];
            foreach (KeyValuePair<ScalarNode, SourceNode> entry in field.Entries.Where(entry => entry.Key.Value != "name"))
            {
                if (entry is { Key.Value: TypeKey, Value: ScalarNode text })
                {
                    rest.AddRange(TypeOf(entry.Key, text));
                }
                else
                {
                    rest.Add(entry);
                }
            }

            written.Add(new(name, new MapNode(field.Position, rest)));
        }

        return [Entry(node.Position, FieldsKey, new MapNode(node.Position, written))];
    }

    // Returns a type in ESF syntax, with the fields of the declared type that it names.
    private List<KeyValuePair<ScalarNode, SourceNode>> TypeOf(ScalarNode key, ScalarNode text)
    {
        (string innermost, int arrays) = EsfWords(text.Value.Trim());
        if (!_declared.TryGetValue(innermost, out MapNode? named))
        {
            return [new(key, new ScalarNode(text.Position, InArrays(innermost, arrays)))];
        }

        if (_open.Contains(innermost) || _open.Count > EsfLimits.MaxDepth)
        {
            _sink.Report(DiagnosticCodes.ObjectCycle, text,
                Messages.ObjectCycle(innermost, string.Join(" -> ", _open.SkipWhile(name => name != innermost).Append(innermost))));
            return [];
        }

        _open.Add(innermost);
        List<KeyValuePair<ScalarNode, SourceNode>> fields = Fields(named, $"type '{innermost}'");
        _open.RemoveAt(_open.Count - 1);
        return [new(key, new ScalarNode(text.Position, InArrays("object", arrays))), .. fields];
    }

    /// <summary>Converts a type from ESCIR to ESF syntax: <c>[u8; 32]</c> is <c>bytes32</c>, <c>[T]</c> is <c>array(T)</c>.</summary>
    private static (string Innermost, int Arrays) EsfWords(string text)
    {
        int arrays = 0;
        while (text is ['[', .., ']'] && !IsBytes32(text) && arrays <= EsfLimits.MaxDepth)
        {
            text = text[1..^1].Trim();
            arrays++;
        }

        return (IsBytes32(text) ? "bytes32" : text, arrays);
    }

    private static bool IsBytes32(string text) => string.Concat(text.Where(c => c != ' ')) == "[u8;32]";

    private static string InArrays(string type, int arrays) =>
        string.Concat(Enumerable.Repeat("array(", arrays)) + type + new string(')', arrays);

    private ScalarNode? Named(MapNode map, string what, string example)
    {
        if (map.Find("name") is SourceNode node)
        {
            return _sink.AsScalar(node, "'name'", example);
        }

        _sink.Report(DiagnosticCodes.MissingKey, map, Messages.Missing(what, "name", example));
        return null;
    }

    private static IEnumerable<KeyValuePair<ScalarNode, SourceNode>> Description(MapNode type) =>
        type.Entries.Where(entry => entry.Key.Value == "description");

    private static KeyValuePair<ScalarNode, SourceNode> Entry(SourcePosition position, string key, SourceNode value) =>
        new(new ScalarNode(position, key), value);
}

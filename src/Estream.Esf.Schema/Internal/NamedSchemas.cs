namespace Estream.Esf.Schema.Internal;

/// <summary>The schemas of a file by name. Each schema is read once, when it is first needed, so that a schema may precede its base
/// schema.</summary>
/// <param name="scope">The names of the file.</param>
/// <param name="read">Reads one schema.</param>
internal sealed class NamedSchemas(FileScope scope, Func<ScalarNode, SourceNode, NamedSchemas, MessageSchema?> read)
{
    private const string Example = "extends: esf-iot.IoTTelemetry";

    private readonly List<Entry> _inOrder = [];
    private readonly Dictionary<string, Entry> _entries = new(StringComparer.Ordinal);
    private readonly List<string> _open = [];

    public void Add(ScalarNode name, SourceNode node)
    {
        Entry entry = new(name, node);
        _inOrder.Add(entry);
        _entries.Add(name.Value, entry);
    }

    /// <summary>The schemas that could be read, in the order of the file.</summary>
    public List<MessageSchema> ReadAll() => [.. _inOrder.Select(Read).OfType<MessageSchema>()];

    /// <summary>Finds the schema that another one extends.</summary>
    /// <param name="node">The value of <c>extends</c>; null if the key is missing.</param>
    /// <param name="extended">The base schema; null if there is none.</param>
    /// <returns>False after an error, which is reported here or at the base schema.</returns>
    public bool TryFindBase(SourceNode? node, out MessageSchema? extended)
    {
        extended = null;
        if (node is null)
        {
            return true;
        }

        if (scope.Sink.AsScalar(node, "'extends'", Example) is not ScalarNode user)
        {
            return false;
        }

        extended = user.Value.IndexOf('.') > 0 ? scope.Imports.UseSchema(user.Value, user) : FindHere(user);
        if (extended is not null && HeightOf(extended) > EsfLimits.MaxExtended)
        {
            extended = null;
            ReportTooMany(user);
        }

        return extended is not null;
    }

    private MessageSchema? FindHere(ScalarNode user)
    {
        string name = user.Value;
        if (!_entries.TryGetValue(name, out Entry? entry))
        {
            scope.Sink.Report(DiagnosticCodes.Base, user, Messages.NoSchemaToExtend(name, _entries.Keys.Except(_open)));
            return null;
        }

        if (entry.IsOpen)
        {
            string path = string.Join(" -> ", _open.Skip(_open.IndexOf(name)).Append(name));
            scope.Sink.Report(DiagnosticCodes.Base, user, Messages.ExtendsItself(name, path));
            return null;
        }

        // Limits the recursion depth of reading, whatever the order of the schemas in the file.
        if (_open.Count > EsfLimits.MaxExtended)
        {
            ReportTooMany(user);
            return null;
        }

        return Read(entry);
    }

    private void ReportTooMany(ScalarNode user) =>
        scope.Sink.Report(DiagnosticCodes.Limit, user, Messages.TooMany("schemas that extend one another", EsfLimits.MaxExtended));

    private static int HeightOf(MessageSchema schema) => schema.Extended is null ? 1 : 1 + HeightOf(schema.Extended);

    private MessageSchema? Read(Entry entry)
    {
        if (!entry.IsRead)
        {
            entry.IsRead = true;
            entry.IsOpen = true;
            _open.Add(entry.Name.Value);
            entry.Schema = read(entry.Name, entry.Node, this);
            _open.RemoveAt(_open.Count - 1);
            entry.IsOpen = false;
        }

        return entry.Schema;
    }

    private sealed class Entry(ScalarNode name, SourceNode node)
    {
        public ScalarNode Name { get; } = name;

        public SourceNode Node { get; } = node;

        public bool IsRead { get; set; }

        /// <summary>True while the schema is being read. A schema that extends it during this time forms a cycle.</summary>
        public bool IsOpen { get; set; }

        public MessageSchema? Schema { get; set; }
    }
}

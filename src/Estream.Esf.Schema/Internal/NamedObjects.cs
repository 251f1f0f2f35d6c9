namespace Estream.Esf.Schema.Internal;

/// <summary>
/// The <c>objects</c> of a file: named records that fields can use as their type. Using an object is equivalent to writing its fields at
/// the place of use. Each object is read once, at its first use, so that it may precede the objects that it uses.
/// </summary>
internal sealed class NamedObjects
{
    private const string Example = "objects: { Place: { fields: { floor: { type: i16 } } } }";
    private const string FieldsExample = "fields: { floor: { type: i16 } }";

    private readonly FileScope _scope;
    private readonly Dictionary<string, Entry> _entries = new(StringComparer.Ordinal);
    private readonly List<string> _open = [];

    private NamedObjects(FileScope scope)
    {
        _scope = scope;
    }

    /// <summary>The names, in no particular order.</summary>
    public IReadOnlyCollection<string> Names => _entries.Keys;

    /// <summary>Collects the names of a file's objects without reading their fields.</summary>
    public static NamedObjects Of(SourceNode? node, FileScope scope)
    {
        NamedObjects objects = new(scope);
        if (node is null || scope.Sink.AsMap(node, "'objects'", Example) is not MapNode map)
        {
            return objects;
        }

        if (map.Entries.Count > EsfLimits.MaxDefinitionsPerFile)
        {
            scope.Sink.Report(DiagnosticCodes.Limit, map, Messages.TooMany("objects in this file", EsfLimits.MaxDefinitionsPerFile));
            return objects;
        }

        foreach (KeyValuePair<ScalarNode, SourceNode> entry in map.Entries)
        {
            objects.CheckName(entry.Key);
            objects._entries.Add(entry.Key.Value, new Entry(entry.Key, entry.Value));
        }

        return objects;
    }

    /// <summary>The records that could be read, in the order of the file.</summary>
    public IReadOnlyList<RecordDefinition> Records =>
        [.. _entries.Values.Select(entry => entry.Record).OfType<RecordDefinition>()
            .OrderBy(record => _entries[record.Name!].Name.Position.Line)];

    public bool Has(string name) => _entries.ContainsKey(name);

    /// <summary>The position of an object's name.</summary>
    public SourcePosition PositionOf(string name) => _entries[name].Name.Position;

    /// <summary>Reads the objects that are not used, to report their errors.</summary>
    public void ReadAll()
    {
        foreach (Entry entry in _entries.Values)
        {
            Read(entry);
        }
    }

    /// <summary>Returns the record of an object that a type names; null after reporting an error in the object or its use.</summary>
    /// <param name="name">The name, one of <see cref="Names"/>.</param>
    /// <param name="user">The node that uses the name.</param>
    /// <param name="depth">The nesting depth of the object's fields at the use.</param>
    public RecordDefinition? Use(string name, ScalarNode user, int depth)
    {
        Entry entry = _entries[name];
        if (entry.IsOpen)
        {
            string path = string.Join(" -> ", _open.Skip(_open.IndexOf(name)).Append(name));
            _scope.Sink.Report(DiagnosticCodes.ObjectCycle, user, Messages.ObjectCycle(name, path));
            return null;
        }

        Read(entry);
        return entry.Record is RecordDefinition record && Fits(record, user, depth) ? record : null;
    }

    /// <summary>Reports an error if the nested objects of a named record would exceed the maximum depth at the use.</summary>
    public bool Fits(RecordDefinition record, ScalarNode user, int depth)
    {
        if (!_sizes.TryGetValue(record, out RecordSize size))
        {
            _sizes.Add(record, size = SizeOf(record));
        }

        bool fits = depth + size.Height <= EsfLimits.MaxDepth;
        if (!fits)
        {
            _scope.Sink.Report(DiagnosticCodes.Limit, user, Messages.TooDeep());
        }

        return fits;
    }

    /// <summary>Returns the nesting depth of a record, and its total number of fields including the fields of its objects.</summary>
    public RecordSize SizeOf(RecordDefinition record)
    {
        RecordSize size = default;
        foreach (FieldDefinition field in record.Fields)
        {
            size = size.And(SizeOf(field.Type));
        }

        return size;
    }

    private RecordSize SizeOf(EsfType type) => type.Kind switch
    {
        EsfTypeKind.Object => (_sizes.TryGetValue(type.Record!, out RecordSize known) ? known : SizeOf(type.Record!)).Inside(),
        EsfTypeKind.Array => SizeOf(type.Element!).Inside(),
        EsfTypeKind.Map => SizeOf(type.Element!).Inside(),
        _ => default,
    };

    // Keyed by instance, because every use of a named object shares the record that was read once.
    private readonly Dictionary<RecordDefinition, RecordSize> _sizes = [];

    private void Read(Entry entry)
    {
        if (entry.IsRead)
        {
            return;
        }

        entry.IsRead = true;
        entry.IsOpen = true;
        _open.Add(entry.Name.Value);
        entry.Record = ReadRecord(entry);
        _open.RemoveAt(_open.Count - 1);
        entry.IsOpen = false;
        if (entry.Record is RecordDefinition record)
        {
            _sizes.Add(record, SizeOf(record));
        }
    }

    private RecordDefinition? ReadRecord(Entry entry)
    {
        string where = $"object '{entry.Name.Value}'";
        if (_scope.Sink.AsMap(entry.Node, where, FieldsExample) is not MapNode map)
        {
            return null;
        }

        _scope.Sink.OnlyKeys(map, where, "fields", "description");
        _scope.Sink.Text(map, "description", "description: \"Where in the building\"");
        if (map.Find("fields") is not SourceNode fields)
        {
            _scope.Sink.Report(DiagnosticCodes.MissingKey, entry.Name, Messages.Missing(where, "fields", FieldsExample));
            return null;
        }

        RecordDefinition? record = RecordReader.Read(fields, where, 0, _scope);
        return record is not null && CheckSize(entry.Name, where, record) ? new RecordDefinition(record.Fields, entry.Name.Value) : null;
    }

    /// <summary>Reports an error if a record has too many fields when every named object is expanded.</summary>
    public bool CheckSize(ScalarNode name, string where, RecordDefinition record)
    {
        bool fits = SizeOf(record).Fields <= EsfLimits.MaxFieldsInAll;
        if (!fits)
        {
            _scope.Sink.Report(DiagnosticCodes.Limit, name,
                Messages.TooMany($"fields in {where}, those of its objects included", EsfLimits.MaxFieldsInAll));
        }

        return fits;
    }

    private void CheckName(ScalarNode name)
    {
        if (!NameRule.IsTypeName(name.Value))
        {
            _scope.Sink.Report(DiagnosticCodes.Name, name, Messages.BadTypeName("an object", name.Value));
        }
        else if (TypeNames.All.Contains(name.Value))
        {
            _scope.Sink.Report(DiagnosticCodes.NameConflict, name, Messages.NameIsType(name.Value));
        }
        else if (_scope.Enums.TryGetValue(name.Value, out EnumDefinition? clash))
        {
            _scope.Sink.Report(DiagnosticCodes.NameConflict, name, Messages.NameConflict(name.Value, "an enum", clash.Position));
        }
    }

    private sealed class Entry(ScalarNode name, SourceNode node)
    {
        public ScalarNode Name { get; } = name;

        public SourceNode Node { get; } = node;

        public bool IsRead { get; set; }

        /// <summary>True while the object's fields are being read. A use of the object during this time is a cycle.</summary>
        public bool IsOpen { get; set; }

        public RecordDefinition? Record { get; set; }
    }
}

/// <summary>The size of a record when every object in it is expanded.</summary>
/// <param name="height">The number of levels of objects, arrays and maps below the record's fields.</param>
/// <param name="fields">The total number of fields of the record and of all objects in it.</param>
internal readonly struct RecordSize(int height, int fields)
{
    public int Height { get; } = height;

    public int Fields { get; } = fields;

    /// <summary>Returns the size with one more field, whose type has the given size.</summary>
    public RecordSize And(RecordSize type) =>
        new(Math.Max(Height, type.Height), Fields + 1 + Math.Min(type.Fields, EsfLimits.MaxFieldsInAll));

    /// <summary>Returns the size of an object, array or map whose content has this size.</summary>
    public RecordSize Inside() => new(Height + 1, Fields);
}

using Estream.Esf.Schema;

namespace Estream.Esf.Generator.Emit;

/// <summary>
/// Determines the C# types of a schema and collects the types to generate: a view and a writer per object, and item types for
/// length-limited strings and enums in arrays and maps.
/// </summary>
/// <param name="names">The allocator of type names.</param>
/// <param name="hidden">Names that no member of a view or a writer may have, in addition to
/// <see cref="MessageEmitter.NamesUsedInside"/>.</param>
internal sealed class TypeMapper(NameAllocator names, IReadOnlyList<string> hidden)
{
    private const string Bytes = RecordText.ReadOnlyBytes;

    // Keyed by instance: all uses of a named object share one record, and therefore one view and one writer. Two uses need different types
    // only if one use was published before the object got more fields, and the other use was not.
    private readonly Dictionary<(RecordDefinition Record, string Published), TypeMapping> _named = [];

    /// <summary>The records in the order of their use, the message first.</summary>
    public List<RecordModel> Records { get; } = [];

    /// <summary>The item types for <c>string(N)</c>, by N.</summary>
    public SortedDictionary<int, string> TextItems { get; } = [];

    /// <summary>The item types for enums, by enum name.</summary>
    public SortedDictionary<string, string> EnumItems { get; } = new(StringComparer.Ordinal);

    /// <param name="layout">The layout of the fields.</param>
    /// <param name="published">The record in the published versions that have it, oldest first.</param>
    /// <param name="viewName">The name of the view.</param>
    /// <param name="writerName">The name of the writer.</param>
    /// <param name="path">The prefix for the names of nested types.</param>
    /// <param name="title">The name of the record in messages and comments.</param>
    public RecordModel AddRecord(
        RecordLayout layout, IReadOnlyList<RecordDefinition> published, string viewName, string writerName, string path, string title)
    {
        RecordModel record = new(layout, Published.ShortestLength(layout, published), viewName, writerName, title);
        bool isMessage = Records.Count == 0;
        Records.Add(record);
        NameAllocator members = new([
            viewName, writerName, "Of", "TryOf", "Bytes", "Length", "Start", "ToString", "Equals", "GetHashCode", "GetType",
            "MemberwiseClone", "ReferenceEquals", "Finalize",
            .. MessageEmitter.NamesUsedInside, .. hidden,
        ]);
        foreach (FieldLayout field in layout.Fields)
        {
            string member = members.Take(CSharpNames.Pascal(field.Field.Name), "Has", "Begin", "End", "Set");
            string fieldTitle = title + "." + field.Field.Name;
            TypeMapping shape = ShapeOf(field.Field.Type, Published.TypesOf(published, field.Field.Name),
                path + CSharpNames.Pascal(field.Field.Name), fieldTitle);
            record.Fields.Add(new FieldModel(field, member, shape, fieldTitle)
            {
                IsAppended = field.Offset >= record.ShortestLength,
                IsOfMessage = isMessage,
                OwnsPresenceByte = layout.Fields.Count(other => other.PresenceOffset == field.PresenceOffset) == 1,
            });
        }

        return record;
    }

    private TypeMapping ShapeOf(EsfType type, IReadOnlyList<EsfType> published, string path, string title) => type.Kind switch
    {
        EsfTypeKind.Object => ObjectMapping(type, published, path, title),
        EsfTypeKind.Array => ArrayShape(type, published, path, title),
        EsfTypeKind.Map => MapShape(type, published, path, title),
        _ => new TypeMapping(CSharpOf(type), "", null),
    };

    private TypeMapping ObjectMapping(EsfType type, IReadOnlyList<EsfType> published, string path, string title)
    {
        RecordDefinition record = type.Record!;
        RecordDefinition[] versions = [.. published.Select(earlier => earlier.Record!)];
        if (record.Name is not string name)
        {
            return AddObject(record, versions, path, title);
        }

        (RecordDefinition, string) key = (record, Published.SignatureOf(record, versions));
        if (!_named.TryGetValue(key, out TypeMapping? shape))
        {
            bool isFirst = !_named.Keys.Any(known => known.Record == record);
            shape = AddObject(record, versions, isFirst ? name : path, isFirst ? name : title);
            _named.Add(key, shape);
        }

        return shape;
    }

    private TypeMapping AddObject(RecordDefinition record, RecordDefinition[] published, string path, string title)
    {
        string view = names.Take(path + "View");
        string writer = names.Take(path + "Writer");
        AddRecord(RecordLayout.OfObject(record), published, view, writer, path, title);
        return new TypeMapping(view, view, writer);
    }

    private TypeMapping ArrayShape(EsfType type, IReadOnlyList<EsfType> published, string path, string title)
    {
        TypeMapping element = ItemShapeOf(type.Element!, [.. published.Select(earlier => earlier.Element!)], path + "Item", title);
        string view = $"EsfArray<{element.View}, {element.Item}>";
        string writer = element.Writer is null
            ? $"EsfArrayWriter<{element.View}, {element.Item}>"
            : $"EsfNestedArrayWriter<{element.Writer}>";
        return new TypeMapping(view, view, writer);
    }

    private TypeMapping MapShape(EsfType type, IReadOnlyList<EsfType> published, string path, string title)
    {
        TypeMapping key = ItemShapeOf(type.Key!, [], path + "Key", title);
        TypeMapping value = ItemShapeOf(type.Element!, [.. published.Select(earlier => earlier.Element!)], path + "Value", title);
        string view = $"EsfMap<{key.View}, {key.Item}, {value.View}, {value.Item}>";
        string writer = value.Writer is null
            ? $"EsfMapWriter<{key.View}, {key.Item}, {value.View}, {value.Item}>"
            : $"EsfNestedMapWriter<{key.View}, {key.Item}, {value.Writer}>";
        return new TypeMapping(view, view, writer);
    }

    private TypeMapping ItemShapeOf(EsfType type, IReadOnlyList<EsfType> published, string path, string title)
    {
        TypeMapping shape = ShapeOf(type, published, path, title);
        return shape.Writer is null ? shape with { Item = ItemOf(type) } : shape;
    }

    private string ItemOf(EsfType type)
    {
        switch (type.Kind)
        {
            case EsfTypeKind.String when type.MaxLength is int limit:
                if (!TextItems.TryGetValue(limit, out string? text))
                {
                    TextItems.Add(limit, text = names.Take($"Text{limit}Item"));
                }

                return text;
            case EsfTypeKind.Enum:
                if (!EnumItems.TryGetValue(type.Enumeration!.Name, out string? item))
                {
                    EnumItems.Add(type.Enumeration.Name, item = names.Take(type.Enumeration.Name + "Item"));
                }

                return item;
            default:
                return KnownItem(type.Kind);
        }
    }

    /// <summary>The names of the item types of <c>Estream.Esf.Items</c>. A generated type with one of these names would hide the item
    /// type.</summary>
    public static IEnumerable<string> KnownItems { get; } =
        ((EsfTypeKind[])Enum.GetValues(typeof(EsfTypeKind))).Select(KnownItem).Distinct().ToArray();

    private static string KnownItem(EsfTypeKind kind) => kind switch
    {
        EsfTypeKind.Bool => "BoolItem",
        EsfTypeKind.U8 => "UInt8Item",
        EsfTypeKind.U16 => "UInt16Item",
        EsfTypeKind.U32 => "UInt32Item",
        EsfTypeKind.U64 => "UInt64Item",
        EsfTypeKind.I8 => "Int8Item",
        EsfTypeKind.I16 => "Int16Item",
        EsfTypeKind.I32 => "Int32Item",
        EsfTypeKind.I64 or EsfTypeKind.Timestamp => "Int64Item",
        EsfTypeKind.F32 => "Float32Item",
        EsfTypeKind.F64 => "Float64Item",
        EsfTypeKind.Bytes32 => "Bytes32Item",
        EsfTypeKind.PqSignature => "PqSignatureItem",
        EsfTypeKind.Bytes => "BytesItem",
        _ => "TextItem",
    };

    private static string CSharpOf(EsfType type) => type.Kind switch
    {
        EsfTypeKind.Bool => "bool",
        EsfTypeKind.U8 => "byte",
        EsfTypeKind.U16 => "ushort",
        EsfTypeKind.U32 => "uint",
        EsfTypeKind.U64 => "ulong",
        EsfTypeKind.I8 => "sbyte",
        EsfTypeKind.I16 => "short",
        EsfTypeKind.I32 => "int",
        EsfTypeKind.I64 or EsfTypeKind.Timestamp => "long",
        EsfTypeKind.F32 => "float",
        EsfTypeKind.F64 => "double",
        EsfTypeKind.Enum => CSharpNames.Escape(type.Enumeration!.Name),
        _ => Bytes,
    };
}

/// <summary>Allocates unique names in a scope: a name that is taken gets a suffix.</summary>
internal sealed class NameAllocator(IEnumerable<string> reserved)
{
    private readonly HashSet<string> _taken = new(reserved, StringComparer.Ordinal);

    /// <summary>Returns the wanted name if it and all names derived from it are free; otherwise a name with a suffix.</summary>
    public string Take(string wanted, params string[] prefixes)
    {
        string name = wanted;
        for (int attempt = 0; !IsFree(name, prefixes); attempt++)
        {
            name = attempt == 0 ? wanted + "Field" : wanted + "Field" + (attempt + 1);
        }

        _taken.Add(name);
        foreach (string prefix in prefixes)
        {
            _taken.Add(prefix + name);
        }

        return name;
    }

    private bool IsFree(string name, string[] prefixes) =>
        !_taken.Contains(name) && prefixes.All(prefix => !_taken.Contains(prefix + name));
}

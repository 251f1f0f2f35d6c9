namespace Estream.Esf.Schema.Internal;

/// <summary>
/// The <c>imports</c> of a file, and the imported definitions that the file uses. Using an imported definition is equivalent to writing the
/// definition into the file, so its enums become enums of the file.
/// </summary>
internal sealed class Imports(FileScope scope)
{
    private const string Example = "imports: [{ pack: esf-iot, version: \"^1.0\" }]";
    private const string EntryExample = "{ pack: esf-iot, version: \"^1.0\" }";

    private readonly Dictionary<string, PackContents?> _packs = new(StringComparer.Ordinal);
    private readonly Dictionary<string, EnumDefinition> _enums = new(StringComparer.Ordinal);
    private readonly List<PackRequirement> _requirements = [];

    /// <summary>The required packs, in the order of the file.</summary>
    public IReadOnlyList<PackRequirement> Requirements => _requirements;

    /// <summary>The enums of the imported definitions that the file uses.</summary>
    public IReadOnlyCollection<EnumDefinition> Enums => _enums.Values;

    /// <summary>Reads the <c>imports</c> key of the file. Without a source of packs, every import is an error.</summary>
    public void Read(SourceNode? node, IImportSource? source)
    {
        if (node is null || scope.Sink.AsList(node, "'imports'", Example) is not ListNode list)
        {
            return;
        }

        if (list.Items.Count > EsfLimits.MaxDefinitionsPerFile)
        {
            scope.Sink.Report(DiagnosticCodes.Limit, list, Messages.TooMany("imports in this file", EsfLimits.MaxDefinitionsPerFile));
            return;
        }

        foreach (SourceNode item in list.Items)
        {
            if (scope.Sink.AsMap(item, "an import", EntryExample) is MapNode map)
            {
                ReadOne(map, source);
            }
        }
    }

    /// <summary>Returns the type that <c>pack.Name</c> refers to; null after reporting an error.</summary>
    /// <param name="word">The name, which contains a dot.</param>
    /// <param name="user">The node that uses the name.</param>
    /// <param name="depth">The nesting depth of the field that uses the type.</param>
    public EsfType? Use(string word, ScalarNode user, int depth)
    {
        if (ContentsOf(word, user, out string name) is not PackContents contents)
        {
            return null;
        }

        if (contents.Enums.TryGetValue(name, out EnumDefinition? definition))
        {
            return TakeEnum(definition, contents, user) ? EsfType.EnumOf(definition) : null;
        }

        if (contents.Objects.TryGetValue(name, out RecordDefinition? record))
        {
            return scope.Objects.Fits(record, user, depth + 1) && TakeEnums(record, contents, user) ? EsfType.ObjectOf(record) : null;
        }

        if (!contents.IsIncomplete)
        {
            scope.Sink.Report(DiagnosticCodes.UnknownType, user, PackMessages.NotInPack(name, contents.Name, contents.Names));
        }

        return null;
    }

    /// <summary>Returns the base schema that <c>pack.Name</c> refers to; null after reporting an error.</summary>
    /// <param name="word">The name, which contains a dot.</param>
    /// <param name="user">The node that uses the name.</param>
    public MessageSchema? UseSchema(string word, ScalarNode user)
    {
        if (ContentsOf(word, user, out string name) is not PackContents contents)
        {
            return null;
        }

        if (contents.Schemas.TryGetValue(name, out MessageSchema? schema))
        {
            return TakeEnums(schema.Record, contents, user) ? schema : null;
        }

        if (!contents.IsIncomplete)
        {
            scope.Sink.Report(DiagnosticCodes.Base, user, PackMessages.SchemaNotInPack(name, contents.Name, contents.Schemas.Keys));
        }

        return null;
    }

    private PackContents? ContentsOf(string word, ScalarNode user, out string name)
    {
        int dot = word.IndexOf('.');
        string pack = word.Substring(0, dot);
        name = word.Substring(dot + 1);
        if (!_packs.TryGetValue(pack, out PackContents? contents))
        {
            string shown = PackManifestReader.IsPackName(pack) ? pack : "esf-iot";
            scope.Sink.Report(DiagnosticCodes.UnknownType, user, PackMessages.NotImported(shown));
        }

        return contents;
    }

    private void ReadOne(MapNode map, IImportSource? source)
    {
        scope.Sink.OnlyKeys(map, "an import", "pack", "version");
        if (Scalar(map, "pack") is not ScalarNode pack || Scalar(map, "version") is not ScalarNode version)
        {
            return;
        }

        if (!PackManifestReader.IsPackName(pack.Value))
        {
            scope.Sink.Report(DiagnosticCodes.Name, pack, PackMessages.BadPackName(pack.Value));
        }
        else if (!VersionRange.TryParse(version.Value, out VersionRange? range, out _))
        {
            scope.Sink.Report(DiagnosticCodes.VersionSyntax, version, PackMessages.BadRange(version.Value));
        }
        else if (_requirements.Find(known => known.Pack == pack.Value) is PackRequirement first)
        {
            scope.Sink.Report(DiagnosticCodes.DuplicateKey, pack, Messages.Duplicate(pack.Value, first.Position));
        }
        else
        {
            PackRequirement requirement = new(pack.Value, range!, pack.Position);
            _requirements.Add(requirement);
            _packs[pack.Value] = Find(requirement, source);
        }
    }

    private PackContents? Find(PackRequirement requirement, IImportSource? source)
    {
        PackContents? contents = source?.Find(requirement, scope.Sink);
        if (contents is null)
        {
            scope.Sink.Report(DiagnosticCodes.UnknownPack, requirement.Position,
                PackMessages.UnknownPack(requirement.Pack, source?.Names ?? []));
        }

        return contents;
    }

    private ScalarNode? Scalar(MapNode map, string key)
    {
        if (map.Find(key) is SourceNode node)
        {
            return scope.Sink.AsScalar(node, $"'{key}'", EntryExample);
        }

        scope.Sink.Report(DiagnosticCodes.MissingKey, map, Messages.Missing("an import", key, EntryExample));
        return null;
    }

    private bool TakeEnums(RecordDefinition record, PackContents pack, ScalarNode user) =>
        record.Fields.All(field => TakeEnums(field.Type, pack, user));

    private bool TakeEnums(EsfType type, PackContents pack, ScalarNode user) => type.Kind switch
    {
        EsfTypeKind.Enum => TakeEnum(type.Enumeration!, pack, user),
        EsfTypeKind.Object => TakeEnums(type.Record!, pack, user),
        EsfTypeKind.Array => TakeEnums(type.Element!, pack, user),
        EsfTypeKind.Map => TakeEnums(type.Key!, pack, user) && TakeEnums(type.Element!, pack, user),
        _ => true,
    };

    private bool TakeEnum(EnumDefinition definition, PackContents pack, ScalarNode user)
    {
        bool isKnown = _enums.TryGetValue(definition.Name, out EnumDefinition? known)
            || scope.Enums.TryGetValue(definition.Name, out known);
        if (isKnown ? !known!.Values.SequenceEqual(definition.Values) : scope.Objects.Has(definition.Name)
            || scope.SchemaNames.ContainsKey(definition.Name))
        {
            scope.Sink.Report(DiagnosticCodes.NameConflict, user, PackMessages.ImportConflict(definition.Name, pack.Name));
            return false;
        }

        if (!isKnown)
        {
            _enums.Add(definition.Name, definition);
        }

        return true;
    }
}

/// <summary>The source of a file's imports.</summary>
internal interface IImportSource
{
    /// <summary>The names of the available packs.</summary>
    IEnumerable<string> Names { get; }

    /// <summary>Finds a pack, and reports an error if the file may not use it; returns null if there is no such pack.</summary>
    PackContents? Find(PackRequirement requirement, DiagnosticSink sink);
}

/// <summary>The names that a file defines, and the sink for its errors.</summary>
internal sealed class FileScope
{
    public FileScope(DiagnosticSink sink)
    {
        Sink = sink;
        Objects = NamedObjects.Of(null, this);
        Imports = new Imports(this);
    }

    public DiagnosticSink Sink { get; }

    /// <summary>The enums that could be read.</summary>
    public Dictionary<string, EnumDefinition> Enums { get; } = new(StringComparer.Ordinal);

    /// <summary>The names of enums whose errors are already reported. Using such an enum is not another error.</summary>
    public HashSet<string> FailedEnums { get; } = new(StringComparer.Ordinal);

    /// <summary>The named objects.</summary>
    public NamedObjects Objects { get; set; }

    /// <summary>The imports of the file.</summary>
    public Imports Imports { get; }

    /// <summary>The names of schemas, with their positions.</summary>
    public Dictionary<string, SourcePosition> SchemaNames { get; } = new(StringComparer.Ordinal);
}

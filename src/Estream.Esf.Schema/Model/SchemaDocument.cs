namespace Estream.Esf.Schema;

/// <summary>The content of one schema file. Immutable.</summary>
public sealed class SchemaDocument
{
    /// <summary>Creates a document from its definitions.</summary>
    public SchemaDocument(string ns, IReadOnlyList<MessageSchema> schemas, IReadOnlyList<EnumDefinition> enums)
        : this(ns, schemas, enums, [], [], [])
    {
    }

    internal SchemaDocument(
        string ns,
        IReadOnlyList<MessageSchema> schemas,
        IReadOnlyList<EnumDefinition> enums,
        IReadOnlyList<RecordDefinition> objects,
        IReadOnlyList<EnumDefinition> importedEnums,
        IReadOnlyList<PackRequirement> imports)
    {
        Namespace = ns;
        Schemas = schemas;
        Enums = enums;
        Objects = objects;
        ImportedEnums = importedEnums;
        Imports = imports;
    }

    /// <summary>The namespace of everything defined in the file.</summary>
    public string Namespace { get; }

    /// <summary>The schemas in the order of the file.</summary>
    public IReadOnlyList<MessageSchema> Schemas { get; }

    /// <summary>The enums in the order of the file.</summary>
    public IReadOnlyList<EnumDefinition> Enums { get; }

    /// <summary>The named objects, in the order of the file.</summary>
    public IReadOnlyList<RecordDefinition> Objects { get; }

    /// <summary>The enums of packs that the file uses. They count as enums of the file.</summary>
    public IReadOnlyList<EnumDefinition> ImportedEnums { get; }

    /// <summary>The packs from which the file imports.</summary>
    public IReadOnlyList<PackRequirement> Imports { get; }
}

/// <summary>An enum: names whose order determines their ordinals, from 0. Immutable.</summary>
public sealed class EnumDefinition
{
    /// <summary>Creates an enum.</summary>
    public EnumDefinition(string name, IReadOnlyList<string> values, string? description = null, SourcePosition position = default)
    {
        Name = name;
        Values = values;
        Description = description;
        Position = position;
    }

    /// <summary>The name of the enum.</summary>
    public string Name { get; }

    /// <summary>The names of the values. The index of a name is its stored ordinal.</summary>
    public IReadOnlyList<string> Values { get; }

    /// <summary>The author's description of the enum.</summary>
    public string? Description { get; }

    /// <summary>The position of the definition.</summary>
    public SourcePosition Position { get; }
}

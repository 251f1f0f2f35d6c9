namespace Estream.Esf.Schema;

/// <summary>The content of one schema file. Immutable.</summary>
public sealed class SchemaDocument
{
    /// <summary>A document by its definitions.</summary>
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

    /// <summary>Namespace of everything defined in the file.</summary>
    public string Namespace { get; }

    /// <summary>The schemas in the order of the file.</summary>
    public IReadOnlyList<MessageSchema> Schemas { get; }

    /// <summary>The enums in the order of the file.</summary>
    public IReadOnlyList<EnumDefinition> Enums { get; }

    /// <summary>The objects that have a name, in the order of the file.</summary>
    public IReadOnlyList<RecordDefinition> Objects { get; }

    /// <summary>The enums of packs that the file uses: they are part of it as if they stood in it.</summary>
    public IReadOnlyList<EnumDefinition> ImportedEnums { get; }

    /// <summary>The packs the file imports from.</summary>
    public IReadOnlyList<PackRequirement> Imports { get; }
}

/// <summary>An enum: names whose order gives their ordinals, from 0. Immutable.</summary>
public sealed class EnumDefinition
{
    /// <summary>An enum by name and values.</summary>
    public EnumDefinition(string name, IReadOnlyList<string> values, string? description = null, SourcePosition position = default)
    {
        Name = name;
        Values = values;
        Description = description;
        Position = position;
    }

    /// <summary>Name of the enum.</summary>
    public string Name { get; }

    /// <summary>Names of the values; the index is the ordinal stored.</summary>
    public IReadOnlyList<string> Values { get; }

    /// <summary>What the enum is for, in the author's words.</summary>
    public string? Description { get; }

    /// <summary>Where it is defined.</summary>
    public SourcePosition Position { get; }
}

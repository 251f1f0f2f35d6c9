namespace Estream.Esf.Schema;

/// <summary>The content of one schema file. Immutable.</summary>
public sealed class SchemaDocument
{
    /// <summary>A document by its definitions.</summary>
    public SchemaDocument(string ns, IReadOnlyList<MessageSchema> schemas, IReadOnlyList<EnumDefinition> enums)
    {
        Namespace = ns;
        Schemas = schemas;
        Enums = enums;
    }

    /// <summary>Namespace of everything defined in the file.</summary>
    public string Namespace { get; }

    /// <summary>The schemas in the order of the file.</summary>
    public IReadOnlyList<MessageSchema> Schemas { get; }

    /// <summary>The enums in the order of the file.</summary>
    public IReadOnlyList<EnumDefinition> Enums { get; }
}

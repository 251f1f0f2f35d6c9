namespace Estream.Esf.Schema.Internal;

/// <summary>The definitions that can be imported from a pack: the enums and objects of its files, and schemas to extend.</summary>
internal sealed class PackContents(string name, SemanticVersion version)
{
    public string Name { get; } = name;

    public SemanticVersion Version { get; } = version;

    public Dictionary<string, EnumDefinition> Enums { get; } = new(StringComparer.Ordinal);

    public Dictionary<string, RecordDefinition> Objects { get; } = new(StringComparer.Ordinal);

    public Dictionary<string, MessageSchema> Schemas { get; } = new(StringComparer.Ordinal);

    /// <summary>True if a file of the pack has an error. The error is already reported, so a name that is missing from the pack is not
    /// reported as well.</summary>
    public bool IsIncomplete { get; set; }

    public IEnumerable<string> Names => Enums.Keys.Concat(Objects.Keys);

    public void Add(SchemaDocument? document)
    {
        IsIncomplete |= document is null;
        foreach (EnumDefinition definition in document?.Enums ?? [])
        {
            Enums[definition.Name] = definition;
        }

        foreach (RecordDefinition record in document?.Objects ?? [])
        {
            Objects[record.Name!] = record;
        }

        foreach (MessageSchema schema in document?.Schemas ?? [])
        {
            Schemas[schema.Name] = schema;
        }
    }
}

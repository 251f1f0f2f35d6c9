namespace Estream.Esf.Schema;

/// <summary>The fields of a message or of an object, in the order that fixes their place in the bytes. Immutable.</summary>
public sealed class RecordDefinition
{
    /// <summary>A record by its fields, and by the name that a schema file gives it.</summary>
    public RecordDefinition(IReadOnlyList<FieldDefinition> fields, string? name = null)
    {
        Fields = fields;
        Name = name;
        HasTokenizedFields = fields.Any(field => field.IsTokenized || field.Type.HasTokenizedFields);
        HasPrivateFields = fields.Any(field => field.IsPrivate || field.Type.HasPrivateFields);
    }

    /// <summary>
    /// The name it has under <c>objects</c> in its file, where all its uses are one instance; null where it is written out at
    /// a field. It decides names in generated code and nothing of the bytes.
    /// </summary>
    public string? Name { get; }

    /// <summary>The fields in the order of their definition.</summary>
    public IReadOnlyList<FieldDefinition> Fields { get; }

    /// <summary>Whether any field is private, here or in the objects inside.</summary>
    public bool HasPrivateFields { get; }

    /// <summary>Whether any field holds numbers of cards, here or in the objects inside.</summary>
    public bool HasTokenizedFields { get; }

    /// <summary>The index of a field, or -1 when there is none of that name.</summary>
    public int IndexOf(string fieldName)
    {
        for (int i = 0; i < Fields.Count; i++)
        {
            if (Fields[i].Name == fieldName)
            {
                return i;
            }
        }

        return -1;
    }
}

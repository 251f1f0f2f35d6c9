namespace Estream.Esf.Schema;

/// <summary>The fields of a message or of an object, in the order that determines their offsets. Immutable.</summary>
public sealed class RecordDefinition
{
    /// <summary>Creates a record from its fields and, for a named object, its name in the schema file.</summary>
    public RecordDefinition(IReadOnlyList<FieldDefinition> fields, string? name = null)
    {
        Fields = fields;
        Name = name;
        HasTokenizedFields = fields.Any(field => field.IsTokenized || field.Type.HasTokenizedFields);
        HasPrivateFields = fields.Any(field => field.IsPrivate || field.Type.HasPrivateFields);
    }

    /// <summary>
    /// The name under <c>objects</c> in the schema file, where all uses share one instance; null for a record defined at its field. Affects
    /// the names in generated code, but not the bytes.
    /// </summary>
    public string? Name { get; }

    /// <summary>The fields in the order of their definition.</summary>
    public IReadOnlyList<FieldDefinition> Fields { get; }

    /// <summary>Whether any field is private, including fields of nested objects.</summary>
    public bool HasPrivateFields { get; }

    /// <summary>Whether any field holds card numbers, including fields of nested objects.</summary>
    public bool HasTokenizedFields { get; }

    /// <summary>Returns the index of a field, or -1 if there is no field with this name.</summary>
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

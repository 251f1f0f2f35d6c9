namespace Estream.Esf.Schema;

/// <summary>The fields of a message or of an object, in the order that fixes their place in the bytes. Immutable.</summary>
public sealed class RecordDefinition
{
    /// <summary>A record by its fields.</summary>
    public RecordDefinition(IReadOnlyList<FieldDefinition> fields) => Fields = fields;

    /// <summary>The fields in the order of their definition.</summary>
    public IReadOnlyList<FieldDefinition> Fields { get; }

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

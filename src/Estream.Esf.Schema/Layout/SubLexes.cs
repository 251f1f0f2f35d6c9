namespace Estream.Esf.Schema;

/// <summary>
/// The sub-lexes of a schema. The values of private fields that name a sub-lex are stored in a separate queue, not in their messages.
/// Immutable and thread-safe.
/// </summary>
public sealed class SubLexes
{
    private readonly List<string> _names = [];

    private SubLexes()
    {
    }

    /// <summary>The names of the sub-lexes, in field order.</summary>
    public IReadOnlyList<string> Names => _names;

    /// <summary>The first field that names a sub-lex although it is nested in a private field. The field's value could not be extracted
    /// from the sealed value of the private field. Null if there is no such field.</summary>
    public FieldDefinition? Misplaced { get; private set; }

    /// <summary>Whether there are at most <see cref="EsfLimits.MaxSubLexes"/> sub-lexes.</summary>
    public bool AreWithinLimits => _names.Count <= EsfLimits.MaxSubLexes;

    /// <summary>Collects the sub-lexes of a record and of all objects in it.</summary>
    public static SubLexes Of(RecordDefinition record)
    {
        SubLexes found = new();
        found.Add(record, isSealed: false);
        return found;
    }

    private void Add(RecordDefinition record, bool isSealed)
    {
        if (!record.HasPrivateFields)
        {
            return;
        }

        foreach (FieldDefinition field in record.Fields)
        {
            if (field.Privacy.SubLex is { } name)
            {
                Misplaced ??= isSealed ? field : null;
                if (!_names.Contains(name))
                {
                    _names.Add(name);
                }
            }

            for (EsfType? type = field.Type; type is not null; type = type.Element)
            {
                if (type.Record is not null)
                {
                    Add(type.Record, isSealed || field.IsPrivate);
                }
            }
        }
    }
}

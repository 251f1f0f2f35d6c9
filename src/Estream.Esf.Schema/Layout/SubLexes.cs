namespace Estream.Esf.Schema;

/// <summary>
/// The sub-lexes of a schema: private fields that name one are kept in a queue of their own, apart from their messages. Immutable and
/// thread-safe.
/// </summary>
public sealed class SubLexes
{
    private readonly List<string> _names = [];

    private SubLexes()
    {
    }

    /// <summary>Their names, in the order in which the fields are met.</summary>
    public IReadOnlyList<string> Names => _names;

    /// <summary>The first field that names a sub-lex inside a private field, sealed in whose value it could not be taken out; null where
    /// there is none.</summary>
    public FieldDefinition? Misplaced { get; private set; }

    /// <summary>Whether there are at most <see cref="EsfLimits.MaxSubLexes"/>.</summary>
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

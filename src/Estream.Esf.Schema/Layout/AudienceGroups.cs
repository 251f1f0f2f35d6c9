namespace Estream.Esf.Schema;

/// <summary>
/// The groups of audiences that read the private fields of a schema. Private fields with the same readers share one group, and are sealed
/// under one key. Groups are numbered in field order; the fields of an object count at the field that uses the object. Immutable and
/// thread-safe.
/// </summary>
public sealed class AudienceGroups
{
    private readonly Dictionary<string, int> _numbers = new(StringComparer.Ordinal);
    private readonly List<IReadOnlyList<string>> _groups = [];
    private readonly SortedSet<string> _audiences = new(StringComparer.Ordinal);

    private AudienceGroups()
    {
    }

    /// <summary>The groups. The names in each group are sorted by bytes.</summary>
    public IReadOnlyList<IReadOnlyList<string>> Groups => _groups;

    /// <summary>The audiences of all groups, sorted by bytes.</summary>
    public IReadOnlyCollection<string> Audiences => _audiences;

    /// <summary>Whether the numbers of groups and of audiences are both at most <see cref="EsfLimits.MaxAudiences"/>.</summary>
    public bool AreWithinLimits => _groups.Count <= EsfLimits.MaxAudiences && _audiences.Count <= EsfLimits.MaxAudiences;

    /// <summary>Collects the groups of a record and of all objects in it.</summary>
    public static AudienceGroups Of(RecordDefinition record)
    {
        AudienceGroups groups = new();
        groups.Add(record);
        return groups;
    }

    /// <summary>Returns the number of the group that reads a private field.</summary>
    /// <exception cref="KeyNotFoundException">The rule does not belong to a private field of the record.</exception>
    public int NumberOf(PrivacyRule rule) => _numbers[KeyOf(rule)];

    private void Add(RecordDefinition record)
    {
        if (!record.HasPrivateFields)
        {
            return;
        }

        foreach (FieldDefinition field in record.Fields)
        {
            if (field.IsPrivate)
            {
                Add(field.Privacy);
            }

            for (EsfType? type = field.Type; type is not null; type = type.Element)
            {
                if (type.Record is not null)
                {
                    Add(type.Record);
                }
            }
        }
    }

    private void Add(PrivacyRule rule)
    {
        string key = KeyOf(rule);
        if (!_numbers.ContainsKey(key))
        {
            _numbers.Add(key, _groups.Count);
            _groups.Add(rule.Readers);
            _audiences.UnionWith(rule.Readers);
        }
    }

    // Audience names contain no spaces.
    private static string KeyOf(PrivacyRule rule) => string.Join(" ", rule.Readers);
}

namespace Estream.Wire.Iso20022.Mapping;

/// <summary>The lines of a shape as a tree of element names.</summary>
internal sealed class MapEntry
{
    /// <summary>Where there is more in the element: a place of its own among the fields of the shape.</summary>
    public int Ordinal { get; set; } = -1;

    /// <summary>The field the element goes to; null where it only has others in it.</summary>
    public MapTarget? Target { get; set; }

    /// <summary>What is in the element.</summary>
    public Dictionary<string, MapEntry> Children { get; } = new(StringComparer.Ordinal);
}

/// <summary>Which elements are which fields of one object of ESF.</summary>
internal sealed class MapShape(string name)
{
    /// <summary>Fields of one shape, each of which has a bit.</summary>
    public const int MaxFields = 64;

    private readonly List<string> _members = [];

    /// <summary>Its name.</summary>
    public string Name { get; } = name;

    /// <summary>Its elements.</summary>
    public MapEntry Root { get; } = new();

    /// <summary>The field that the text of the element itself goes to; null where it has none.</summary>
    public MapTarget? Text { get; set; }

    /// <summary>Fields that are the same always, as members of JSON.</summary>
    public List<byte[]> Constants { get; } = [];

    /// <summary>The place of a field, or of an element, among those of this shape. Not asked any more once the map is read.</summary>
    public int OrdinalOf(string member)
    {
        int known = _members.IndexOf(member);
        if (known < 0)
        {
            known = _members.Count;
            _members.Add(member);
        }

        return known < MaxFields ? known : throw new FormatException($"The shape {Name} has more than {MaxFields} fields.");
    }
}

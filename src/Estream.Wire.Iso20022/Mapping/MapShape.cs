namespace Estream.Wire.Iso20022.Mapping;

/// <summary>The lines of a shape as a tree of element names.</summary>
internal sealed class MapEntry
{
    /// <summary>For an element with child elements: its own ordinal among the fields of the shape.</summary>
    public int Ordinal { get; set; } = -1;

    /// <summary>The field that the element is mapped to; null if the element only contains other elements.</summary>
    public MapTarget? Target { get; set; }

    /// <summary>The child elements.</summary>
    public Dictionary<string, MapEntry> Children { get; } = new(StringComparer.Ordinal);
}

/// <summary>The mapping of elements to the fields of one ESF object.</summary>
internal sealed class MapShape(string name)
{
    /// <summary>The maximum number of fields of a shape; each has a bit.</summary>
    public const int MaxFields = 64;

    private readonly List<string> _members = [];

    /// <summary>The name.</summary>
    public string Name { get; } = name;

    /// <summary>The elements.</summary>
    public MapEntry Root { get; } = new();

    /// <summary>The field for the text of the element itself; null if there is none.</summary>
    public MapTarget? Text { get; set; }

    /// <summary>Constant fields, as JSON members.</summary>
    public List<byte[]> Constants { get; } = [];

    /// <summary>Returns the ordinal of a field or element in this shape. Only used while the map is read.</summary>
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

namespace Estream.Esf.Schema;

/// <summary>A field of a record. Immutable.</summary>
public sealed class FieldDefinition
{
    /// <summary>A field by name and type.</summary>
    public FieldDefinition(
        string name,
        EsfType type,
        bool isOptional = false,
        PrivacyRule? privacy = null,
        string? description = null,
        SourcePosition position = default)
    {
        Name = name;
        Type = type;
        IsOptional = isOptional;
        Privacy = privacy ?? PrivacyRule.Public;
        Description = description;
        Position = position;
    }

    /// <summary>Name of the field, in lower case with underscores.</summary>
    public string Name { get; }

    /// <summary>Type of the value.</summary>
    public EsfType Type { get; }

    /// <summary>Whether a message may leave the field out.</summary>
    public bool IsOptional { get; }

    /// <summary>Who may read the value.</summary>
    public PrivacyRule Privacy { get; }

    /// <summary>Whether values are stored sealed.</summary>
    public bool IsPrivate => Privacy.IsPrivate;

    /// <summary>Whether values are numbers of cards, for which tokens are stored.</summary>
    public bool IsTokenized => Privacy.IsTokenized;

    /// <summary>What the field means, in the author's words.</summary>
    public string? Description { get; }

    /// <summary>Where it is defined.</summary>
    public SourcePosition Position { get; }
}

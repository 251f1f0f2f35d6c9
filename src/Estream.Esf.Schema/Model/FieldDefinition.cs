namespace Estream.Esf.Schema;

/// <summary>A field of a record. Immutable.</summary>
public sealed class FieldDefinition
{
    /// <summary>Creates a field.</summary>
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

    /// <summary>The name of the field, in lower case with underscores.</summary>
    public string Name { get; }

    /// <summary>The type of the value.</summary>
    public EsfType Type { get; }

    /// <summary>Whether a message may omit the field.</summary>
    public bool IsOptional { get; }

    /// <summary>The rule that determines who may read the value.</summary>
    public PrivacyRule Privacy { get; }

    /// <summary>Whether values are stored sealed.</summary>
    public bool IsPrivate => Privacy.IsPrivate;

    /// <summary>Whether values are card numbers, which are stored as tokens.</summary>
    public bool IsTokenized => Privacy.IsTokenized;

    /// <summary>The author's description of the field.</summary>
    public string? Description { get; }

    /// <summary>The position of the definition.</summary>
    public SourcePosition Position { get; }
}

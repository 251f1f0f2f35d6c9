namespace Estream.Esf.Schema;

/// <summary>An enum: names whose order gives their ordinals, from 0. Immutable.</summary>
public sealed class EnumDefinition
{
    /// <summary>An enum by name and values.</summary>
    public EnumDefinition(string name, IReadOnlyList<string> values, string? description = null, SourcePosition position = default)
    {
        Name = name;
        Values = values;
        Description = description;
        Position = position;
    }

    /// <summary>Name of the enum.</summary>
    public string Name { get; }

    /// <summary>Names of the values; the index is the ordinal stored.</summary>
    public IReadOnlyList<string> Values { get; }

    /// <summary>What the enum is for, in the author's words.</summary>
    public string? Description { get; }

    /// <summary>Where it is defined.</summary>
    public SourcePosition Position { get; }
}

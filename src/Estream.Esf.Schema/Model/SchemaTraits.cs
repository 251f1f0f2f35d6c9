namespace Estream.Esf.Schema;

/// <summary>
/// What a schema says that does not change the bytes of its messages. Retention, lattice, path and pattern take effect in the
/// layers above.
/// </summary>
public sealed class SchemaTraits
{
    /// <summary>The traits of a schema.</summary>
    public SchemaTraits(string? description, string? lattice, string? path, TimeSpan? retention, StreamPattern? pattern = null)
    {
        Description = description;
        Lattice = lattice;
        Path = path;
        Retention = retention;
        Pattern = pattern;
    }

    /// <summary>A schema that says nothing but its fields.</summary>
    public static SchemaTraits None { get; } = new(null, null, null, null);

    /// <summary>What the message is, in the author's words.</summary>
    public string? Description { get; }

    /// <summary>Dotted name of the lattice the messages belong to.</summary>
    public string? Lattice { get; }

    /// <summary>Address template, for example <c>/devices/{device_id}/telemetry</c>.</summary>
    public string? Path { get; }

    /// <summary>How long messages are to be kept; null when the schema does not say.</summary>
    public TimeSpan? Retention { get; }

    /// <summary>What the messages are to each other; null when the schema does not say.</summary>
    public StreamPattern? Pattern { get; }
}

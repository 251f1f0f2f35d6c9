namespace Estream.Esf.Schema;

/// <summary>
/// The properties of a schema that do not affect the bytes of its messages. Higher layers implement retention, lattice, path and
/// pattern.
/// </summary>
public sealed class SchemaTraits
{
    /// <summary>Creates the traits of a schema.</summary>
    public SchemaTraits(string? description, string? lattice, string? path, TimeSpan? retention, StreamPattern? pattern = null)
    {
        Description = description;
        Lattice = lattice;
        Path = path;
        Retention = retention;
        Pattern = pattern;
    }

    /// <summary>The traits of a schema that declares only its fields.</summary>
    public static SchemaTraits None { get; } = new(null, null, null, null);

    /// <summary>The author's description of the message.</summary>
    public string? Description { get; }

    /// <summary>The dotted name of the lattice to which the messages belong.</summary>
    public string? Lattice { get; }

    /// <summary>The address template, for example <c>/devices/{device_id}/telemetry</c>.</summary>
    public string? Path { get; }

    /// <summary>The retention of messages; null if the schema declares none.</summary>
    public TimeSpan? Retention { get; }

    /// <summary>The stream pattern; null if the schema declares none.</summary>
    public StreamPattern? Pattern { get; }
}

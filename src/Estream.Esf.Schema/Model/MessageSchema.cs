namespace Estream.Esf.Schema;

/// <summary>The schema of one kind of message. Immutable.</summary>
public sealed class MessageSchema
{
    /// <summary>A schema by its names and its record.</summary>
    public MessageSchema(string ns, string name, RecordDefinition record, SchemaTraits? traits = null, SourcePosition position = default,
        MessageSchema? extended = null)
    {
        Extended = extended;
        Namespace = ns;
        Name = name;
        Record = record;
        Traits = traits ?? SchemaTraits.None;
        Position = position;
        CanonicalText = CanonicalForm.Write(this);
        Id = SchemaHash.IdOf(CanonicalText);
        NameId = SchemaHash.NameIdOf(QualifiedName);
    }

    /// <summary>Namespace in dotted lower case, for example <c>estream.iot</c>.</summary>
    public string Namespace { get; }

    /// <summary>Name, for example <c>IoTTelemetry</c>.</summary>
    public string Name { get; }

    /// <summary>Namespace and name, for example <c>estream.iot.IoTTelemetry</c>.</summary>
    public string QualifiedName => Namespace + "." + Name;

    /// <summary>The fields.</summary>
    public RecordDefinition Record { get; }

    /// <summary>The schema it extends, whose fields are its first ones; null where it extends none. Known from a schema file alone: the
    /// canonical text holds the fields.</summary>
    public MessageSchema? Extended { get; }

    /// <summary>What the schema says beyond its fields.</summary>
    public SchemaTraits Traits { get; }

    /// <summary>Where it is defined.</summary>
    public SourcePosition Position { get; }

    /// <summary>Everything that decides the bytes of a message, as one line of text: see docs/formats/esf.md.</summary>
    public string CanonicalText { get; }

    /// <summary>The first 64 bits of the SHA-256 of <see cref="CanonicalText"/>: stands in every message.</summary>
    public ulong Id { get; }

    /// <summary>The first 32 bits of the SHA-256 of <see cref="QualifiedName"/>: the same in every version of the schema.</summary>
    public uint NameId { get; }
}

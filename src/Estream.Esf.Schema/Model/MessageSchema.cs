namespace Estream.Esf.Schema;

/// <summary>The schema of one kind of message. Immutable.</summary>
public sealed class MessageSchema
{
    /// <summary>Creates a schema.</summary>
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

    /// <summary>The namespace in dotted lower case, for example <c>estream.iot</c>.</summary>
    public string Namespace { get; }

    /// <summary>The name, for example <c>IoTTelemetry</c>.</summary>
    public string Name { get; }

    /// <summary>The namespace and name, for example <c>estream.iot.IoTTelemetry</c>.</summary>
    public string QualifiedName => Namespace + "." + Name;

    /// <summary>The fields.</summary>
    public RecordDefinition Record { get; }

    /// <summary>The base schema, whose fields are the first fields of this schema; null if there is none. Known only if this schema was
    /// read from a schema file, because the canonical text contains only the fields.</summary>
    public MessageSchema? Extended { get; }

    /// <summary>The properties of the schema other than its fields.</summary>
    public SchemaTraits Traits { get; }

    /// <summary>The position of the definition.</summary>
    public SourcePosition Position { get; }

    /// <summary>Everything that determines the bytes of a message, as one line of text: see docs/formats/esf.md.</summary>
    public string CanonicalText { get; }

    /// <summary>The first 64 bits of the SHA-256 of <see cref="CanonicalText"/>, stored in every message.</summary>
    public ulong Id { get; }

    /// <summary>The first 32 bits of the SHA-256 of <see cref="QualifiedName"/>, the same in every version of the schema.</summary>
    public uint NameId { get; }
}

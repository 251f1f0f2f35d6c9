using System.Text;
using System.Text.Json;
using Estream.Esf.Schema;

namespace Estream.Esf.Internal;

/// <summary>A field prepared for reading and writing at run time. Immutable.</summary>
internal sealed class FieldPlan
{
    public FieldPlan(FieldLayout layout, PlanScope scope, string pathPrefix)
    {
        Definition = layout.Field;
        Ordinal = layout.Ordinal;
        Offset = layout.Offset;
        End = layout.Offset + layout.SlotSize;
        PresenceOffset = layout.PresenceOffset;
        PresenceMask = (byte)layout.PresenceMask;
        IsReference = layout.IsReference;
        IsOptional = layout.Field.IsOptional;
        Path = pathPrefix + layout.Field.Name;
        Utf8Name = Encoding.UTF8.GetBytes(layout.Field.Name);
        JsonName = JsonEncodedText.Encode(layout.Field.Name);
        JsonMember = Encoding.UTF8.GetBytes($"\"{layout.Field.Name}\":");
        Type = new ValuePlan(layout.Field.Type, scope, Path);
        IsPrivate = layout.Field.IsPrivate;
        SealedName = IsPrivate ? Encoding.UTF8.GetBytes(scope.SchemaName + "/" + Path) : [];
        IsTokenized = layout.Field.IsTokenized;
        SubLex = layout.Field.Privacy.SubLex;
        ReaderGroup = IsPrivate ? scope.Audiences.NumberOf(layout.Field.Privacy) : -1;
    }

    public FieldDefinition Definition { get; }

    public int Ordinal { get; }

    public int Offset { get; }

    /// <summary>Offset behind the field's slot: a record whose fixed block is shorter was written before the field was appended.</summary>
    public int End { get; }

    public int PresenceOffset { get; }

    public byte PresenceMask { get; }

    public bool IsReference { get; }

    public bool IsOptional { get; }

    /// <summary>Name from the root of the message, for messages to people.</summary>
    public string Path { get; }

    public byte[] Utf8Name { get; }

    public JsonEncodedText JsonName { get; }

    /// <summary>What its member begins with in JSON without white space: the name and the colon.</summary>
    public byte[] JsonMember { get; }

    public ValuePlan Type { get; }

    /// <summary>Whether values are stored sealed.</summary>
    public bool IsPrivate { get; }

    /// <summary>What a sealed value is bound to: the schema's name and the field's path in it.</summary>
    public byte[] SealedName { get; }

    /// <summary>Number of the group of audiences that reads a private field.</summary>
    public int ReaderGroup { get; }

    /// <summary>Whether values are numbers of cards, for which tokens are stored.</summary>
    public bool IsTokenized { get; }

    /// <summary>The sub-lex a private value is kept in; null for the message itself.</summary>
    public string? SubLex { get; }

    /// <summary>Whether a field of fixed size is there. A field held by reference is absent when its reference is zero.</summary>
    public bool IsPresent(ReadOnlySpan<byte> record) => PresenceMask == 0 || (record[PresenceOffset] & PresenceMask) != 0;
}

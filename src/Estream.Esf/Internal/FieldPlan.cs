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

    /// <summary>The offset after the field's slot. If a record's fixed block ends before this offset, its writer's version did not have the
    /// field.</summary>
    public int End { get; }

    public int PresenceOffset { get; }

    public byte PresenceMask { get; }

    public bool IsReference { get; }

    public bool IsOptional { get; }

    /// <summary>The path of the field from the root of the message, for error messages.</summary>
    public string Path { get; }

    public byte[] Utf8Name { get; }

    public JsonEncodedText JsonName { get; }

    /// <summary>The beginning of the field's member in JSON without white space: the name in quotes and the colon.</summary>
    public byte[] JsonMember { get; }

    public ValuePlan Type { get; }

    /// <summary>Whether values are stored sealed.</summary>
    public bool IsPrivate { get; }

    /// <summary>The name to which a sealed value is bound: the schema's name and the path of the field.</summary>
    public byte[] SealedName { get; }

    /// <summary>The number of the group of audiences that may read a private field.</summary>
    public int ReaderGroup { get; }

    /// <summary>Whether values are card numbers, which are stored as tokens.</summary>
    public bool IsTokenized { get; }

    /// <summary>The sub-lex in which a private value is stored; null if it is stored in the message itself.</summary>
    public string? SubLex { get; }

    /// <summary>Whether a field of fixed size is present. A field stored by reference is absent if its reference is zero.</summary>
    public bool IsPresent(ReadOnlySpan<byte> record) => PresenceMask == 0 || (record[PresenceOffset] & PresenceMask) != 0;
}

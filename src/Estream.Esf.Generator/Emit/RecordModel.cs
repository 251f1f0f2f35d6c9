using Estream.Esf.Schema;

namespace Estream.Esf.Generator.Emit;

/// <summary>A record for which a view and a writer are emitted.</summary>
internal sealed class RecordModel
{
    /// <param name="layout">The layout of the fields.</param>
    /// <param name="shortest">The fixed length of the first published version; the length of this layout if no version was
    /// published.</param>
    /// <param name="viewName">The name of the view.</param>
    /// <param name="writerName">The name of the writer.</param>
    /// <param name="title">The name of the record in messages and comments.</param>
    public RecordModel(RecordLayout layout, int shortest, string viewName, string writerName, string title)
    {
        Layout = layout;
        ShortestLength = shortest;
        ViewName = viewName;
        WriterName = writerName;
        Title = title;
    }

    public RecordLayout Layout { get; }

    /// <summary>The shortest fixed block that the view reads. Fields beyond it may be absent from a record of an earlier version.</summary>
    public int ShortestLength { get; }

    /// <summary>Whether fields were appended since the record was first published.</summary>
    public bool IsEvolved => ShortestLength < Layout.FixedLength;

    /// <summary>The possible fixed lengths of earlier versions, as a C# list. A length never ends inside a field: an appended field is
    /// completely present or absent.</summary>
    public string EarlierLengths => "[" + string.Join(", ", Layout.Fields
        .Select(slot => slot.Offset + slot.SlotSize)
        .Where(end => end >= ShortestLength && end < Layout.FixedLength)) + "]";

    public string ViewName { get; }

    public string WriterName { get; }

    /// <summary>The name in messages and comments: <c>estream.iot.IoTTelemetry.location</c>.</summary>
    public string Title { get; }

    public List<FieldModel> Fields { get; } = [];
}

/// <summary>A field for which members of a view and a writer are emitted.</summary>
internal sealed class FieldModel
{
    public FieldModel(FieldLayout layout, string member, TypeMapping shape, string title)
    {
        Layout = layout;
        Member = member;
        Shape = shape;
        Title = title;
    }

    public FieldLayout Layout { get; }

    /// <summary>The name of the property.</summary>
    public string Member { get; }

    public TypeMapping Shape { get; }

    public string Title { get; }

    public FieldDefinition Definition => Layout.Field;

    public EsfTypeKind Kind => Definition.Type.Kind;

    /// <summary>Whether a published earlier version does not have the field.</summary>
    public bool IsAppended { get; init; }

    /// <summary>Whether the field belongs to the message itself, not to an object in the message.</summary>
    public bool IsOfMessage { get; init; }

    /// <summary>
    /// The span from which a view reads the field. A message's view keeps the block common to all versions as a second span. An object's
    /// view has only the span of its record: a struct of two words is passed in registers, and a longer one in memory, where a load right
    /// after the store costs several nanoseconds.
    /// </summary>
    public string Block => IsAppended || !IsOfMessage ? "_record" : "_fixed";

    /// <summary>
    /// The span and offset at which a view finds the reference of a field. If the record's block ends before an appended field, the view
    /// gets a zero reference, which means absent.
    /// </summary>
    public string ViewSlot => IsAppended
        ? $"{RecordText.Get}AppendedSlot(_record, _fixedLength, {Layout.Offset}), 0"
        : $"{Block}, {Layout.Offset}";

    /// <summary>The condition that is true if an optional field is present.</summary>
    public string Presence => Layout.IsReference
        ? $"{RecordText.Get}Has({ViewSlot})"
        : (IsAppended ? $"_fixedLength > {Layout.Offset} && " : "") + $"({Block}[{Layout.PresenceOffset}] & {Layout.PresenceMask}) != 0";

    /// <summary>Whether the presence byte of this field has no bits of other fields.</summary>
    public bool OwnsPresenceByte { get; init; }

    public string Quoted => "\"" + Title + "\"";
}

/// <summary>The C# types that read and write a type of the schema language.</summary>
/// <param name="View">The type of the value that is read.</param>
/// <param name="Item">The type that reads the value, and writes a single value, as an item of an array or a map.</param>
/// <param name="Writer">The writer of a nested value; null for a single value.</param>
internal sealed record TypeMapping(string View, string Item, string? Writer);

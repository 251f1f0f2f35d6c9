using Estream.Esf.Schema;

namespace Estream.Esf.Generator.Emit;

/// <summary>A record about to be written as a view and a writer.</summary>
internal sealed class RecordModel
{
    /// <param name="layout">Where the fields stand.</param>
    /// <param name="shortest">The fixed length of the first version that was published; its own where there was none.</param>
    /// <param name="viewName">Name of the view.</param>
    /// <param name="writerName">Name of the writer.</param>
    /// <param name="title">What messages and comments call it.</param>
    public RecordModel(RecordLayout layout, int shortest, string viewName, string writerName, string title)
    {
        Layout = layout;
        ShortestLength = shortest;
        ViewName = viewName;
        WriterName = writerName;
        Title = title;
    }

    public RecordLayout Layout { get; }

    /// <summary>Shortest fixed block the view reads: what lies beyond it may be absent from a record of an earlier version.</summary>
    public int ShortestLength { get; }

    /// <summary>Whether fields were appended since the record was first published.</summary>
    public bool IsEvolved => ShortestLength < Layout.FixedLength;

    /// <summary>The fixed lengths of earlier versions, as a C# list: an appended field is there in whole or not at all.</summary>
    public string EarlierLengths => "[" + string.Join(", ", Layout.Fields
        .Select(slot => slot.Offset + slot.SlotSize)
        .Where(end => end >= ShortestLength && end < Layout.FixedLength)) + "]";

    public string ViewName { get; }

    public string WriterName { get; }

    /// <summary>What messages and comments call it: <c>estream.iot.IoTTelemetry.location</c>.</summary>
    public string Title { get; }

    public List<FieldModel> Fields { get; } = [];
}

/// <summary>A field about to be written as members of a view and a writer.</summary>
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

    /// <summary>Name of the property.</summary>
    public string Member { get; }

    public TypeMapping Shape { get; }

    public string Title { get; }

    public FieldDefinition Definition => Layout.Field;

    public EsfTypeKind Kind => Definition.Type.Kind;

    /// <summary>Whether an earlier version was published that does not have the field.</summary>
    public bool IsAppended { get; init; }

    /// <summary>Where a view reads the field: the block every version has, or the record when there may be more of it or less.</summary>
    public string Block => IsAppended ? "_record" : "_fixed";

    /// <summary>
    /// The bytes in which a view finds the reference of a field, and where in them; for an appended field that is beyond the record's
    /// block, an absent one.
    /// </summary>
    public string ViewSlot => IsAppended
        ? $"{RecordText.Get}AppendedSlot(_record, _fixedLength, {Layout.Offset}), 0"
        : $"{Block}, {Layout.Offset}";

    /// <summary>The condition that says an optional field is there.</summary>
    public string Presence => Layout.IsReference
        ? $"{RecordText.Get}Has({ViewSlot})"
        : (IsAppended ? $"_fixedLength > {Layout.Offset} && " : "") + $"({Block}[{Layout.PresenceOffset}] & {Layout.PresenceMask}) != 0";

    /// <summary>Whether no other field of the record has a bit in this field's presence byte.</summary>
    public bool OwnsPresenceByte { get; init; }

    public string Quoted => "\"" + Title + "\"";
}

/// <summary>A type of the schema language as the C# types that read and write it.</summary>
/// <param name="View">Type of the value read.</param>
/// <param name="Item">Type that reads it (and, for single values, writes it) as an item of an array or a map.</param>
/// <param name="Writer">Writer of a nested value; null for a single value.</param>
internal sealed record TypeMapping(string View, string Item, string? Writer);

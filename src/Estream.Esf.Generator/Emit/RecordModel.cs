using Estream.Esf.Schema;

namespace Estream.Esf.Generator.Emit;

/// <summary>A record about to be written as a view and a writer.</summary>
internal sealed class RecordModel
{
    public RecordModel(RecordLayout layout, string viewName, string writerName, string title)
    {
        Layout = layout;
        ViewName = viewName;
        WriterName = writerName;
        Title = title;
    }

    public RecordLayout Layout { get; }

    public string ViewName { get; }

    public string WriterName { get; }

    /// <summary>What messages and comments call it: <c>estream.iot.IoTTelemetry.location</c>.</summary>
    public string Title { get; }

    public List<FieldModel> Fields { get; } = [];
}

/// <summary>A field about to be written as members of a view and a writer.</summary>
internal sealed class FieldModel
{
    public FieldModel(FieldLayout layout, string member, TypeShape shape, string title)
    {
        Layout = layout;
        Member = member;
        Shape = shape;
        Title = title;
    }

    public FieldLayout Layout { get; }

    /// <summary>Name of the property.</summary>
    public string Member { get; }

    public TypeShape Shape { get; }

    public string Title { get; }

    public FieldDefinition Definition => Layout.Field;

    public EsfTypeKind Kind => Definition.Type.Kind;

    public string Slot => $"_fixed.Slice({Layout.Offset}, {Layout.SlotSize})";

    /// <summary>Whether no other field of the record has a bit in this field's presence byte.</summary>
    public bool OwnsPresenceByte { get; init; }

    public string Quoted => "\"" + Title + "\"";
}

/// <summary>A type of the schema language as the C# types that read and write it.</summary>
/// <param name="View">Type of the value read.</param>
/// <param name="Item">Type that reads it (and, for single values, writes it) as an item of an array or a map.</param>
/// <param name="Writer">Writer of a nested value; null for a single value.</param>
internal sealed record TypeShape(string View, string Item, string? Writer);

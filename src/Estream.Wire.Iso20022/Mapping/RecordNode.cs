using Estream.Esf;
using Estream.Esf.Internal;

namespace Estream.Wire.Iso20022.Mapping;

/// <summary>The kinds of target fields of elements.</summary>
internal enum RecordKind
{
    /// <summary>No field: only the content of the element is mapped to fields.</summary>
    None,

    /// <summary>Text.</summary>
    Text,

    /// <summary>An enum, by its name.</summary>
    Name,

    /// <summary>A non-negative integer.</summary>
    Number,

    /// <summary>A Boolean.</summary>
    Flag,

    /// <summary>A number with its scale and, for an amount, its currency.</summary>
    Amount,

    /// <summary>An object.</summary>
    Object,
}

/// <summary>The mapping of a message that is written directly to a record.</summary>
/// <param name="Schema">The ESF schema.</param>
/// <param name="Level">The mapping of the content of its root element.</param>
/// <param name="Field">The field with the message definition. It is the first field, and no element is mapped to it.</param>
/// <param name="Definition">The value of that field.</param>
internal sealed record RecordMessage(EsfSchema Schema, RecordLevel Level, FieldPlan Field, byte[] Definition);

/// <summary>The mapping of the content of an element that is written directly to a record: the target of each child element, by the index
/// of the element.</summary>
internal sealed class RecordLevel
{
    /// <summary>The mappings of child elements by index; null for elements without a counterpart in ESF.</summary>
    public required RecordNode?[] Children { get; init; }

    /// <summary>The field for the text of the element; null if it has child elements, or no field.</summary>
    public RecordNode? Text { get; init; }

    /// <summary>The record that starts with the element; null if the fields belong to the enclosing record.</summary>
    public RecordPlan? Record { get; init; }

    /// <summary>The bits of the required fields of the record.</summary>
    public ulong Required { get; init; }
}

/// <summary>The mapping of one element.</summary>
/// <param name="node">The mapping from the map.</param>
/// <param name="kind">The kind of its field.</param>
/// <param name="field">The field; null if only the content of the element is mapped to fields.</param>
/// <param name="level">The mapping of its content; null for a value.</param>
internal sealed class RecordNode(MapNode node, RecordKind kind, FieldPlan? field, RecordLevel? level)
{
    /// <summary>The kind of its field.</summary>
    public RecordKind Kind { get; } = kind;

    /// <summary>The field; null if only the content of the element is mapped to fields.</summary>
    public FieldPlan? Field { get; } = field;

    /// <summary>The mapping of its content; null for a value.</summary>
    public RecordLevel? Level { get; } = level;

    /// <summary>The bit of the field.</summary>
    public ulong Bit { get; } = node.Target is { } target ? 1UL << target.Ordinal : 0;

    /// <summary>For a repeatable element without a field of its own: the bit that distinguishes the first occurrence from later
    /// occurrences; otherwise 0.</summary>
    public ulong Once { get; } = node.Once < 0 ? 0 : 1UL << node.Once;

    /// <summary>Whether the element is an item of an array field.</summary>
    public bool IsItem { get; } = node.Target is { IsItem: true };

    /// <summary>Whether white space around the text of the element is ignored.</summary>
    public bool IsTrimmed { get; } = node.IsTrimmed;

    /// <summary>Whether the element is an item of an array field, or contains such elements.</summary>
    public bool HasItems { get; } = node.HasItems;

    /// <summary>For a number with a scale: its fields.</summary>
    public RecordAmount? Amount { get; init; }

    /// <summary>For an object: its constant fields.</summary>
    public (FieldPlan Field, bool Value)[] Constants { get; init; } = [];
}

/// <summary>A number with its scale, as a record.</summary>
/// <param name="Record">The record.</param>
/// <param name="Value">The field for the digits.</param>
/// <param name="Scale">The field for the number of fraction digits.</param>
/// <param name="Currency">The field for the currency; null if there is none.</param>
internal sealed record RecordAmount(RecordPlan Record, FieldPlan Value, FieldPlan Scale, FieldPlan? Currency);

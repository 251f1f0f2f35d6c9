using Estream.Esf;
using Estream.Esf.Internal;

namespace Estream.Wire.Iso20022.Mapping;

/// <summary>What the field of an element is.</summary>
internal enum RecordKind
{
    /// <summary>None: what is in the element goes to fields.</summary>
    None,

    /// <summary>Text.</summary>
    Text,

    /// <summary>An enum, by its name.</summary>
    Name,

    /// <summary>An integer that is not below 0.</summary>
    Number,

    /// <summary>A bool.</summary>
    Flag,

    /// <summary>A number with its scale, and with its currency where it has one.</summary>
    Amount,

    /// <summary>An object.</summary>
    Object,
}

/// <summary>What becomes of a message, written straight into a record.</summary>
/// <param name="Schema">The schema of ESF.</param>
/// <param name="Level">What becomes of what is in its root element.</param>
/// <param name="Field">The field that says which message it is, and in which version. It stands first, and no element goes to it.</param>
/// <param name="Definition">What stands there.</param>
internal sealed record RecordMessage(EsfSchema Schema, RecordLevel Level, FieldPlan Field, byte[] Definition);

/// <summary>What becomes of what is in an element, written straight into a record: for each of the elements of its type, by its place, what
/// becomes of it.</summary>
internal sealed class RecordLevel
{
    /// <summary>By the places of the elements; null for those without a place in ESF.</summary>
    public required RecordNode?[] Children { get; init; }

    /// <summary>The field that the text of the element goes to; null where it has elements, or none.</summary>
    public RecordNode? Text { get; init; }

    /// <summary>The record that begins with the element; null where the fields are those of the record around it.</summary>
    public RecordPlan? Record { get; init; }

    /// <summary>Bits of the fields that the record has to have.</summary>
    public ulong Required { get; init; }
}

/// <summary>What becomes of one element.</summary>
/// <param name="node">What the map says of it.</param>
/// <param name="kind">What its field is.</param>
/// <param name="field">The field; null where only what is in the element goes somewhere.</param>
/// <param name="level">What becomes of what is in it; null for a value.</param>
internal sealed class RecordNode(MapNode node, RecordKind kind, FieldPlan? field, RecordLevel? level)
{
    /// <summary>What its field is.</summary>
    public RecordKind Kind { get; } = kind;

    /// <summary>The field; null where only what is in the element goes somewhere.</summary>
    public FieldPlan? Field { get; } = field;

    /// <summary>What becomes of what is in it; null for a value.</summary>
    public RecordLevel? Level { get; } = level;

    /// <summary>The bit of the field.</summary>
    public ulong Bit { get; } = node.Target is { } target ? 1UL << target.Ordinal : 0;

    /// <summary>Where the element may be repeated and goes to no field itself: the bit by which the first one is told from the others. 0
    /// elsewhere.</summary>
    public ulong Once { get; } = node.Once < 0 ? 0 : 1UL << node.Once;

    /// <summary>Whether it is one item of its field.</summary>
    public bool IsItem { get; } = node.Target is { IsItem: true };

    /// <summary>Whether white space around its text does not count.</summary>
    public bool IsTrimmed { get; } = node.IsTrimmed;

    /// <summary>Whether it is one item of a field, or has such in it.</summary>
    public bool HasItems { get; } = node.HasItems;

    /// <summary>Of a number with its scale: the fields of that.</summary>
    public RecordAmount? Amount { get; init; }

    /// <summary>Of an object: its fields that are the same always.</summary>
    public (FieldPlan Field, bool Value)[] Constants { get; init; } = [];
}

/// <summary>A number with its scale as a record.</summary>
/// <param name="Record">The record.</param>
/// <param name="Value">Its digits.</param>
/// <param name="Scale">How many of them stand behind the point.</param>
/// <param name="Currency">The currency; null where there is none.</param>
internal sealed record RecordAmount(RecordPlan Record, FieldPlan Value, FieldPlan Scale, FieldPlan? Currency);

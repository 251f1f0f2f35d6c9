using Estream.Esf.Expressions.Execution;
using Estream.Esf.Internal;
using Estream.Esf.Schema;

namespace Estream.Esf.Expressions.Binding;

/// <summary>A bound subexpression: names are resolved to fields, and types are checked.</summary>
internal abstract record Bound(ValueType Type);

internal sealed record BoundField(ValueType Type, FieldPath Path) : Bound(Type);

/// <summary>A value that is the same for every message.</summary>
internal sealed record BoundConstant(ValueType Type, Slot Value, byte[]? Bytes = null) : Bound(Type)
{
    public static BoundConstant Of(bool value) => new(new ValueType(EsfValueKind.Boolean), Slot.Of(value));

    public static BoundConstant Of(Int128 value) => new(new ValueType(EsfValueKind.Integer), Slot.Of(value));

    public static BoundConstant Of(double value) => new(new ValueType(EsfValueKind.Number), Slot.Of(value));

    public static BoundConstant Of(byte[] text) => new(new ValueType(EsfValueKind.Text), default, text);

    public static BoundConstant Of(EnumDefinition definition, int ordinal) =>
        new(new ValueType(EsfValueKind.Enum, definition), Slot.Of((Int128)ordinal));
}

/// <summary>One instruction after its operands: arithmetic, a function, <c>not</c>, <c>has</c>, a conversion.</summary>
internal sealed record BoundOperation(ValueType Type, OpCode Code, Bound[] Operands) : Bound(Type);

internal sealed record BoundComparison(OpCode Code, Relation Relation, Bound Left, Bound Right)
    : Bound(new ValueType(EsfValueKind.Boolean));

internal sealed record BoundLogic(bool IsAnd, Bound Left, Bound Right) : Bound(new ValueType(EsfValueKind.Boolean));

internal sealed record BoundCoalesce(Bound Value, Bound Otherwise) : Bound(Value.Type);

internal sealed record BoundConditional(Bound Condition, Bound Then, Bound Else) : Bound(Then.Type);

/// <param name="Array">The array.</param>
/// <param name="Item">The layout of its items.</param>
/// <param name="Items">Constants of the item type.</param>
internal sealed record BoundSubset(Bound Array, ValuePlan Item, BoundConstant[] Items) : Bound(new ValueType(EsfValueKind.Boolean));

internal sealed record BoundMembership(Bound Operand, BoundConstant[] Items) : Bound(new ValueType(EsfValueKind.Boolean));

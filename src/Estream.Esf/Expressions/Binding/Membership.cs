using System.Text;
using Estream.Esf.Expressions.Execution;
using Estream.Esf.Expressions.Syntax;
using Estream.Esf.Internal;
using Estream.Esf.Schema;

namespace Estream.Esf.Expressions.Binding;

/// <summary>Binds the two operators with a list of constants. In <c>x in [a, b]</c>, x is a value and the constants have its type. In
/// <c>x subset of [a, b]</c>, x is an array and the constants have the type of its items.</summary>
internal sealed class Membership(Binder binder, NameScope names)
{
    public BoundMembership Bind(InNode node)
    {
        EnumDefinition? wanted = names.EnumOf(node.Operand) ?? node.Items.Select(names.EnumOf)
            .FirstOrDefault(definition => definition is not null);
        Bound operand = binder.Bind(node.Operand, wanted);
        return operand.Type.Kind is EsfValueKind.Object or EsfValueKind.Sequence or EsfValueKind.Bytes
            ? throw new SyntaxErrorException(node.Operand.Position, $"{operand.Type.InWords} cannot be searched for in a list")
            : new BoundMembership(operand, [.. node.Items.Select(item => Item(item, operand.Type, wanted))]);
    }

    public BoundSubset Bind(SubsetNode node)
    {
        Bound operand = binder.Bind(node.Operand);
        if (operand is not BoundField { Path.Last.Type: { Kind: EsfTypeKind.Array, Element: ValuePlan item } })
        {
            throw new SyntaxErrorException(node.Operand.Position,
                $"'subset of' takes an array, but this is {operand.Type.InWords}: for a value, write x in [a, b]");
        }

        ValueType type = ValueType.Of(item.Definition);
        return type.Kind is EsfValueKind.Object or EsfValueKind.Sequence or EsfValueKind.Bytes
            ? throw new SyntaxErrorException(node.Operand.Position,
                $"the items of this array are {type.InWords} each, which cannot be searched for in a list")
            : new BoundSubset(operand, item,
                [.. node.Items.Select(one => Name(one, type) ?? Item(one, type, item.Definition.Enumeration))]);
    }

    // The list can contain only constants, so a single name in it is a text written without quotes, not a field.
    private static BoundConstant? Name(Node node, ValueType type) =>
        type.Kind == EsfValueKind.Text && node is PathNode { Names.Count: 1 } word
            ? BoundConstant.Of(Encoding.UTF8.GetBytes(word.Text))
            : null;

    private BoundConstant Item(Node node, ValueType type, EnumDefinition? wanted)
    {
        if (binder.Bind(node, wanted) is not BoundConstant item)
        {
            throw new SyntaxErrorException(node.Position,
                "a list can contain numbers, texts, true, false and enum values: compare with fields by ==, joined with 'or'");
        }

        if (item.Type.IsSame(type))
        {
            return item;
        }

        if (!item.Type.IsNumeric || !type.IsNumeric)
        {
            throw new SyntaxErrorException(node.Position, $"this is {item.Type.InWords}, but the list is searched for {type.InWords}");
        }

        // Exact, like every comparison of numbers: values that are equal only after rounding do not match.
        Slot same = type.Kind == EsfValueKind.Number
            ? Slot.Of((double)item.Value.Integer)
            : Slot.Of(ExactNumbers.Truncate(item.Value.Number));
        bool isExact = type.Kind == EsfValueKind.Number
            ? ExactNumbers.Compare(item.Value.Integer, same.Number) == 0
            : ExactNumbers.Compare(same.Integer, item.Value.Number) == 0;
        return isExact
            ? new BoundConstant(type, same)
            : throw new SyntaxErrorException(node.Position,
                $"no value equals this, because the list is searched for {type.InWords}, which cannot represent it exactly: remove it");
    }
}

using System.Text;
using Estream.Esf.Expressions.Execution;
using Estream.Esf.Expressions.Syntax;
using Estream.Esf.Schema;

namespace Estream.Esf.Expressions.Binding;

/// <summary>Binds an expression: resolves its fields and checks its types.</summary>
internal sealed class Binder(EsfExpressionScope scope)
{
    private readonly NameScope _names = new(scope);

    /// <summary>Binds a whole expression, whose result must be a value.</summary>
    /// <exception cref="SyntaxErrorException">The expression is not valid for these messages.</exception>
    public Bound BindRoot(Node node, EnumDefinition? wanted)
    {
        Bound root = Bind(node, wanted);
        return root.Type.Kind is EsfValueKind.Object or EsfValueKind.Sequence
            ? throw new SyntaxErrorException(node.Position,
                $"{root.Type.InWords} is not a value: name a field of it, or use has(...) or length(...)")
            : root;
    }

    /// <summary>Binds a subexpression.</summary>
    /// <param name="node">The subexpression.</param>
    /// <param name="wanted">The enum whose values may be written by name alone here.</param>
    public Bound Bind(Node node, EnumDefinition? wanted = null) => node switch
    {
        IntegerNode integer => BoundConstant.Of(integer.Value),
        NumberNode number => BoundConstant.Of(number.Value),
        TextNode text => BoundConstant.Of(Encoding.UTF8.GetBytes(text.Value)),
        BooleanNode boolean => BoundConstant.Of(boolean.Value),
        PathNode path => _names.Find(path, wanted),
        UnaryNode { Operator: "not" } not =>
            new BoundOperation(new ValueType(EsfValueKind.Boolean), OpCode.Not, [Condition(not.Operand, "'not'")]),
        UnaryNode minus => Negated(minus),
        InNode membership => new Membership(this, _names).Bind(membership),
        SubsetNode subset => new Membership(this, _names).Bind(subset),
        CallNode call => new Functions(this, _names).Bind(call, wanted),
        BinaryNode { Operator: "and" or "or" } logic => new BoundLogic(
            logic.Operator == "and", Condition(logic.Left, $"'{logic.Operator}'"), Condition(logic.Right, $"'{logic.Operator}'")),
        BinaryNode { Operator: "??" } coalesce => Coalesce(coalesce, wanted),
        BinaryNode { Operator: "+" or "-" or "*" or "/" or "%" } sum => Arithmetic(sum),
        _ => Comparison((BinaryNode)node),
    };

    /// <summary>Binds a subexpression that must be a condition.</summary>
    public Bound Condition(Node node, string user)
    {
        Bound bound = Bind(node);
        return bound.Type.Kind == EsfValueKind.Boolean
            ? bound
            : throw new SyntaxErrorException(node.Position,
                $"{user} takes conditions, but this is {bound.Type.InWords}: compare it with something, or use has(...)");
    }

    /// <summary>Binds a subexpression that must be numeric, integer or float.</summary>
    public Bound Numeric(Node node, string user)
    {
        Bound bound = Bind(node);
        return bound.Type.IsNumeric
            ? bound
            : throw new SyntaxErrorException(node.Position, $"{user} takes numbers, but this is {bound.Type.InWords}");
    }

    /// <summary>Converts an integer operand to a number, for use with number operands.</summary>
    public static Bound AsNumber(Bound bound) => bound switch
    {
        { Type.Kind: EsfValueKind.Number } => bound,
        BoundConstant constant => BoundConstant.Of((double)constant.Value.Integer),
        _ => new BoundOperation(new ValueType(EsfValueKind.Number), OpCode.ToNumber, [bound]),
    };

    /// <summary>Binds two alternatives to the same type. The value of one of them becomes the result.</summary>
    public (Bound One, Bound Other) Alike(Node one, Node other, int position, EnumDefinition? wanted)
    {
        EnumDefinition? names = _names.EnumOf(one) ?? _names.EnumOf(other) ?? wanted;
        Bound first = Bind(one, names);
        Bound second = Bind(other, names);
        if (first.Type.IsNumeric && second.Type.IsNumeric && first.Type.Kind != second.Type.Kind)
        {
            return (AsNumber(first), AsNumber(second));
        }

        return first.Type.IsSame(second.Type) && first.Type.Kind is not (EsfValueKind.Object or EsfValueKind.Sequence)
            ? (first, second)
            : throw new SyntaxErrorException(position,
                $"one of these is the result, so both must have the same type: the first is {first.Type.InWords}, the second "
                + $"{second.Type.InWords}");
    }

    private Bound Negated(UnaryNode minus) => Numeric(minus.Operand, "'-'") switch
    {
        BoundConstant { Type.Kind: EsfValueKind.Integer } constant => BoundConstant.Of(-constant.Value.Integer),
        BoundConstant constant => BoundConstant.Of(-constant.Value.Number),
        { Type.Kind: EsfValueKind.Integer } integer => new BoundOperation(integer.Type, OpCode.NegateInteger, [integer]),
        var number => new BoundOperation(number.Type, OpCode.NegateNumber, [number]),
    };

    private BoundCoalesce Coalesce(BinaryNode node, EnumDefinition? wanted)
    {
        (Bound value, Bound otherwise) = Alike(node.Left, node.Right, node.Position, wanted);
        return new BoundCoalesce(value, otherwise);
    }

    private BoundOperation Arithmetic(BinaryNode node)
    {
        string user = $"'{node.Operator}'";
        Bound left = Numeric(node.Left, user);
        Bound right = Numeric(node.Right, user);
        bool isInteger = left.Type.Kind == EsfValueKind.Integer && right.Type.Kind == EsfValueKind.Integer;
        if (isInteger && node.Operator is "/" or "%" && right is BoundConstant constant && isInteger && constant.Value.Integer == 0)
        {
            throw new SyntaxErrorException(node.Right.Position, "a division by 0 has no value");
        }

        OpCode code = (node.Operator, isInteger) switch
        {
            ("+", true) => OpCode.AddInteger,
            ("-", true) => OpCode.SubtractInteger,
            ("*", true) => OpCode.MultiplyInteger,
            ("/", true) => OpCode.DivideInteger,
            ("%", true) => OpCode.RemainderInteger,
            ("+", _) => OpCode.AddNumber,
            ("-", _) => OpCode.SubtractNumber,
            ("*", _) => OpCode.MultiplyNumber,
            ("/", _) => OpCode.DivideNumber,
            _ => OpCode.RemainderNumber,
        };
        return isInteger
            ? new BoundOperation(left.Type, code, [left, right])
            : new BoundOperation(new ValueType(EsfValueKind.Number), code, [AsNumber(left), AsNumber(right)]);
    }

    private BoundComparison Comparison(BinaryNode node)
    {
        EnumDefinition? names = _names.EnumOf(node.Left) ?? _names.EnumOf(node.Right);
        Bound left = Bind(node.Left, names);
        Bound right = Bind(node.Right, names);
        Relation relation = node.Operator switch
        {
            "==" => Relation.Equal,
            "!=" => Relation.NotEqual,
            "<" => Relation.Less,
            "<=" => Relation.LessOrEqual,
            ">" => Relation.Greater,
            _ => Relation.GreaterOrEqual,
        };
        OpCode code = (left.Type.Kind, right.Type.Kind) switch
        {
            (EsfValueKind.Integer, EsfValueKind.Integer) => OpCode.CompareIntegers,
            (EsfValueKind.Number, EsfValueKind.Number) => OpCode.CompareNumbers,
            (EsfValueKind.Integer, EsfValueKind.Number) => OpCode.CompareIntegerWithNumber,
            (EsfValueKind.Number, EsfValueKind.Integer) => OpCode.CompareNumberWithInteger,
            (EsfValueKind.Text, EsfValueKind.Text) => OpCode.CompareTexts,
            (EsfValueKind.Bytes, EsfValueKind.Bytes) => OpCode.CompareTexts,
            (EsfValueKind.Enum, EsfValueKind.Enum) when left.Type.IsSame(right.Type) => OpCode.CompareIntegers,
            (EsfValueKind.Boolean, EsfValueKind.Boolean) when relation is Relation.Equal or Relation.NotEqual => OpCode.CompareBooleans,
            (EsfValueKind.Boolean, EsfValueKind.Boolean) =>
                throw new SyntaxErrorException(node.Position,
                    $"conditions have no order: compare them with == or !=, not with {node.Operator}"),
            (EsfValueKind.Enum, EsfValueKind.Text) or (EsfValueKind.Text, EsfValueKind.Enum) =>
                throw new SyntaxErrorException(node.Position,
                    $"{left.Type.InWords} cannot be compared with {right.Type.InWords}: write the name of the value without quotes, as in "
                    + $"{(left.Type.Enum ?? right.Type.Enum)!.Values[0]}"),
            _ => throw new SyntaxErrorException(node.Position, $"{left.Type.InWords} cannot be compared with {right.Type.InWords}"),
        };
        return new BoundComparison(code, relation, left, right);
    }
}

namespace Estream.Esf.Expressions.Syntax;

/// <summary>A node of the syntax tree of an expression.</summary>
/// <param name="Position">The position at which errors in the node are reported.</param>
/// <param name="Depth">The nesting depth of the node.</param>
internal abstract record Node(int Position, int Depth);

/// <summary>A whole number without a sign.</summary>
internal sealed record IntegerNode(int Position, Int128 Value) : Node(Position, 1);

internal sealed record NumberNode(int Position, double Value) : Node(Position, 1);

internal sealed record TextNode(int Position, string Value) : Node(Position, 1);

internal sealed record BooleanNode(int Position, bool Value) : Node(Position, 1);

/// <summary>Names separated by dots: a field, a field of the second message, or a value of an enum.</summary>
internal sealed record PathNode(int Position, IReadOnlyList<Token> Names) : Node(Position, 1)
{
    public string Text => string.Join('.', Names.Select(name => name.Text));
}

/// <summary><c>-x</c> or <c>not x</c>.</summary>
internal sealed record UnaryNode(int Position, string Operator, Node Operand) : Node(Position, Operand.Depth + 1);

internal sealed record BinaryNode(int Position, string Operator, Node Left, Node Right)
    : Node(Position, Math.Max(Left.Depth, Right.Depth) + 1);

/// <summary><c>x in [a, b]</c>.</summary>
internal sealed record InNode(int Position, Node Operand, IReadOnlyList<Node> Items)
    : Node(Position, Items.Select(item => item.Depth).Append(Operand.Depth).Max() + 1);

/// <summary><c>x subset of [a, b]</c>.</summary>
internal sealed record SubsetNode(int Position, Node Operand, IReadOnlyList<Node> Items)
    : Node(Position, Items.Select(item => item.Depth).Append(Operand.Depth).Max() + 1);

internal sealed record CallNode(int Position, string Function, IReadOnlyList<Node> Arguments)
    : Node(Position, Arguments.Select(argument => argument.Depth).DefaultIfEmpty().Max() + 1);

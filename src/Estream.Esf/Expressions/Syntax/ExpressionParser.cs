using System.Globalization;

namespace Estream.Esf.Expressions.Syntax;

/// <summary>
/// Parses an expression. Operators by increasing precedence: <c>or</c>, <c>and</c>, <c>not</c>, comparisons and <c>in</c>, <c>??</c>,
/// <c>+ -</c>, <c>* / %</c>, unary minus.
/// </summary>
internal sealed class ExpressionParser
{
    private const int MaxItems = 256;

    private readonly List<Token> _tokens;
    private int _at;
    private int _depth;

    private ExpressionParser(List<Token> tokens) => _tokens = tokens;

    private Token Current => _tokens[_at];

    /// <exception cref="SyntaxErrorException">The text is not an expression.</exception>
    public static Node Parse(string text)
    {
        ExpressionParser parser = new(Lexer.Split(text));
        if (parser.Current.Kind == TokenKind.End)
        {
            throw new SyntaxErrorException(0, "the expression is empty: write for example value > 30.0");
        }

        Node root = parser.ReadOr();
        return parser.Current.Kind == TokenKind.End
            ? root
            : throw new SyntaxErrorException(parser.Current.Position,
                $"{parser.Current.InWords} follows a complete expression: put an operator before it, or remove it");
    }

    private bool Take(string text)
    {
        bool is_ = Current.Is(text);
        _at += is_ ? 1 : 0;
        return is_;
    }

    private void Require(string text, string where)
    {
        if (!Take(text))
        {
            throw new SyntaxErrorException(Current.Position, $"'{text}' is missing {where}, before {Current.InWords}");
        }
    }

    private static Node Checked(Node node) =>
        node.Depth <= EsfExpression.MaxDepth ? node : throw TooDeep(node.Position);

    private static SyntaxErrorException TooDeep(int position) =>
        new(position,
            $"the expression is nested more than {EsfExpression.MaxDepth} levels deep: split it, or write 'x in [a, b]' instead of a chain "
            + "of comparisons");

    /// <summary>Parses a nested expression. Every recursion of the parser, also for signs and 'not', goes through this method.</summary>
    private Node ReadInner(Func<Node> read)
    {
        if (++_depth > EsfExpression.MaxDepth)
        {
            throw TooDeep(Current.Position);
        }

        Node node = read();
        _depth--;
        return node;
    }

    private Node ReadOr() => ReadLeft(ReadAnd, "or");

    private Node ReadAnd() => ReadLeft(ReadNot, "and");

    private Node ReadNot()
    {
        Token token = Current;
        return Take("not") ? Checked(new UnaryNode(token.Position, token.Text, ReadInner(ReadNot))) : ReadComparison();
    }

    private Node ReadComparison()
    {
        Node left = ReadCoalesce();
        Token token = Current;
        if (token.Is("in"))
        {
            _at++;
            return Checked(ReadIn(token, left));
        }

        if (IsSubset)
        {
            return Checked(ReadSubset(token, left));
        }

        if (token.Is("not"))
        {
            _at++;
            if (IsSubset)
            {
                return Checked(new UnaryNode(token.Position, "not", Checked(ReadSubset(token, left))));
            }

            Require("in", "after 'not' (write x not in [a, b], or 'and not')");
            return Checked(new UnaryNode(token.Position, "not", Checked(ReadIn(token, left))));
        }

        if (!IsComparison(token))
        {
            return left;
        }

        _at++;
        Node node = Checked(new BinaryNode(token.Position, token.Text, left, ReadCoalesce()));
        return IsComparison(Current)
            ? throw new SyntaxErrorException(Current.Position, "comparisons cannot be chained: write a < b and b < c")
            : node;
    }

    private static bool IsComparison(Token token) => token.Kind == TokenKind.Symbol && token.Text is "==" or "!=" or "<" or "<=" or ">"
        or ">=";

    // 'subset' and 'of' are names elsewhere. A name cannot follow a value, so there is no ambiguity.
    private bool IsSubset =>
        Current is { Kind: TokenKind.Name, Text: "subset" } && _tokens[_at + 1] is { Kind: TokenKind.Name, Text: "of" };

    private SubsetNode ReadSubset(Token token, Node operand)
    {
        _at += 2;
        return new SubsetNode(token.Position, operand, ReadList("after 'subset of' (write x subset of [a, b])"));
    }

    private InNode ReadIn(Token token, Node operand) => new(token.Position, operand, ReadList("after 'in' (write x in [a, b])"));

    private List<Node> ReadList(string where)
    {
        Require("[", where);
        List<Node> items = [];
        do
        {
            if (items.Count == MaxItems)
            {
                throw new SyntaxErrorException(Current.Position, $"a list has at most {MaxItems} items: split it with 'or'");
            }

            items.Add(ReadInner(ReadSign));
        }
        while (Take(","));
        Require("]", "at the end of the list");
        return items;
    }

    private Node ReadCoalesce()
    {
        Node left = ReadSum();
        Token token = Current;
        return Take("??") ? Checked(new BinaryNode(token.Position, token.Text, left, ReadInner(ReadCoalesce))) : left;
    }

    private Node ReadSum() => ReadLeft(ReadProduct, "+", "-");

    private Node ReadProduct() => ReadLeft(ReadSign, "*", "/", "%");

    private Node ReadLeft(Func<Node> read, params ReadOnlySpan<string> operators)
    {
        Node left = read();
        while (Current.Kind is TokenKind.Symbol or TokenKind.Keyword && operators.Contains(Current.Text))
        {
            Token token = Current;
            _at++;
            left = Checked(new BinaryNode(token.Position, token.Text, left, read()));
        }

        return left;
    }

    private Node ReadSign()
    {
        Token token = Current;
        return Take("-") ? Checked(new UnaryNode(token.Position, token.Text, ReadInner(ReadSign))) : ReadPrimary();
    }

    private Node ReadPrimary()
    {
        Token token = Current;
        _at++;
        switch (token.Kind)
        {
            case TokenKind.Integer:
                return Int128.TryParse(token.Text, NumberStyles.None, CultureInfo.InvariantCulture, out Int128 integer)
                    ? new IntegerNode(token.Position, integer)
                    : throw new SyntaxErrorException(token.Position,
                        $"{token.Text} has more than 128 bits: the largest whole number is {Int128.MaxValue}");
            case TokenKind.Size:
                return ReadSize(token);
            case TokenKind.Number:
                double number = double.Parse(token.Text, NumberStyles.Float, CultureInfo.InvariantCulture);
                return double.IsFinite(number)
                    ? new NumberNode(token.Position, number)
                    : throw new SyntaxErrorException(token.Position, $"{token.Text} is too large: the largest number is 1.79e308");
            case TokenKind.Text:
                return new TextNode(token.Position, token.Text);
            case TokenKind.Keyword when token.Text is "true" or "false":
                return new BooleanNode(token.Position, token.Text == "true");
            case TokenKind.Name:
                return Current.Is("(") ? ReadCall(token) : ReadPath(token);
            case TokenKind.Symbol when token.Text == "(":
                Node inner = ReadInner(ReadOr);
                Require(")", "to close '('");
                return inner;
            default:
                _at--;
                throw new SyntaxErrorException(token.Position,
                    $"a value is missing before {token.InWords}: a field, a number, a text in quotes, or a function");
        }
    }

    private static IntegerNode ReadSize(Token token)
    {
        int digits = token.Text.AsSpan().IndexOfAnyExceptInRange('0', '9');
        _ = ByteSize.TryGetBytes(token.Text.AsSpan(digits), out long bytes);
        return Int128.TryParse(token.Text.AsSpan(0, digits), NumberStyles.None, CultureInfo.InvariantCulture, out Int128 count)
            && count <= Int128.MaxValue / bytes
            ? new IntegerNode(token.Position, count * bytes)
            : throw new SyntaxErrorException(token.Position,
                $"{token.Text} has more than 128 bits: the largest whole number is {Int128.MaxValue}");
    }

    private CallNode ReadCall(Token name)
    {
        _at++;
        List<Node> arguments = [];
        if (!Take(")"))
        {
            do
            {
                arguments.Add(ReadInner(ReadOr));
            }
            while (Take(","));
            Require(")", $"to close '{name.Text}('");
        }

        return (CallNode)Checked(new CallNode(name.Position, name.Text, arguments));
    }

    private PathNode ReadPath(Token first)
    {
        List<Token> names = [first];
        while (Take("."))
        {
            if (Current.Kind is not (TokenKind.Name or TokenKind.Keyword))
            {
                throw new SyntaxErrorException(Current.Position, $"a name is missing after '.', before {Current.InWords}");
            }

            names.Add(Current);
            _at++;
        }

        return new PathNode(first.Position, names);
    }
}

using System.Globalization;
using System.Numerics;

namespace Estream.Esf.Tests.Expressions;

/// <summary>Creates random expressions whose subexpressions all have valid types.</summary>
internal sealed class TreeMaker(Random random)
{
    private static readonly string[] s_states = ["Closed", "Ajar", "Open"];

    public ExpressionTree Make(int depth) => random.Next(5) switch
    {
        0 => Integer(depth),
        1 => Number(depth),
        2 => Text(depth),
        3 => State(depth),
        _ => Condition(depth),
    };

    private static ExpressionTree Field(string path) => new(path, null) { IsField = true };

    private static ExpressionTree Of(string function, params ExpressionTree[] operands) => new(function, null, operands);

    private T Pick<T>(params T[] all) => all[random.Next(all.Length)];

    private ExpressionTree Integer(int depth)
    {
        if (depth == 0)
        {
            return random.Next(3) == 0 ? IntegerConstant() : Field(Pick("count", "total", "delta", "at", "place.floor"));
        }

        return random.Next(6) switch
        {
            0 => Of("-", Integer(depth - 1)),
            1 => Of("abs", Integer(depth - 1)),
            2 => Of("length", Text(depth - 1)),
            3 => random.Next(2) == 0
                ? Of("??", Integer(depth - 1), Integer(depth - 1))
                : Of("if", Condition(depth - 1), Integer(depth - 1), Integer(depth - 1)),
            4 => Of(Pick("min", "max"), [.. Enumerable.Range(0, random.Next(2, 4)).Select(_ => Integer(depth - 1))]),
            _ => Sum(depth, Integer(depth - 1)),
        };
    }

    // The parser rejects a division by the literal 0.
    private ExpressionTree Sum(int depth, ExpressionTree left)
    {
        ExpressionTree right = Integer(depth - 1);
        return Of(IsZero(right) ? "+" : Pick("+", "-", "*", "/", "%"), left, right);
    }

    private static bool IsZero(ExpressionTree tree) =>
        tree.Constant is BigInteger { IsZero: true } || (tree is { Operator: "-", Operands: [var negated] } && IsZero(negated));

    private ExpressionTree IntegerConstant()
    {
        BigInteger value =
            Pick<BigInteger>(0, 1, 2, 7, -3, random.Next(), 9007199254740993, BigInteger.Pow(2, 126), -BigInteger.Pow(2, 127) + 1);
        return new ExpressionTree(value.ToString(CultureInfo.InvariantCulture), value);
    }

    private ExpressionTree Number(int depth)
    {
        if (depth == 0)
        {
            double value = Pick(0.0, 0.5, 2.5, 1e300, 0.1, 9007199254740992.0, -7.25);
            string text = value.ToString("R", CultureInfo.InvariantCulture);
            return random.Next(3) == 0
                ? new ExpressionTree(text.Contains('.', StringComparison.Ordinal) || text.Contains('E', StringComparison.Ordinal)
                    ? text : text + ".0", value)
                : Field(Pick("warm", "value", "place.inner.x"));
        }

        ExpressionTree other() => random.Next(2) == 0 ? Integer(depth - 1) : Number(depth - 1);
        return random.Next(5) switch
        {
            0 => Of("-", Number(depth - 1)),
            1 => Of("abs", Number(depth - 1)),
            2 => random.Next(2) == 0 ? Of("??", Number(depth - 1), other()) : Of("if", Condition(depth - 1), other(), Number(depth - 1)),
            3 => Of(Pick("min", "max"), other(), Number(depth - 1)),
            _ => Of(Pick("+", "-", "*", "/", "%"), other(), Number(depth - 1)),
        };
    }

    private ExpressionTree Text(int depth) => depth == 0
        ? random.Next(3) == 0 ? TextConstant() : Field(Pick("name", "note", "place.room"))
        : random.Next(3) switch
        {
            0 => Of("??", Text(depth - 1), Text(depth - 1)),
            1 => Of("if", Condition(depth - 1), Text(depth - 1), Text(depth - 1)),
            _ => Text(0),
        };

    private ExpressionTree TextConstant()
    {
        string text = Pick("", "a", "nor", "Türe", "漢", "a\"b\\");
        return new ExpressionTree("\"" + text.Replace("\\", "\\\\", StringComparison.Ordinal)
            .Replace("\"", "\\\"", StringComparison.Ordinal) + "\"", text);
    }

    private ExpressionTree State(int depth) => depth == 0
        ? random.Next(3) == 0 ? StateConstant() : Field("state")
        : random.Next(2) == 0
            ? Of("??", State(depth - 1), State(depth - 1))
            : Of("if", Condition(depth - 1), State(depth - 1), State(depth - 1));

    private ExpressionTree StateConstant()
    {
        int ordinal = random.Next(3);
        return new ExpressionTree("DoorState." + s_states[ordinal], new EnumValue(ordinal));
    }

    private ExpressionTree Condition(int depth)
    {
        if (depth == 0)
        {
            return random.Next(3) == 0 ? new ExpressionTree("true", true) : Field("is_open");
        }

        return random.Next(8) switch
        {
            0 => Of("not", Condition(depth - 1)),
            1 => Of(Pick("and", "or"), Condition(depth - 1), Condition(depth - 1)),
            2 => Of("has", Make(depth - 1)),
            3 => Of("startsWith", Text(depth - 1), Text(depth - 1)),
            4 => Of(Pick("==", "!="), Condition(depth - 1), Condition(depth - 1)),
            5 => In(depth),
            _ => Comparison(depth),
        };
    }

    private ExpressionTree Comparison(int depth)
    {
        string relation = Pick("==", "!=", "<", "<=", ">", ">=");
        return random.Next(5) switch
        {
            0 => Of(relation, Text(depth - 1), Text(depth - 1)),
            1 => Of(relation, State(depth - 1), State(depth - 1)),
            2 => Of(relation, Integer(depth - 1), Number(depth - 1)),
            3 => Of(relation, Number(depth - 1), Integer(depth - 1)),
            _ => Of(relation, Integer(depth - 1), Integer(depth - 1)),
        };
    }

    private ExpressionTree In(int depth)
    {
        int items = random.Next(1, 4);
        return random.Next(4) switch
        {
            3 => Of(Pick("subset of", "not subset of"),
                [Field("counts"),
                    .. Enumerable.Range(0, items)
                    .Select(_ => { int count =
                        random.Next(4); return new ExpressionTree(count.ToString(CultureInfo.InvariantCulture), (BigInteger)count); })]),
            0 => Of(Pick("in", "not in"), [Integer(depth - 1), .. Enumerable.Range(0, items).Select(_ => IntegerConstant())]),
            1 => Of(Pick("in", "not in"), [Text(depth - 1), .. Enumerable.Range(0, items).Select(_ => TextConstant())]),
            _ => Of(Pick("in", "not in"), [State(depth - 1), .. Enumerable.Range(0, items).Select(_ => StateConstant())]),
        };
    }
}

using System.Globalization;
using System.Numerics;
using System.Text;

namespace Estream.Esf.Tests.Expressions;

/// <summary>A value of an enum, by its ordinal.</summary>
internal sealed record EnumValue(int Ordinal);

/// <summary>
/// An expression tree with the semantics of docs/formats/expressions.md, implemented as simply as possible. Values are
/// <see langword="null"/> if absent, <see cref="bool"/>, <see cref="BigInteger"/>, <see cref="double"/>, <see cref="string"/>,
/// arrays of whole numbers, and <see cref="EnumValue"/>.
/// </summary>
/// <param name="Operator">The path of a field, the text of a literal, an operator or a function.</param>
/// <param name="Constant">The value of a literal.</param>
/// <param name="Operands">The operands.</param>
internal sealed record ExpressionTree(string Operator, object? Constant, params ExpressionTree[] Operands)
{
    private const int Primary = 9;

    private static readonly BigInteger s_most = BigInteger.Pow(2, 127) - 1;

    public bool IsField { get; init; }

    private int Tightness => Constant is BigInteger { Sign: < 0 } or double and < 0 ? 8 : Constant is not null || IsField
        ? Primary
        : (Operator, Operands.Length) switch
    {
        ("or", _) => 1,
        ("and", _) => 2,
        ("not", _) => 3,
        ("==" or "!=" or "<" or "<=" or ">" or ">=" or "in" or "not in" or "subset of" or "not subset of", _) => 4,
        ("??", _) => 5,
        ("-", 1) => 8,
        ("+" or "-", _) => 6,
        ("*" or "/" or "%", _) => 7,
        _ => Primary,
    };

    public string Text
    {
        get
        {
            int own = Tightness;
            return own == Primary
                ? Operands.Length == 0 ? Operator : $"{Operator}({string.Join(", ", Operands.Select(operand => operand.Text))})"
                : Operands.Length == 0 ? Operator
                : own switch
                {
                    3 => "not " + Within(0, 3),
                    8 => "-" + Within(0, 8),
                    5 => Within(0, 6) + " ?? " + Within(1, 5),
                    4 when Operator.EndsWith("in", StringComparison.Ordinal) || Operator.EndsWith("of", StringComparison.Ordinal) =>
                        $"{Within(0, 5)} {Operator} [{string.Join(", ", Operands[1..].Select(item => item.Text))}]",
                    4 => $"{Within(0, 5)} {Operator} {Within(1, 5)}",
                    _ => $"{Within(0, own)} {Operator} {Within(1, own + 1)}",
                };
        }
    }

    public object? Evaluate(IReadOnlyDictionary<string, object?> fields)
    {
        if (IsField)
        {
            return fields[Operator];
        }

        if (Constant is not null)
        {
            return Constant;
        }

        object?[] values = [.. Operands.Select(operand => operand.Evaluate(fields))];
        switch (Operator)
        {
            case "and":
                return values.Contains(false) ? false : values.Contains(null) ? null : true;
            case "or":
                return values.Contains(true) ? true : values.Contains(null) ? null : false;
            case "has":
                return values[0] is not null;
            case "??":
                return Alike(values[0] ?? values[1], Operands);
            case "if":
                return values[0] is bool condition ? Alike(values[condition ? 1 : 2], Operands[1..]) : null;
        }

        return values.Contains(null) ? null : Operator switch
        {
            "not" => !(bool)values[0]!,
            "in" => values[1..].Any(item => Compare(values[0]!, item!) == 0),
            "not in" => values[1..].All(item => Compare(values[0]!, item!) != 0),
            "subset of" => ((BigInteger[])values[0]!).All(item => values.Skip(1).Contains(item)),
            "not subset of" => !((BigInteger[])values[0]!).All(item => values.Skip(1).Contains(item)),
            "==" => Compare(values[0]!, values[1]!) == 0,
            "!=" => Compare(values[0]!, values[1]!) != 0,
            "<" => Compare(values[0]!, values[1]!) < 0,
            "<=" => Compare(values[0]!, values[1]!) <= 0,
            ">" => Compare(values[0]!, values[1]!) > 0,
            ">=" => Compare(values[0]!, values[1]!) >= 0,
            "length" => (BigInteger)Encoding.UTF8.GetByteCount((string)values[0]!),
            "startsWith" => ((string)values[0]!).StartsWith((string)values[1]!, StringComparison.Ordinal),
            _ => Number(values!),
        };
    }

    private string Within(int index, int atLeast) =>
        Operands[index].Tightness >= atLeast ? Operands[index].Text : $"({Operands[index].Text})";

    /// <summary>Whether the type of the expression is floating-point number, even if the value is absent in the message.</summary>
    private bool IsNumber => Constant is double || (IsField && Operator is "warm" or "value" or "place.inner.x")
        || (Operator is "+" or "-" or "*" or "/" or "%" or "??" or "abs" or "min" or "max" && Operands.Any(operand => operand.IsNumber))
        || (Operator == "if" && Operands[1..].Any(operand => operand.IsNumber));

    private static object? Alike(object? value, ExpressionTree[] both) =>
        value is BigInteger whole && both.Any(one => one.IsNumber) ? Rounded(whole) : value;

    private object? Number(object[] values)
    {
        if (!IsNumber)
        {
            return Whole([.. values.Cast<BigInteger>()]) is { } whole && whole <= s_most && whole >= -s_most - 1 ? whole : null;
        }

        double[] numbers = [.. values.Select(value => value is BigInteger whole ? Rounded(whole) : (double)value)];
        double result = (Operator, numbers.Length) switch
        {
            ("-", 1) => -numbers[0],
            ("+", _) => numbers[0] + numbers[1],
            ("-", _) => numbers[0] - numbers[1],
            ("*", _) => numbers[0] * numbers[1],
            ("/", _) => numbers[0] / numbers[1],
            ("%", _) => numbers[0] % numbers[1],
            ("abs", _) => Math.Abs(numbers[0]),
            ("min", _) => numbers.Aggregate((a, b) => a <= b ? a : b),
            _ => numbers.Aggregate((a, b) => a >= b ? a : b),
        };
        return double.IsFinite(result) ? result : null;
    }

    private BigInteger? Whole(BigInteger[] values) => (Operator, values.Length) switch
    {
        ("-", 1) => -values[0],
        ("+", _) => values[0] + values[1],
        ("-", _) => values[0] - values[1],
        ("*", _) => values[0] * values[1],
        ("/", _) => values[1].IsZero ? null : BigInteger.Divide(values[0], values[1]),
        ("%", _) => values[1].IsZero ? null : BigInteger.Remainder(values[0], values[1]),
        ("abs", _) => BigInteger.Abs(values[0]),
        ("min", _) => values.Min(),
        _ => values.Max(),
    };

    // The BigInteger conversion truncates; parsing the digits rounds to the nearest.
    private static double Rounded(BigInteger whole) =>
        double.Parse(whole.ToString(CultureInfo.InvariantCulture), CultureInfo.InvariantCulture);

    private static int Compare(object one, object other) => (one, other) switch
    {
        (BigInteger a, BigInteger b) => a.CompareTo(b),
        (BigInteger a, double b) => Compare(a, b),
        (double a, BigInteger b) => -Compare(b, a),
        (double a, double b) => a.CompareTo(b),
        (EnumValue a, EnumValue b) => a.Ordinal.CompareTo(b.Ordinal),
        (bool a, bool b) => a == b ? 0 : 1,
        _ => Encoding.UTF8.GetBytes((string)one).AsSpan().SequenceCompareTo(Encoding.UTF8.GetBytes((string)other)),
    };

    private static int Compare(BigInteger whole, double number)
    {
        BigInteger floor = new(Math.Floor(number));
        return whole > floor ? 1 : whole < floor ? -1 : number > Math.Floor(number) ? -1 : 0;
    }
}

using System.Globalization;
using System.Numerics;
using System.Text;
using Estream.Esf.Expressions;
using Estream.Testing;
using FsCheck;
using FsCheck.Fluent;

namespace Estream.Esf.Tests.Expressions;

/// <summary>
/// The compiled program agrees with an interpreter of expression trees that uses numbers of any size, on random expressions and messages.
/// Each expression is parsed from a text without unnecessary parentheses, so operator precedence is tested too.
/// </summary>
public sealed class ExpressionPropertyTests
{
    [Property(5_000, 300_000, Arbitrary = [typeof(Seeds)])]
    public void Compiled_expression_and_interpreter_agree_on_the_value(int seed)
    {
        Random random = new(seed);
        DoorValues door = DoorValues.Random(random);
        byte[] message = door.Encode();
        ExpressionTree tree = new TreeMaker(random).Make(random.Next(1, 6));
        string text = tree.Text;
        EsfExpression expression = EsfExpression.Compile(text, Doors.Scope);
        object? expected = tree.Evaluate(door.Fields);
        object? actual = Value(expression, message);
        Assert.True(Equals(expected, actual), $"{text} of {door.Json}: {Shown(actual)} and not {Shown(expected)}");
    }

    [Fact]
    public void Random_expressions_yield_every_kind_of_value()
    {
        Dictionary<string, int> seen = [];
        for (int seed = 0; seed < 2_000; seed++)
        {
            Random random = new(seed);
            DoorValues door = DoorValues.Random(random);
            object? value = new TreeMaker(random).Make(random.Next(1, 6)).Evaluate(door.Fields);
            string kind = value?.GetType().Name ?? "absent";
            seen[kind] = seen.GetValueOrDefault(kind) + 1;
        }

        Assert.All(["absent", nameof(Boolean), nameof(BigInteger), nameof(Double), nameof(String), nameof(EnumValue)],
            kind => Assert.True(seen.GetValueOrDefault(kind) > 50, kind));
    }

    private static string Shown(object? value) => value is null
        ? "absent"
        : string.Create(CultureInfo.InvariantCulture, $"{value} ({value.GetType().Name})");

    private static object? Value(EsfExpression expression, byte[] message)
    {
        switch (expression.Kind)
        {
            case EsfValueKind.Boolean:
                return expression.TryGetBoolean(message, out bool condition) ? condition : null;
            case EsfValueKind.Integer:
                return expression.TryGetInteger(message, out Int128 integer) ? (BigInteger)integer : null;
            case EsfValueKind.Enum:
                return expression.TryGetInteger(message, out Int128 ordinal) ? new EnumValue((int)ordinal) : null;
            case EsfValueKind.Number:
                return expression.TryGetNumber(message, out double number) ? number : null;
            default:
                return expression.TryGetBytes(message, out ReadOnlySpan<byte> bytes) ? Encoding.UTF8.GetString(bytes) : null;
        }
    }

    /// <summary>Seeds for an expression and a message.</summary>
    public static class Seeds
    {
        /// <summary>Each seed is equally likely.</summary>
        public static Arbitrary<int> All() => Gen.Choose(0, int.MaxValue - 1).ToArbitrary();
    }
}

using System.Globalization;
using System.Text.RegularExpressions;
using Estream.Esf.Expressions;
using Estream.Esf.Tests.Golden;

namespace Estream.Esf.Tests.Expressions;

/// <summary>
/// Every error in an expression, with its message. In the golden file, <c>&lt;text*12&gt;</c> is a text repeated twelve times, and
/// <c>&lt;U+D83D&gt;</c> is one UTF-16 code unit.
/// </summary>
public sealed partial class ExpressionErrorTests
{
    [Fact]
    public void Every_expression_error_has_its_message() =>
        GoldenCases.AssertSame(GoldenFile.PathOf("Golden", "expression-errors.txt"), (_, input) =>
    {
        string text = Unit()
            .Replace(input.TrimEnd('\n'),
                match => ((char)int.Parse(match.Groups[1].Value, NumberStyles.HexNumber, CultureInfo.InvariantCulture)).ToString());
        text = Repeated()
            .Replace(text,
                match => string.Concat(
                    Enumerable.Repeat(match.Groups[1].Value, int.Parse(match.Groups[2].Value, CultureInfo.InvariantCulture))));
        bool compiled = EsfExpression.TryCompile(text, Doors.Scope, out EsfExpression? expression, out EsfExpressionError? error);
        Assert.Equal(compiled, expression is not null);
        return compiled ? [] : [error!];
    });

    [Fact]
    public void Compile_throws_with_the_error_position_and_the_expression_text()
    {
        EsfExpressionException thrown = Assert.Throws<EsfExpressionException>(() => EsfExpression.Compile("count >\n", Doors.Door));
        Assert.Equal((2, 1), (thrown.Error.Line, thrown.Error.Column));
        Assert.Contains("'count >\n'", thrown.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("1st")]
    [InlineData("and")]
    [InlineData("a-b")]
    [InlineData("value")]
    public void With_throws_for_a_name_that_is_invalid_or_taken(string name)
    {
        ArgumentException thrown = Assert.Throws<ArgumentException>(() => new EsfExpressionScope(Doors.Door).With(name, Doors.Limit));
        Assert.Contains($"'{name}'", thrown.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Getters_throw_for_an_expression_of_another_kind()
    {
        EsfExpression text = EsfExpression.Compile("name", Doors.Door);
        Assert.Throws<InvalidOperationException>(() => text.IsTrue([]));
        Assert.Throws<InvalidOperationException>(() => text.TryGetInteger([], out _));
        Assert.Throws<InvalidOperationException>(() => text.TryGetNumber([], out _));
        Assert.Throws<InvalidOperationException>(() => EsfExpression.Compile("count", Doors.Door).TryGetBytes([], out _));
    }

    [GeneratedRegex("<U\\+([0-9A-F]{4})>")]
    private static partial Regex Unit();

    [GeneratedRegex("<([^<>]+)\\*([0-9]+)>")]
    private static partial Regex Repeated();
}

using System.Text;
using Estream.Marketplace.Tests.Golden;
using Estream.Marketplace.Toml;

namespace Estream.Marketplace.Tests.Toml;

/// <summary>The errors reported for files that are not valid TOML.</summary>
public sealed class TomlErrorTests
{
    [Fact]
    public void Every_TOML_error_has_its_message() =>
        GoldenFile.AssertSame("toml-errors.txt",
            input => TomlReader.Read(Encoding.UTF8.GetBytes(input)).Error is { } error ? [error.ToString()] : []);

    [Theory]
    [InlineData("a = 1 # \u0001", "U+0001", 9)]
    [InlineData("a = \"\u007f\"", "U+007F", 6)]
    [InlineData("a = '''\u0000'''", "U+0000", 8)]
    [InlineData("a = 1\rb = 2", "U+000D", 6)]
    [InlineData("\u000ca = 1", "U+000C", 1)]
    public void Control_character_is_named_in_the_error(string toml, string name, int column)
    {
        TomlError error = TomlReader.Read(Encoding.UTF8.GetBytes(toml)).Error!;
        Assert.Contains("the control character " + name, error.Message, StringComparison.Ordinal);
        Assert.Equal((1, column), (error.Position.Line, error.Position.Column));
    }

    [Theory]
    [InlineData("a\u200b = 1", "U+200B")]
    [InlineData("a =\u00a01", "'U+00A01'")]
    [InlineData("a = 1\u2028", "'1U+2028'")]
    public void Character_that_looks_like_a_blank_is_rejected_by_name(string toml, string name) =>
        Assert.Contains(name, TomlReader.Read(Encoding.UTF8.GetBytes(toml)).Error!.Message, StringComparison.Ordinal);
}

using System.Text;
using Estream.Esf.Schema;
using Estream.Marketplace.Toml;

namespace Estream.Marketplace.Tests.Toml;

/// <summary>Positions, limits, and cases that the conformance suite does not cover.</summary>
public sealed class TomlReaderTests
{
    [Fact]
    public void Keys_and_values_have_their_positions()
    {
        TomlTable root = Read(
            "\ufeff# a comment\r\nname = \"x\"\n  [a.'b c']\n\t'ä'.k = [ 1,\n  { z = 2.5 } ]\n\"é\" = \"\"\"\nü\"\"\" # 😀\n[[items]]\n");
        Assert.Equal(new SourcePosition(2, 1), root.Find("name")!.KeyPosition);
        Assert.Equal(new SourcePosition(2, 8), root.Find("name")!.Value.Position);
        TomlTable a = Assert.IsType<TomlTable>(root.Find("a")!.Value);
        Assert.Equal(new SourcePosition(3, 4), a.Position);
        TomlTable b = Assert.IsType<TomlTable>(a.Find("b c")!.Value);
        Assert.Equal(new SourcePosition(3, 3), b.Position);
        Assert.Equal(new SourcePosition(3, 6), a.Find("b c")!.KeyPosition);
        Assert.Equal(new SourcePosition(8, 1), root.Find("items")!.Value.Position);
        Assert.Equal(new SourcePosition(6, 1), b.Find("é")!.KeyPosition);
        Assert.Equal(new SourcePosition(6, 7), b.Find("é")!.Value.Position);
    }

    [Fact]
    public void A_column_counts_characters_and_not_bytes()
    {
        Assert.Equal(new SourcePosition(1, 18), Mistake("a = [\"äöü\", '😀', x]").Position);
        Assert.Equal(new SourcePosition(2, 9), Mistake("a = 1\n\t'😀' =1 1").Position);
    }

    [Theory]
    [InlineData("a = 0001-01-01T00:00:00.1234567899-00:00", "0001-01-01T00:00:00.123456789Z")]
    [InlineData("a = 2000-02-29 23:59:60.500z", "2000-02-29T23:59:60.500Z")]
    [InlineData("a = 0000-02-29t01:02:03.0400", "0000-02-29T01:02:03.040")]
    [InlineData("a = 00:00:00.000100", "00:00:00.000100")]
    [InlineData("a = 1979-05-27 # a day", "1979-05-27")]
    public void Dates_and_times_are_normalized(string toml, string text) =>
        Assert.Equal(text, Assert.IsType<TomlDateTime>(Read(toml).Find("a")!.Value).Text);

    [Fact]
    public void Line_breaks_in_a_string_become_line_feeds() =>
        Assert.Equal("one\ntwo\n", Assert.IsType<TomlString>(Read("a = '''\r\none\r\ntwo\n'''").Find("a")!.Value).Value);

    [Fact]
    public void File_longer_than_the_limit_is_rejected()
    {
        string start = "a = '";
        string longest = start + new string('x', TomlLimits.MaxBytes - start.Length - 1) + "'";
        Assert.NotNull(Read(longest));
        Assert.Contains("longer than 1048576 bytes", Mistake(longest + " ").Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("a = [", "]")]
    [InlineData("a = {b=", "}")]
    public void Nesting_deeper_than_the_limit_is_rejected(string open, string close)
    {
        int start = open.IndexOf('[', StringComparison.Ordinal) < 0
            ? open.IndexOf('{', StringComparison.Ordinal)
            : open.IndexOf('[', StringComparison.Ordinal);
        string repeated = open[start..];
        string Nested(int times) => open[..start] + string.Concat(Enumerable.Repeat(repeated, times)) + "1" + new string(close[0], times);
        Assert.NotNull(Read(Nested(TomlLimits.MaxDepth)));
        Assert.Contains("deeper than 32", Mistake(Nested(TomlLimits.MaxDepth + 1)).Message, StringComparison.Ordinal);
        Assert.Contains("deeper than 32", Mistake(Nested(100_000)).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Dotted_keys_and_headers_count_towards_the_nesting_limit()
    {
        string Dotted(int parts) => string.Join('.', Enumerable.Repeat("a", parts));
        Assert.NotNull(Read($"[{Dotted(TomlLimits.MaxDepth)}]"));
        Assert.Contains("deeper", Mistake($"[{Dotted(TomlLimits.MaxDepth + 1)}]").Message, StringComparison.Ordinal);
        Assert.Contains("deeper", Mistake($"[{Dotted(20)}]\n{Dotted(20)} = 1").Message, StringComparison.Ordinal);
        Assert.Contains("deeper", Mistake($"[[{Dotted(20)}]]\n[[{Dotted(20)}.{Dotted(12)}]]").Message, StringComparison.Ordinal);
    }

    [Fact]
    public void More_values_than_the_limit_are_rejected()
    {
        string Items(int count) => "a = [" + string.Concat(Enumerable.Repeat("1,", count)) + "]";
        Assert.NotNull(Read(Items(TomlLimits.MaxValues - 1)));
        Assert.Contains("more than 65536", Mistake(Items(TomlLimits.MaxValues)).Message, StringComparison.Ordinal);
        Assert.Contains("more than 65536",
            Mistake(string.Concat(Enumerable.Range(0, TomlLimits.MaxValues + 1).Select(i => $"k{i:x}=1\n"))).Message,
            StringComparison.Ordinal);
    }

    [Fact]
    public void File_with_invalid_UTF_8_is_rejected_with_its_position()
    {
        byte[] bytes = [.. Encoding.UTF8.GetBytes("a = 1\nb = \"ä"), 0xE4, (byte)'"'];
        TomlError error = TomlReader.Read(bytes).Error!;
        Assert.Equal(new SourcePosition(2, 7), error.Position);
        Assert.Contains("0xE4", error.Message, StringComparison.Ordinal);
    }

    private static TomlTable Read(string text)
    {
        TomlReadResult result = TomlReader.Read(Encoding.UTF8.GetBytes(text));
        Assert.True(result.Root is not null, result.Error?.ToString());
        return result.Root;
    }

    private static TomlError Mistake(string text)
    {
        TomlReadResult result = TomlReader.Read(Encoding.UTF8.GetBytes(text));
        Assert.Null(result.Root);
        return result.Error!;
    }
}

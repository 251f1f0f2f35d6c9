using System.Text;
using Estream.Marketplace.Json;
using Estream.Testing;

namespace Estream.Marketplace.Tests.Json;

/// <summary>Compares the canonical form with the published samples of RFC 8785.</summary>
public sealed class CanonicalJsonTests
{
    private static readonly JsonLimits s_limits = new(1 << 20);

    [Theory]
    [InlineData("arrays.json")]
    [InlineData("french.json")]
    [InlineData("unicode.json")]
    [InlineData("weird.json")]
    public void Rfc8785_sample_has_the_published_text(string name)
    {
        Assert.Equal(Sample("output", name), Encoding.UTF8.GetString(CanonicalJson.Write(Read(Sample("input", name)))));
    }

    [Theory]
    [InlineData("structures.json", "56.0", "56", "56")]
    [InlineData("values.json", "[333333333.33333329, 1E30, 4.50, 2e-3, 0.000000000000000000000000001]", "[]",
        "[333333333.3333333,1e+30,4.5,0.002,1e-27]")]
    public void Rfc8785_sample_with_fractions_is_rejected_and_without_them_has_the_published_form(string name, string numbers,
        string without, string published)
    {
        string text = Sample("input", name);
        Assert.False(StrictJsonReader.TryRead(Encoding.UTF8.GetBytes(text), s_limits, out _, out JsonFault? fault));
        int at = Encoding.UTF8.GetByteCount(text[..text.IndexOf(numbers, StringComparison.Ordinal)]) + (numbers[0] == '[' ? 1 : 0);
        Assert.Equal(at, fault.Offset);
        Assert.Contains("whole", fault.Reason, StringComparison.Ordinal);
        string canonical = Encoding.UTF8.GetString(CanonicalJson.Write(Read(text.Replace(numbers, without, StringComparison.Ordinal))));
        Assert.Equal(Sample("output", name).Replace(published, without, StringComparison.Ordinal), canonical);
    }

    [Fact]
    public void Only_required_characters_are_escaped_with_the_shortest_escape()
    {
        string text = string.Concat(Enumerable.Range(0, 0x20).Select(code => (char)code)) + "\"\\/\u007f\u0080\u2028é😂";
        Assert.Equal(
            "\"\\u0000\\u0001\\u0002\\u0003\\u0004\\u0005\\u0006\\u0007\\b\\t\\n\\u000b\\f\\r\\u000e\\u000f"
            + "\\u0010\\u0011\\u0012\\u0013\\u0014\\u0015\\u0016\\u0017\\u0018\\u0019\\u001a\\u001b\\u001c\\u001d\\u001e\\u001f"
            + "\\\"\\\\/\u007f\u0080\u2028é😂\"",
            Encoding.UTF8.GetString(CanonicalJson.Write(text)));
    }

    [Fact]
    public void Names_are_ordered_by_utf16_and_not_by_code_point()
    {
        // In UTF-16, U+1F602 begins with the unit D83D, which sorts before FB33. As a code point, U+1F602 sorts after U+FB33.
        JsonObject names = new() { { "\ufb33", 1 }, { "\U0001F602", 2 }, { "a", 3 }, { "B", 4 }, { string.Empty, 5 } };
        Assert.Equal("{\"\":5,\"B\":4,\"a\":3,\"\U0001F602\":2,\"\ufb33\":1}", Encoding.UTF8.GetString(CanonicalJson.Write(names)));
    }

    [Fact]
    public void Writing_a_lone_surrogate_throws()
    {
        Assert.Throws<ArgumentException>(() => CanonicalJson.Write("\ud800"));
        Assert.Throws<ArgumentException>(() => CanonicalJson.Write(new JsonObject { { "\udc00", 1 } }));
        Assert.Throws<ArgumentOutOfRangeException>(() => CanonicalJson.Write(1L << 53));
        Assert.Equal("[-9007199254740991,9007199254740991]",
            Encoding.UTF8.GetString(CanonicalJson.Write(JsonArray.Of([-JsonInteger.Largest, JsonInteger.Largest]))));
    }

    [Fact]
    public void Written_value_reads_back_equal()
    {
        JsonObject value =
            new() { { "é\n", JsonArray.Of([1L, true, "x\u0001", JsonNull.Instance, new JsonObject()]) }, { "z", new JsonArray() } };
        byte[] written = CanonicalJson.Write(value);
        Assert.True(StrictJsonReader.TryReadCanonical(written, s_limits, out JsonValue? again, out _));
        Assert.Equal(value, again);
    }

    private static JsonValue Read(string text)
    {
        Assert.True(StrictJsonReader.TryRead(Encoding.UTF8.GetBytes(text), s_limits, out JsonValue? value, out JsonFault? fault),
            fault?.ToString());
        return value!;
    }

    private static string Sample(string folder, string name) =>
        File.ReadAllText(RepositoryRoot.Combine("tests", "Estream.Marketplace.Tests", "Vectors", "jcs", folder, name)).TrimEnd('\n');
}

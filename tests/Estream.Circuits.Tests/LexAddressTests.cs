using Estream.Testing;
using FsCheck;
using FsCheck.Fluent;

namespace Estream.Circuits.Tests;

/// <summary>Addresses of circuits and streams: each has one canonical text, and other texts are not addresses.</summary>
public sealed class LexAddressTests
{
    [Theory]
    [InlineData("", "it does not begin with 'lex://'")]
    [InlineData("LEX://acme/a", "it does not begin with 'lex://'")]
    [InlineData("http://acme/a", "it does not begin with 'lex://'")]
    [InlineData("lex://", "the authority after the scheme must consist of lower-case letters")]
    [InlineData("lex:///a", "the authority after the scheme must consist of lower-case letters")]
    [InlineData("lex://Acme/a", "the authority after the scheme must consist of lower-case letters")]
    [InlineData("lex://-acme/a", "the authority after the scheme must consist of lower-case letters")]
    [InlineData("lex://acme./a", "the authority after the scheme must consist of lower-case letters")]
    [InlineData("lex://user@acme/a", "the authority after the scheme must consist of lower-case letters")]
    [InlineData("lex://acme:80/a", "the authority after the scheme must consist of lower-case letters")]
    [InlineData("lex://acme", "it has no path")]
    [InlineData("lex://acme/", "it has no path")]
    [InlineData("lex://acme/a/", "it has two adjacent slashes, or a slash at the end")]
    [InlineData("lex://acme//a", "it has two adjacent slashes")]
    [InlineData("lex://acme/a/../b", "'..' is not allowed as a path segment")]
    [InlineData("lex://acme/{device}", "'{device}' contains one of { } * ? #")]
    [InlineData("lex://acme/a?b=c", "'a?b=c' contains one of { } * ? #")]
    [InlineData("lex://acme/**", "'**' contains one of")]
    [InlineData("lex://acme/a%2", "in 'a%2' a '%' is not followed by two hexadecimal digits")]
    public void An_invalid_address_reports_the_reason(string text, string expected)
    {
        Assert.False(LexAddress.TryParse(text, out LexAddress? address, out string? reason));
        Assert.Null(address);
        Assert.StartsWith(expected, reason, StringComparison.Ordinal);
        Assert.Throws<FormatException>(() => LexAddress.Parse(text));
    }

    [Fact]
    public void The_length_limit_of_an_address_applies_before_and_after_encoding()
    {
        string longest = "lex://acme/" + new string('a', LexAddress.MaxLength - 11);
        Assert.Equal(longest, LexAddress.Parse(longest).ToString());
        Assert.False(LexAddress.TryParse(longest + "a", out _, out string? tooLong));
        Assert.Equal("it has 1025 characters, and an address has at most 1024", tooLong);
        Assert.False(LexAddress.TryParse("lex://acme/" + new string('ü', 400), out _, out string? encoded));
        Assert.Equal("it has more than 1024 characters when percent-encoded", encoded);
        Assert.Throws<ArgumentException>(() => LexAddress.Parse(longest).Below("a"));
        Assert.Throws<ArgumentException>(() => LexAddress.Parse("lex://acme/a").Below(""));
    }

    [Theory]
    [InlineData("lex://acme/boilers/hot", "lex://acme/boilers/hot")]
    [InlineData("lex://plant-7.acme/a/b~c", "lex://plant-7.acme/a/b~c")]
    [InlineData("lex://acme/%41%7e", "lex://acme/A~")]
    [InlineData("lex://acme/roof ü", "lex://acme/roof%20%C3%BC")]
    [InlineData("lex://acme/a%2fb", "lex://acme/a%2Fb")]
    [InlineData("lex://acme/%2A", "lex://acme/%2A")]
    public void An_address_has_one_canonical_text(string text, string canonical)
    {
        LexAddress address = LexAddress.Parse(text);
        Assert.Equal(canonical, address.ToString());
        Assert.Equal(LexAddress.Parse(canonical), address);
        Assert.Equal(LexAddress.Parse(canonical).GetHashCode(), address.GetHashCode());
        Assert.Equal(canonical, $"lex://{address.Authority}{address.Path}");
    }

    [Property(100, Arbitrary = [typeof(Texts)])]
    public void TryParse_returns_a_reparsable_address_or_a_reason_for_any_text(string text)
    {
        if (LexAddress.TryParse(text, out LexAddress? address, out string? reason))
        {
            Assert.Null(reason);
            Assert.InRange(address.ToString().Length, 0, LexAddress.MaxLength);
            Assert.Equal(address, LexAddress.Parse(address.ToString()));
        }
        else
        {
            Assert.NotEmpty(reason);
        }
    }

    [Property(100, Arbitrary = [typeof(Texts)])]
    public void Below_encodes_any_text_as_a_distinct_segment(Segment one, Segment other)
    {
        LexAddress above = LexAddress.Parse("lex://acme/a");
        LexAddress address = above.Below(one.Text);
        Assert.Equal(one.Text == other.Text, address.Equals(above.Below(other.Text)));
        Assert.True(address.IsAtOrBelow(above, out string rest));
        Assert.Equal(address, LexAddress.Parse(above + rest));
    }

    [Theory]
    [InlineData("acme.boiler.hot.v1", "lex://acme/boiler/hot/v1")]
    [InlineData("acme_two.hot_water.v12", "lex://acme-two/hot_water/v12")]
    public void OfName_derives_the_address_of_a_name(string name, string expected) =>
        Assert.Equal(expected, LexAddress.OfName(name).ToString());

    [Theory]
    [InlineData("")]
    [InlineData("acme")]
    [InlineData("Acme.v1")]
    public void OfName_throws_for_an_invalid_name(string name) => Assert.Throws<ArgumentException>(() => LexAddress.OfName(name));

    [Theory]
    [InlineData("lex://acme/a/b", "lex://acme/a", true, "/b")]
    [InlineData("lex://acme/a", "lex://acme/a", true, "")]
    [InlineData("lex://acme/ab", "lex://acme/a", false, "")]
    [InlineData("lex://acme/a", "lex://acme/a/b", false, "")]
    [InlineData("lex://other/a/b", "lex://acme/a", false, "")]
    public void IsAtOrBelow_returns_the_remaining_path(string address, string other, bool isBelow, string rest)
    {
        Assert.Equal(isBelow, LexAddress.Parse(address).IsAtOrBelow(LexAddress.Parse(other), out string found));
        Assert.Equal(rest, found);
    }

    /// <summary>Text for a segment.</summary>
    public readonly record struct Segment(string Text);

    /// <summary>Texts that resemble addresses, and texts for segments.</summary>
    public static class Texts
    {
        /// <summary>Any text, any text after a scheme and authority, and pieces of addresses.</summary>
        public static Arbitrary<string> Any() =>
            Gen.OneOf(
                ArbMap.Default.GeneratorFor<string>().Where(text => text is not null),
                ArbMap.Default.GeneratorFor<NonNull<string>>().Select(text => "lex://acme/" + text.Get),
                Gen.Elements("lex://", "a", "/", ".", "%", "%2", "41", "ü", "-", "{", "*", "acme").ArrayOf().Select(string.Concat))
                .ToArbitrary();

        /// <summary>Up to 49 characters without surrogates.</summary>
        public static Arbitrary<Segment> Segments() =>
            ArbMap.Default.GeneratorFor<NonEmptyString>()
                .Where(text => text.Get.Length < 50 && !text.Get.Any(char.IsSurrogate))
                .Select(text => new Segment(text.Get)).ToArbitrary();
    }
}

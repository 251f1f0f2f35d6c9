using System.Collections.Concurrent;
using System.Globalization;
using System.Text;
using System.Text.RegularExpressions;
using Estream.Testing;
using Estream.Wire.Iso20022.Schema;

namespace Estream.Wire.Iso20022.Tests.Schema;

/// <summary>Every pattern of the schemas matches the same texts as a .NET regular expression; patterns that need backtracking are refused
/// when they are parsed.</summary>
public sealed class TextPatternTests
{
    private const string Alphabet = "AZaz0129bf4-+()CH";

    private static readonly ConcurrentDictionary<string, char[]> s_fitting = new(StringComparer.Ordinal);

    /// <summary>All patterns of the built-in schemas.</summary>
    public static TheoryData<string> Known =>
    [
        "[A-Z]{3,3}",
        "[A-Z0-9]{4,4}[A-Z]{2,2}[A-Z0-9]{2,2}([A-Z0-9]{3,3}){0,1}",
        @"\+[0-9]{1,3}-[0-9()+\-]{1,30}",
        "[A-Z]{2,2}",
        "[A-Z]{2,2}[0-9]{2,2}[a-zA-Z0-9]{1,30}",
        "[0-9]{1,15}",
        "[a-zA-Z0-9]{4}",
        "[A-Z0-9]{18,18}[0-9]{2,2}",
        "[a-f0-9]{8}-[a-f0-9]{4}-4[a-f0-9]{3}-[89ab][a-f0-9]{3}-[a-f0-9]{12}",
        @"[\+]{0,1}[0-9]{1,15}",
        "[A-Z]{6,6}[A-Z2-9][A-NP-Z0-9]([A-Z0-9]{3,3}){0,1}",
        "[0-9]{8,28}",
        "[0-9]{3,4}",
        "[0-9]",
        "[+]{0,1}[0-9]{1,15}",
    ];

    [Theory]
    [MemberData(nameof(Known))]
    public void A_pattern_matches_like_a_regular_expression(string pattern)
    {
        TextPattern own = TextPattern.Parse(pattern);
        Regex judge = new($"^(?:{pattern})$", RegexOptions.CultureInvariant | RegexOptions.NonBacktracking);
        Random random = new(20260707);
        int matched = 0;
        for (int number = 0; number < LongRun.Count(5_000, 500_000); number++)
        {
            string text = Text(pattern, random);
            bool isMatch = judge.IsMatch(text) && !text.EndsWith('\n');
            Assert.True(isMatch == own.IsMatch(Encoding.UTF8.GetBytes(text)), $"'{text}' of {pattern}");
            matched += isMatch ? 1 : 0;
        }

        Assert.True(matched > 100, $"only {matched} texts were of {pattern}");
    }

    [Fact]
    public void Non_Ascii_text_matches_no_pattern()
    {
        Assert.False(TextPattern.Parse("[A-Z]{1,9}").IsMatch(Encoding.UTF8.GetBytes("Ä")));
        Assert.False(TextPattern.Parse("[0-9]{1,9}").IsMatch(Encoding.UTF8.GetBytes("٣")));
        Assert.False(TextPattern.Parse("[0-9]{1,9}").IsMatch(default));
    }

    [Theory]
    [InlineData("[0-9]{1,3}[0-9]")]
    [InlineData("[0-9]{1,3}[a-z]{0,1}[0-9]")]
    [InlineData("[0-9]{1,3}([0-9]{3}){0,1}")]
    [InlineData("a|b")]
    [InlineData("a+")]
    [InlineData("a*")]
    [InlineData("a?")]
    [InlineData(".")]
    [InlineData("(ab)")]
    [InlineData("(ab){0,1}c")]
    [InlineData("(ab){0,2}")]
    [InlineData("((ab){0,1}){0,1}")]
    [InlineData("(){0,1}")]
    [InlineData("[^a]")]
    [InlineData("[a-z-[b]]")]
    [InlineData("[z-a]")]
    [InlineData("[]")]
    [InlineData("[a")]
    [InlineData("a{2")]
    [InlineData("a{}")]
    [InlineData("a{,2}")]
    [InlineData("a{2,1}")]
    [InlineData("a{0}")]
    [InlineData("a{1,2,3}")]
    [InlineData(@"\d")]
    [InlineData(@"\p{L}")]
    [InlineData(@"a\")]
    [InlineData("ä")]
    public void A_pattern_that_needs_backtracking_is_refused(string pattern)
    {
        FormatException refused = Assert.Throws<FormatException>(() => TextPattern.Parse(pattern));
        Assert.Contains($"'{pattern}'", refused.Message, StringComparison.Ordinal);
    }

    // Returns a text generated from the pattern, which is damaged now and then.
    private static string Text(string pattern, Random random)
    {
        const string Optional = "){0,1}";
        string shape = !pattern.EndsWith(Optional, StringComparison.Ordinal) ? pattern
            : random.Next(2) == 0 ? pattern[..pattern.LastIndexOf('(')]
            : pattern[..^Optional.Length].Replace("(", "", StringComparison.Ordinal);
        StringBuilder text = new();
        foreach (Match part in Regex.Matches(shape, @"(?<class>\[[^\]]+\]|\\?[^\[\](){}])(\{(?<min>\d+)(,(?<max>\d+))?\})?"))
        {
            int min = part.Groups["min"].Success ? int.Parse(part.Groups["min"].Value, CultureInfo.InvariantCulture) : 1;
            int max = part.Groups["max"].Success ? int.Parse(part.Groups["max"].Value, CultureInfo.InvariantCulture) : min;
            char[] fitting = Fitting(part.Groups["class"].Value);
            for (int count = random.Next(min, max + 1); count > 0; count--)
            {
                text.Append(fitting[random.Next(fitting.Length)]);
            }
        }

        for (int faults = Math.Max(0, random.Next(5) - 2); faults > 0; faults--)
        {
            int place = random.Next(text.Length + 1);
            _ = random.Next(2) == 0 || place == text.Length
                ? text.Insert(place, Alphabet[random.Next(Alphabet.Length)])
                : text.Remove(place, 1);
        }

        return text.ToString();
    }

    private static char[] Fitting(string characters) =>
        s_fitting.GetOrAdd(characters,
            known => [.. Enumerable.Range(0x20, 0x5F).Select(value => (char)value)
                .Where(value => Regex.IsMatch(value.ToString(), $"^{known}$"))]);
}

using System.Text;
using System.Text.RegularExpressions;
using Estream.Marketplace.Manifests;
using Estream.Testing;

namespace Estream.Marketplace.Tests.Manifests;

/// <summary>A theme sets known colors only, with enough contrast.</summary>
public sealed partial class ThemeStylesheetTests
{
    [Theory]
    [InlineData("", 1, "one block ':root { --token: value; }'")]
    [InlineData("body { color: red }", 1, "one block")]
    [InlineData(":root {\n  --ink: #000;\n", 3, "'--token: value;' or '}' is expected")]
    [InlineData(":root {\n  color-scheme: dark;\n}", 2, "'--token: value;' or '}' is expected")]
    [InlineData(":root { --ink: #000 }\n@import url(//evil.example);", 2, "only comments may follow")]
    [InlineData(":root {\n\n  --text: #000;\n}", 3, "'--text' is not a token of the console. Use one of: --ground,")]
    [InlineData(":root {\n  --ink: #000;\n  --ink: #111;\n}", 3, "'--ink' is set twice")]
    [InlineData(":root {\n  --ink: red;\n}", 2, "'red' is not a color")]
    [InlineData(":root {\n  --ink: #00000000;\n}", 2, "is not a color")]
    [InlineData(":root {\n  --ink: url(https://evil.example/x);\n}", 2, "is not a color")]
    [InlineData(":root {\n  --ink: var(--accent);\n}", 2, "is not a color")]
    [InlineData(":root {\n  --ink: light-dark(#000, var(--x));\n}", 2, "is not a color")]
    [InlineData(":root {\n /* open \n --ink: #000;\n}", 2, "'--token: value;' or '}' is expected")]
    public void A_stylesheet_with_other_content_is_refused(string css, int line, string message)
    {
        ThemeStylesheet read = Read(css, "light");
        ThemeFinding found = Assert.Single(read.Findings);
        Assert.Equal(line, found.Line);
        Assert.Contains(message, found.Message, StringComparison.Ordinal);
        Assert.Empty(read.Tokens);
    }

    [Fact]
    public void A_color_with_too_little_contrast_is_refused_in_the_declared_mode_only()
    {
        const string Css = ":root {\n  --accent: light-dark(#b5893c, #c3f05a);\n}";
        Assert.Empty(Read(Css, "dark").Findings);
        ThemeStylesheet light = Read(Css, "light", "dark");
        Assert.All(light.Findings, found => Assert.StartsWith("in mode light, the contrast of --accent #b5893c to ", found.Message,
            StringComparison.Ordinal));
        Assert.Contains(light.Findings, found => found.Line == 2
            && found.Message.EndsWith("--raised #ffffff is 3.18, and at least 4.5 is needed", StringComparison.Ordinal));
    }

    [Fact]
    public void A_background_is_checked_against_the_default_colors()
    {
        ThemeStylesheet read = Read(":root { --raised: #777 }", "light");
        Assert.Contains(read.Findings, found =>
            found.Message.Contains("--ink-soft #545f59 to --raised #777777", StringComparison.Ordinal));
    }

    [Fact]
    public void A_stylesheet_that_is_too_long_or_not_UTF8_is_refused()
    {
        Assert.Contains("more than 65536 bytes", Read(new string(' ', ThemeStylesheet.MaxBytes + 1), "dark").Findings[0].Message,
            StringComparison.Ordinal);
        Assert.Equal("the stylesheet is not UTF-8", Assert.Single(ThemeStylesheet.Read([0xFF], ["dark"]).Findings).Message);
    }

    [Fact]
    public void The_number_of_findings_is_limited() =>
        Assert.Equal(64, Read($":root {{ {string.Concat(Enumerable.Range(0, 1_000).Select(i => $"--x{i}: #000;\n"))} }}").Findings.Count);

    [Fact]
    public void Tokens_have_full_lower_case_colors()
    {
        ThemeStylesheet read = Read("/* a theme */\n:root {\n  --ink: #FFF; /* white */\n  --accent:light-dark( #3A6100 ,#c3f05a )\n}\n",
            "dark");
        Assert.Empty(read.Findings);
        Assert.Equal(
            new Dictionary<string, string> { ["--ink"] = "#ffffff", ["--accent"] = "light-dark(#3a6100, #c3f05a)" }, read.Tokens);
    }

    [Fact]
    public void Defaults_are_the_colors_of_the_console()
    {
        string css = File.ReadAllText(RepositoryRoot.Combine("console", "src", "styles", "tokens.css"));
        string root = css[..css.IndexOf('}', StringComparison.Ordinal)];
        Assert.Equal(
            Color().Matches(root).ToDictionary(color => color.Groups["token"].Value, color => color.Groups["value"].Value),
            ThemeStylesheet.Defaults);
        Assert.Empty(Read($":root {{ {string.Concat(ThemeStylesheet.Defaults.Select(one => $"{one.Key}: {one.Value};"))} }}", "light",
            "dark").Findings);
    }

    private static ThemeStylesheet Read(string css, params string[] modes) => ThemeStylesheet.Read(Encoding.UTF8.GetBytes(css), modes);

    [GeneratedRegex(@"(?<token>--[a-z-]+): (?<value>light-dark\(#[0-9a-f]{6}, #[0-9a-f]{6}\));")]
    private static partial Regex Color();
}

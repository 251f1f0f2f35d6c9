using Estream.Marketplace.Manifests;

namespace Estream.Marketplace.Tests.Manifests;

/// <summary>The files that an include pattern matches.</summary>
public sealed class IncludePatternTests
{
    [Theory]
    [InlineData("a.txt", "a.txt", true)]
    [InlineData("a.txt", "A.txt", false)]
    [InlineData("a.txt", "b/a.txt", false)]
    [InlineData("*.txt", "a.txt", true)]
    [InlineData("*.txt", ".txt", false)]
    [InlineData("*.txt", "a.txt.old", false)]
    [InlineData("*.txt", "b/a.txt", false)]
    [InlineData("a*b*c", "a1b2c", true)]
    [InlineData("a*b*c", "abbbcbc", true)]
    [InlineData("a*b*c", "abbbcb", false)]
    [InlineData("*/*", "a/b", true)]
    [InlineData("*/*", "a/b/c", false)]
    [InlineData("**/*.svg", "a.svg", true)]
    [InlineData("**/*.svg", "a/b/c.svg", true)]
    [InlineData("**/*.svg", "a/b/c.png", false)]
    [InlineData("a/**/b", "a/b", true)]
    [InlineData("a/**/b", "a/x/b/y/b", true)]
    [InlineData("a/**/b", "a/x/b/y", false)]
    [InlineData("a/**", "a/x/y", true)]
    [InlineData("a/**", "b/x", false)]
    [InlineData("**", ".env", false)]
    [InlineData("*", ".env", false)]
    [InlineData(".env", ".env", true)]
    [InlineData(".*", ".env", true)]
    [InlineData("**", "a/.git/config", false)]
    [InlineData("**/.git/**", "a/.git/config", true)]
    [InlineData("**/.git/**", "a/.git/b/.git/c", false)]
    public void Include_pattern_matches_as_documented(string pattern, string path, bool isMatch) =>
        Assert.Equal(isMatch, new IncludePattern("assets", pattern, default).Matches(path));

    [Fact]
    public void Include_pattern_with_many_wildcards_stays_fast() =>
        Assert.False(new IncludePattern("assets", string.Concat(Enumerable.Repeat("*a", 60)) + "b", default).Matches(new string('a', 250)));
}

using Estream.Esf.Schema;

namespace Estream.Marketplace.Tests.Versions;

/// <summary>Ranges as people write them.</summary>
public sealed class VersionRangeTests
{
    [Theory]
    [InlineData("^1.2", "1.2.0 1.2.9 1.99.0", "1.1.9 2.0.0 2.0.0-rc.1 1.3.0-rc.1")]
    [InlineData("^1", "1.0.0 1.2.3", "0.9.9 2.0.0")]
    [InlineData("^1.2.3", "1.2.3 1.9.0", "1.2.2 2.0.0")]
    [InlineData("^0.2.3", "0.2.3 0.2.9", "0.2.2 0.3.0 1.0.0")]
    [InlineData("^0.0.3", "0.0.3", "0.0.2 0.0.4")]
    [InlineData("^0.0", "0.0.0 0.0.9", "0.1.0")]
    [InlineData("^0", "0.0.0 0.9.9", "1.0.0")]
    [InlineData("~1.2.3", "1.2.3 1.2.9", "1.2.2 1.3.0")]
    [InlineData("~1.2", "1.2.0 1.2.9", "1.3.0")]
    [InlineData("~1", "1.0.0 1.9.9", "2.0.0")]
    [InlineData(">=1.2 <3", "1.2.0 2.9.9", "1.1.9 3.0.0 3.0.0-rc.1")]
    [InlineData(">1.2 <=2.1", "1.3.0 2.1.9", "1.2.9 2.2.0")]
    [InlineData(">1.2.0 <=2.1.0", "1.2.1 2.1.0", "1.2.0 2.1.1")]
    [InlineData(">1", "2.0.0", "1.9.9")]
    [InlineData("<=1", "1.9.9 0.0.0", "2.0.0")]
    [InlineData("1.2.3", "1.2.3 1.2.3+build", "1.2.2 1.2.4 1.2.3-rc.1")]
    [InlineData("=1.2", "1.2.0 1.2.9", "1.3.0 1.1.9")]
    [InlineData("*", "0.0.0 99.0.0", "1.0.0-rc.1")]
    [InlineData("^1.2 || ^3", "1.2.0 3.1.0", "2.0.0 4.0.0")]
    [InlineData("^1.2||^3", "1.2.0 3.1.0", "2.0.0 4.0.0")]
    [InlineData("  ^1.2   <1.9 ", "1.2.0 1.8.0", "1.9.0")]
    [InlineData("^1.2.0-rc.1", "1.2.0-rc.1 1.2.0-rc.2 1.2.0 1.3.0", "1.2.0-beta 1.3.0-rc.1 2.0.0-rc.1")]
    [InlineData("1.0.0-rc.1", "1.0.0-rc.1", "1.0.0 1.0.0-rc.2 1.0.0-rc.1.0")]
    [InlineData(">1.0.0-rc.1", "1.0.0-rc.2 1.0.0-rc.1.0 1.0.0 2.0.0", "1.0.0-rc.1 2.0.0-rc.1")]
    [InlineData("<2.0.0-rc.1", "1.0.0 2.0.0-beta", "2.0.0 2.0.0-rc.1 1.0.0-beta")]
    [InlineData("~1.2.3-a || 1.2.3-b.1", "1.2.3-a 1.2.3-c 1.2.9", "1.2.4-a 1.2.3-0")]
    public void A_range_holds_what_it_says(string range, string inside, string outside)
    {
        VersionRange read = VersionRange.Parse(range);
        Assert.All(inside.Split(' '), version => Assert.True(read.Contains(SemanticVersion.Parse(version)), version));
        Assert.All(outside.Split(' '), version => Assert.False(read.Contains(SemanticVersion.Parse(version)), version));
        Assert.Equal(range.Trim(), read.ToString());
    }

    [Theory]
    [InlineData(null, 0, "missing")]
    [InlineData("", 0, "write *")]
    [InlineData("^", 1, "immediately after ^")]
    [InlineData(">= 1.0", 2, "immediately after >=")]
    [InlineData("^x", 1, "* cannot be combined")]
    [InlineData("1.x", 2, "number")]
    [InlineData("^1 ||", 5, "write *")]
    [InlineData("||", 0, "write *")]
    [InlineData("^1 | ^2", 3, "||")]
    [InlineData("^^1", 1, "number")]
    [InlineData("1 - 2", 2, ">=1.2.0 <=2.0.0")]
    [InlineData("1.2.3.4", 5, "at most three")]
    [InlineData("^1.2.3+b", 8, "build metadata")]
    [InlineData("* ^1", 2, "||")]
    [InlineData("^1,^2", 2, "space")]
    [InlineData("^1000000000", 1, "999999999")]
    [InlineData(">2 <1", 5, "no version satisfies")]
    [InlineData("latest", 0, "number")]
    public void What_is_no_range_says_where_and_why(string? text, int offset, string reason)
    {
        Assert.False(VersionRange.TryParse(text, out VersionRange? range, out ParseFault? fault));
        Assert.Null(range);
        Assert.Equal(offset, fault.Offset);
        Assert.Contains(reason, fault.Reason, StringComparison.Ordinal);
    }

    [Fact]
    public void A_range_has_an_end()
    {
        string longest = string.Join(" || ", Enumerable.Repeat("^1.0.0", 25)) + " || ^1";
        Assert.True(longest.Length <= VersionRange.MaxLength && VersionRange.TryParse(longest, out _, out _));
        Assert.False(VersionRange.TryParse(longest.PadRight(VersionRange.MaxLength + 1), out _, out ParseFault? fault));
        Assert.Equal(VersionRange.MaxLength, fault!.Offset);
    }

    [Theory]
    [InlineData("^1.2.3", ">=1.2.3 <2")]
    [InlineData(">=0", "*")]
    [InlineData(">1.2.3 <2", ">=1.2.4 <2")]
    [InlineData("<1 || >=1", "*")]
    [InlineData("^1.2.0-rc.1", ">=1.2.0-rc.1 <2.0.0")]
    [InlineData("^1 || ^1.2 || 1.5.0", "^1")]
    public void The_same_versions_are_the_same_range_however_written(string a, string b)
    {
        Assert.Equal(VersionRange.Parse(a), VersionRange.Parse(b));
        Assert.Equal(VersionRange.Parse(a).GetHashCode(), VersionRange.Parse(b).GetHashCode());
    }

    [Fact]
    public void All_pre_releases_come_when_asked_for_but_those_of_the_upper_bound()
    {
        VersionRange asked = VersionRange.Parse("^1.2").WithPreReleases();
        Assert.All(["1.2.0", "1.3.0-rc.1", "1.99.0"], version => Assert.True(asked.Contains(SemanticVersion.Parse(version)), version));
        Assert.All(["1.2.0-rc.1", "2.0.0-rc.1", "2.0.0-0"],
            version => Assert.False(asked.Contains(SemanticVersion.Parse(version)), version));
        Assert.Equal(VersionRange.All, VersionRange.AnyRelease.WithPreReleases());
    }

    [Theory]
    [InlineData("^1", "^1.5", ">=1.0.0 <1.5.0")]
    [InlineData("*", "^1", "<1.0.0 || >=2.0.0")]
    [InlineData("<=1.0.0", "<1.0.0", "1.0.0")]
    [InlineData("^1", "*", "no version")]
    [InlineData("1.0.0-a", "^2", "pre-releases 1.0.0-a")]
    public void What_is_left_is_said_as_bounds(string from, string taken, string left) =>
        Assert.Equal(left, VersionRange.Parse(from).Except(VersionRange.Parse(taken)).ToString());
}

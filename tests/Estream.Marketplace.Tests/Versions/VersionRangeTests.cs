using Estream.Esf.Schema;

namespace Estream.Marketplace.Tests.Versions;

/// <summary>Version ranges as users write them.</summary>
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
    public void Range_contains_the_versions_it_describes(string range, string inside, string outside)
    {
        VersionRange read = VersionRange.Parse(range);
        Assert.All(inside.Split(' '), version => Assert.True(read.Contains(SemanticVersion.Parse(version)), version));
        Assert.All(outside.Split(' '), version => Assert.False(read.Contains(SemanticVersion.Parse(version)), version));
        Assert.Equal(range.Trim(), read.ToString());
    }

    [Theory]
    [InlineData(null, 0, "missing")]
    [InlineData("", 0, "write *")]
    [InlineData("^", 1, "right behind ^")]
    [InlineData(">= 1.0", 2, "right behind >=")]
    [InlineData("^x", 1, "* stands alone")]
    [InlineData("1.x", 2, "number")]
    [InlineData("^1 ||", 5, "write *")]
    [InlineData("||", 0, "write *")]
    [InlineData("^1 | ^2", 3, "||")]
    [InlineData("^^1", 1, "number")]
    [InlineData("1 - 2", 2, ">=1.2.0 <=2.0.0")]
    [InlineData("1.2.3.4", 5, "at most three")]
    [InlineData("^1.2.3+b", 8, "build metadata")]
    [InlineData("* ^1", 2, "||")]
    [InlineData("^1,^2", 2, "blank")]
    [InlineData("^1000000000", 1, "999999999")]
    [InlineData(">2 <1", 5, "nothing between")]
    [InlineData("latest", 0, "number")]
    public void Invalid_range_has_position_and_reason(string? text, int offset, string reason)
    {
        Assert.False(VersionRange.TryParse(text, out VersionRange? range, out ParseFault? fault));
        Assert.Null(range);
        Assert.Equal(offset, fault.Offset);
        Assert.Contains(reason, fault.Reason, StringComparison.Ordinal);
    }

    [Fact]
    public void Range_longer_than_the_limit_is_rejected()
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
    public void Equivalent_ranges_are_equal(string a, string b)
    {
        Assert.Equal(VersionRange.Parse(a), VersionRange.Parse(b));
        Assert.Equal(VersionRange.Parse(a).GetHashCode(), VersionRange.Parse(b).GetHashCode());
    }

    [Fact]
    public void WithPreReleases_includes_pre_releases_except_of_the_upper_bound()
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
    public void Difference_of_ranges_is_written_as_bounds(string from, string taken, string left) =>
        Assert.Equal(left, VersionRange.Parse(from).Except(VersionRange.Parse(taken)).ToString());
}

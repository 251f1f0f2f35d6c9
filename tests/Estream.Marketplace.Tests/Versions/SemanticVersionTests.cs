using Estream.Esf.Schema;

namespace Estream.Marketplace.Tests.Versions;

/// <summary>Semantic Versioning 2.0.0: its grammar, its order and its own examples.</summary>
public sealed class SemanticVersionTests
{
    // Ascending according to clause 11 of the standard, with its examples.
    private static readonly string[] s_ascending =
    [
        "0.0.0-0", "0.0.0", "0.0.1", "0.9.0", "1.0.0-0", "1.0.0-9", "1.0.0-10", "1.0.0-99999999999999999999", "1.0.0-100000000000000000000",
        "1.0.0--", "1.0.0-A", "1.0.0-a", "1.0.0-a.0", "1.0.0-a.b", "1.0.0-alpha", "1.0.0-alpha.1", "1.0.0-alpha.beta", "1.0.0-beta",
        "1.0.0-beta.2", "1.0.0-beta.11",
        "1.0.0-rc.1", "1.0.0", "1.0.1", "1.9.0", "1.10.0", "1.11.0", "2.0.0", "2.1.0", "2.1.1", "999999999.999999999.999999999",
    ];

    [Fact]
    public void Versions_are_ordered_as_SemVer_defines()
    {
        for (int i = 0; i < s_ascending.Length; i++)
        {
            for (int j = 0; j < s_ascending.Length; j++)
            {
                (SemanticVersion a, SemanticVersion b) = (SemanticVersion.Parse(s_ascending[i]), SemanticVersion.Parse(s_ascending[j]));
                Assert.True(Math.Sign(i.CompareTo(j)) == Math.Sign(a.CompareTo(b)), $"{a} and {b}");
                Assert.Equal((i < j, i <= j, i > j, i >= j, i == j), (a < b, a <= b, a > b, a >= b, a == b));
            }
        }
    }

    [Theory]
    [InlineData("1.0.0-alpha+001", "alpha", "001")]
    [InlineData("1.0.0+20130313144700", "", "20130313144700")]
    [InlineData("1.0.0-beta+exp.sha.5114f85", "beta", "exp.sha.5114f85")]
    [InlineData("1.0.0+21AF26D3---117B344092BD", "", "21AF26D3---117B344092BD")]
    [InlineData("1.0.0-x.7.z.92", "x.7.z.92", "")]
    [InlineData("1.0.0-x-y-z.--", "x-y-z.--", "")]
    [InlineData("1.0.0-0A.is.legal", "0A.is.legal", "")]
    public void Pre_release_and_build_are_kept(string text, string preRelease, string build)
    {
        SemanticVersion version = SemanticVersion.Parse(text);
        Assert.Equal((preRelease, build, text), (string.Join('.', version.PreRelease), version.Build, version.ToString()));
        Assert.Equal(preRelease.Length > 0, version.IsPreRelease);
    }

    [Fact]
    public void Build_metadata_affects_equality_but_not_order()
    {
        (SemanticVersion a, SemanticVersion b) = (SemanticVersion.Parse("1.0.0+a"), SemanticVersion.Parse("1.0.0+b"));
        Assert.Equal(0, a.CompareTo(b));
        Assert.True(a != b && a <= b && a >= b);
        Assert.Equal(a, SemanticVersion.Parse("1.0.0+a"));
        Assert.Equal(a.GetHashCode(), SemanticVersion.Parse("1.0.0+a").GetHashCode());
    }

    [Theory]
    [InlineData(null, 0, "missing")]
    [InlineData("", 0, "number")]
    [InlineData("1", 1, "three numbers")]
    [InlineData("1.2", 3, "three numbers")]
    [InlineData("1.2-rc.1", 3, "three numbers")]
    [InlineData("1.2.3.4", 5, "nothing comes behind")]
    [InlineData("v1.2.3", 0, "number")]
    [InlineData("01.2.3", 0, "leading zero")]
    [InlineData("1.02.3", 2, "leading zero")]
    [InlineData("1.2.3-", 6, "word")]
    [InlineData("1.2.3-a..b", 8, "word")]
    [InlineData("1.2.3-01", 6, "leading zero")]
    [InlineData("1.2.3-rc.007", 9, "leading zero")]
    [InlineData("1.2.3+", 6, "word")]
    [InlineData("1.2.3+a+b", 7, "nothing comes behind")]
    [InlineData("1.2.3-\u00E4", 6, "word")]
    [InlineData("1.2.3 ", 5, "nothing comes behind")]
    [InlineData("1.2.-3", 4, "number")]
    [InlineData("1.2.1000000000", 4, "999999999")]
    [InlineData("1.\u0661.0", 2, "number")]
    public void Invalid_version_has_position_and_reason(string? text, int offset, string reason)
    {
        Assert.False(SemanticVersion.TryParse(text, out SemanticVersion? version, out ParseFault? fault));
        Assert.Null(version);
        Assert.Equal(offset, fault.Offset);
        Assert.Contains(reason, fault.Reason, StringComparison.Ordinal);
    }

    [Fact]
    public void Version_longer_than_the_limit_is_rejected()
    {
        string longest = "1.0.0-" + new string('a', SemanticVersion.MaxLength - 6);
        Assert.True(SemanticVersion.TryParse(longest, out _, out _));
        Assert.False(SemanticVersion.TryParse(longest + "a", out _, out ParseFault? fault));
        Assert.Equal(SemanticVersion.MaxLength, fault!.Offset);
    }

    [Fact]
    public void No_version_lies_between_a_version_and_its_exclusive_bound()
    {
        SemanticVersion[] versions = [.. s_ascending.Select(SemanticVersion.Parse)];
        foreach (SemanticVersion version in versions)
        {
            Assert.All(versions, other => Assert.Equal(other.CompareTo(version) == 0, VersionRange.Exactly(version).Contains(other)));
        }

        SemanticVersion next = SemanticVersion.Parse("1.0.0-a.0");
        Assert.True(VersionRange.Parse(">1.0.0-a").Contains(next));
        Assert.False(VersionRange.Parse("<=1.0.0-a").Contains(next));
    }
}

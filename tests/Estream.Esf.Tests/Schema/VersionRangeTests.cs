using Estream.Esf.Schema;

namespace Estream.Esf.Tests;

/// <summary>Versions, their order, and version ranges.</summary>
public sealed class VersionRangeTests
{
    [Theory]
    [InlineData("")]
    [InlineData("1")]
    [InlineData("1.0")]
    [InlineData("1.0.0.0")]
    [InlineData("01.0.0")]
    [InlineData("1.0.-1")]
    [InlineData("1.0.0-")]
    [InlineData("1.0.0-a..b")]
    [InlineData("1.0.0-01")]
    [InlineData("1.0.0+")]
    [InlineData("1.0.0-ä")]
    [InlineData("v1.0.0")]
    [InlineData("1.0.99999999999")]
    public void SemanticVersion_TryParse_rejects_invalid_versions(string text) =>
        Assert.False(SemanticVersion.TryParse(text, out _, out _));

    [Fact]
    public void Versions_compare_in_the_order_of_the_specification()
    {
        string[] ascending =
        [
            "0.0.1", "0.9.0", "1.0.0-alpha", "1.0.0-alpha.1", "1.0.0-alpha.beta", "1.0.0-beta", "1.0.0-beta.2", "1.0.0-beta.11",
            "1.0.0-rc.1", "1.0.0", "1.0.1", "1.9.0", "1.10.0", "2.0.0",
        ];
        for (int i = 0; i < ascending.Length; i++)
        {
            for (int j = 0; j < ascending.Length; j++)
            {
                Assert.Equal(Math.Sign(i.CompareTo(j)), Math.Sign(Version(ascending[i]).CompareTo(Version(ascending[j]))));
            }
        }

        Assert.Equal(0, Version("1.0.0+a").CompareTo(Version("1.0.0+b")));
    }

    [Theory]
    [InlineData("")]
    [InlineData("^")]
    [InlineData("^x")]
    [InlineData("1.x")]
    [InlineData(">= 1.0")]
    [InlineData("^1 ||")]
    [InlineData("||")]
    [InlineData("^^1")]
    [InlineData("1 - 2")]
    [InlineData("^2147483647")]
    public void VersionRange_TryParse_rejects_invalid_ranges(string text) => Assert.False(VersionRange.TryParse(text, out _, out _));

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
    [InlineData(">=1.2 <3", "1.2.0 2.9.9", "1.1.9 3.0.0")]
    [InlineData(">1.2 <=2.1", "1.3.0 2.1.9", "1.2.9 2.2.0")]
    [InlineData(">1.2.0 <=2.1.0", "1.2.1 2.1.0", "1.2.0 2.1.1")]
    [InlineData("1.2.3", "1.2.3", "1.2.2 1.2.4")]
    [InlineData("=1.2", "1.2.0 1.2.9", "1.3.0 1.1.9")]
    [InlineData("^1.2 || ^3", "1.2.0 3.1.0", "2.0.0 4.0.0")]
    [InlineData("^1.2.0-rc.1", "1.2.0-rc.1 1.2.0-rc.2 1.2.0 1.3.0", "1.2.0-beta 1.3.0-rc.1")]
    public void Range_contains_exactly_its_versions(string range, string inside, string outside)
    {
        Assert.True(VersionRange.TryParse(range, out VersionRange? read, out _));
        Assert.All(inside.Split(' '), version => Assert.True(read!.Contains(Version(version)), version));
        Assert.All(outside.Split(' '), version => Assert.False(read!.Contains(Version(version)), version));
    }

    private static SemanticVersion Version(string text)
    {
        Assert.True(SemanticVersion.TryParse(text, out SemanticVersion? version, out _), text);
        return version!;
    }
}

using Estream.Esf.Schema;
using Estream.Testing;
using FsCheck;
using FsCheck.Fluent;

namespace Estream.Marketplace.Tests.Versions;

/// <summary>Compares the range algebra with a model that checks members one by one. A failure prints the seed that reproduces it.</summary>
public sealed class VersionRangePropertyTests
{
    // All versions of this small universe. The model of a set is the list of these versions that the set contains.
    private static readonly SemanticVersion[] s_universe =
    [
        .. from major in Enumerable.Range(0, 3)
           from minor in Enumerable.Range(0, 3)
           from patch in Enumerable.Range(0, 3)
           from preRelease in new[] { "-0", "-a", "-a.0", "-a.1", "-b", "" }
           select SemanticVersion.Parse($"{major}.{minor}.{patch}{preRelease}"),
    ];

    private static readonly Gen<string> s_version =
        from numbers in Gen.Choose(0, 2).ArrayOf(3)
        from count in Gen.Choose(1, 3)
        from preRelease in Gen.Elements("", "", "-0", "-a", "-a.0", "-b")
        select string.Join('.', numbers.Take(count)) + (count == 3 ? preRelease : "");

    private static readonly Gen<string> s_text =
        from words in (from sign in Gen.Elements("^", "~", ">=", ">", "<", "<=", "=", "") from version in s_version select sign
            + version).NonEmptyListOf()
        from joints in Gen.Elements(" ", " || ").ListOf(words.Count)
        select string.Concat(words.Take(5).Select((word, i) => (i == 0 ? "" : joints[i]) + word));

    private static readonly Gen<VersionRange> s_range =
        (from text in s_text
         from widen in Gen.Elements(false, false, true)
         select (text, widen)).Where(pair => VersionRange.TryParse(pair.text, out _, out _))
        .Select(pair => pair.widen ? VersionRange.Parse(pair.text).WithPreReleases() : VersionRange.Parse(pair.text));

    [Fact]
    public void Set_operations_on_ranges_have_the_expected_members()
    {
        Check(s_range.Two(), pair =>
        {
            (VersionRange a, VersionRange b) = pair;
            AssertMembers(a.Union(b), version => a.Contains(version) || b.Contains(version));
            AssertMembers(a.Intersect(b), version => a.Contains(version) && b.Contains(version));
            AssertMembers(a.Except(b), version => a.Contains(version) && !b.Contains(version));
            AssertMembers(a.Complement(), version => !a.Contains(version));
            Assert.Equal(a.Except(b).IsEmpty, a.IsSubsetOf(b));
            if (a.IsSubsetOf(b))
            {
                Assert.DoesNotContain(s_universe, version => a.Contains(version) && !b.Contains(version));
            }
        });
    }

    [Fact]
    public void Ranges_satisfy_the_laws_of_sets()
    {
        Check(s_range.Three(), three =>
        {
            (VersionRange a, VersionRange b, VersionRange c) = three;
            Assert.Equal(a, a.Complement().Complement());
            Assert.Equal(a.Union(b).Complement(), a.Complement().Intersect(b.Complement()));
            Assert.Equal(a.Intersect(b.Union(c)), a.Intersect(b).Union(a.Intersect(c)));
            Assert.Equal(a.Union(b), b.Union(a));
            Assert.Equal(a.Union(b).Union(c), a.Union(b.Union(c)));
            Assert.Equal(a, a.Union(a.Intersect(b)));
            Assert.Equal(a.Except(b), a.Intersect(b.Complement()));
            Assert.Equal(VersionRange.All, a.Union(a.Complement()));
            Assert.True(a.Intersect(a.Complement()).IsEmpty);
            Assert.Equal(a.GetHashCode(), a.Union(a).GetHashCode());
        });
    }

    [Fact]
    public void Range_text_parses_back_to_the_same_releases()
    {
        Check(s_range.Two(), pair =>
        {
            VersionRange releases = pair.Item1.Union(pair.Item2).Intersect(VersionRange.AnyRelease);
            if (!releases.IsEmpty)
            {
                Assert.Equal(releases, VersionRange.Parse(releases.ToString()));
            }
        });
    }

    [Fact]
    public void Range_contains_exactly_the_versions_its_bounds_allow()
    {
        Check(s_text, text =>
        {
            bool isRange = VersionRange.TryParse(text, out VersionRange? range, out ParseFault? fault);
            Assert.True(VersionRangeModel.TryParse(text, out VersionRangeModel? model), text);
            Assert.True(isRange || fault!.Reason.Contains("no version satisfies", StringComparison.Ordinal), $"{text}: {fault}");
            foreach (SemanticVersion version in s_universe)
            {
                Assert.True(model.Contains(version) == (range?.Contains(version) ?? false), $"{text} and {version}");
            }
        });
    }

    private static void AssertMembers(VersionRange range, Func<SemanticVersion, bool> isMember) =>
        Assert.All(s_universe, version => Assert.True(isMember(version) == range.Contains(version), $"{range} and {version}"));

    private static void Check<T>(Gen<T> generator, Action<T> holds) =>
        Prop.ForAll(generator.ToArbitrary(), holds).Check(Config.QuickThrowOnFailure.WithMaxTest(LongRun.Count(400, 20_000)));
}

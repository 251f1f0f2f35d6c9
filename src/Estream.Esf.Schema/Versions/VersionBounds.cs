namespace Estream.Esf.Schema;

/// <summary>Converts an interval in the order of versions to the two sets of a range, releases and pre-releases, and ranges to
/// text.</summary>
internal static class VersionBounds
{
    /// <summary>Creates a range from an interval and the versions that the range names as bounds. The range contains a pre-release only if
    /// a named pre-release has the same three numbers.</summary>
    public static VersionRange Of(IntervalSet<SemanticVersion> interval, IReadOnlyList<SemanticVersion> named)
    {
        IntervalSet<SemanticVersion> asked = IntervalSet<SemanticVersion>.Empty;
        foreach (SemanticVersion version in named.Where(version => version.IsPreRelease))
        {
            asked = asked.Union(IntervalSet<SemanticVersion>.Between(version.LowestPreRelease(), version.ToRelease()));
        }

        return new VersionRange(ReleasesOf(interval), PreReleasesOf(interval.Intersect(asked)));
    }

    /// <summary>Returns the pre-releases between the releases of a set.</summary>
    public static IntervalSet<SemanticVersion> PreReleasesBetween(IntervalSet<SemanticVersion> releases)
    {
        IntervalSet<SemanticVersion> all = IntervalSet<SemanticVersion>.Empty;
        ForEach(releases, (lower, upper) => all = all.Union(Between(lower, upper?.LowestPreRelease())));
        return PreReleasesOf(all);
    }

    /// <summary>Describes a range by its bounds, for people: <c>&gt;=1.0.0 &lt;2.0.0 || 3.1.0</c>.</summary>
    public static string Describe(VersionRange range)
    {
        if (range.IsEmpty)
        {
            return "no version";
        }

        List<string> parts = [];
        ForEach(range.Releases, (lower, upper) => parts.Add(Describe(lower, upper)));
        ForEach(range.PreReleases, (lower, upper) => parts.Add($"pre-releases {Describe(lower, upper)}"));
        return string.Join(" || ", parts);
    }

    private static string Describe(SemanticVersion? lower, SemanticVersion? upper)
    {
        bool isOne = lower is not null && upper is not null
            && (upper.CompareTo(NextRelease(lower)) == 0 || upper.CompareTo(lower.Successor()) == 0);
        return isOne ? lower!.ToString()
            : lower is null && upper is null ? "*"
            : string.Join(" ",
                new[] { lower is null ? null : $">={lower}", upper is null ? null : $"<{upper}" }.Where(part => part is not null));
    }

    /// <summary>
    /// Returns the set of the releases in an interval, with releases as cuts. A cut at a pre-release moves to its release, and a cut
    /// immediately after a release moves to the next release.
    /// </summary>
    private static IntervalSet<SemanticVersion> ReleasesOf(IntervalSet<SemanticVersion> interval) =>
        Rebuild(interval, cut => cut.ToRelease());

    /// <summary>Returns the set of the pre-releases in an interval, with pre-releases as cuts. A cut at a release moves to the version
    /// immediately after the release.</summary>
    private static IntervalSet<SemanticVersion> PreReleasesOf(IntervalSet<SemanticVersion> interval) =>
        Rebuild(interval, cut => cut.IsPreRelease ? cut : cut.Successor());

    private static IntervalSet<SemanticVersion> Rebuild(IntervalSet<SemanticVersion> interval, Func<SemanticVersion, SemanticVersion> moved)
    {
        IntervalSet<SemanticVersion> rebuilt = IntervalSet<SemanticVersion>.Empty;
        ForEach(interval,
            (lower, upper) => rebuilt = rebuilt.Union(Between(lower is null ? null : moved(lower), upper is null ? null : moved(upper))));
        return rebuilt;
    }

    private static IntervalSet<SemanticVersion> Between(SemanticVersion? lower, SemanticVersion? upper) => (FromStart(lower), upper) switch
    {
        (_, not null) when FromStart(upper) is null => IntervalSet<SemanticVersion>.Empty,
        (null, null) => IntervalSet<SemanticVersion>.Everything,
        (null, _) => IntervalSet<SemanticVersion>.Before(upper),
        (_, null) => IntervalSet<SemanticVersion>.From(lower!),
        _ => IntervalSet<SemanticVersion>.Between(lower!, upper),
    };

    /// <summary>Returns null for the lowest bounds, 0.0.0 and 0.0.0-0, so that every set has one form.</summary>
    private static SemanticVersion? FromStart(SemanticVersion? bound) =>
        bound is { Major: 0, Minor: 0, Patch: 0 } && (!bound.IsPreRelease || (bound.PreRelease.Count == 1 && bound.PreRelease[0] == "0"))
            ? null
            : bound;

    private static SemanticVersion NextRelease(SemanticVersion version) =>
        version.IsPreRelease ? version.ToRelease() : SemanticVersion.Release(version.Major, version.Minor, version.Patch + 1);

    private static void ForEach(IntervalSet<SemanticVersion> set, Action<SemanticVersion?, SemanticVersion?> visit)
    {
        SemanticVersion? lower = null;
        bool inside = set.StartsInside;
        foreach (SemanticVersion cut in set.Cuts)
        {
            if (inside)
            {
                visit(lower, cut);
            }

            lower = cut;
            inside = !inside;
        }

        if (inside)
        {
            visit(lower, null);
        }
    }
}

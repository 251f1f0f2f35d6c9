using Estream.Esf.Schema;

namespace Estream.Marketplace.Resolution;

/// <summary>
/// A package of the solver. Its versions are numbered from 1 in ascending order, and 0 stands for absence. So "not needed" is a member of a
/// set like any version, and every statement about a package is a plain set.
/// </summary>
internal sealed class SolverPackage
{
    private bool? _hasPreReleases;

    public required int Id { get; init; }

    public required PackageKind Kind { get; init; }

    /// <summary>The name for display.</summary>
    public required string Label { get; init; }

    /// <summary>The name of the component, if the package is a component.</summary>
    public ComponentName? Component { get; init; }

    /// <summary>The usable releases of a component, ascending.</summary>
    public CandidateRelease[] Releases { get; init; } = [];

    /// <summary>The excluded releases of a component, ascending.</summary>
    public IReadOnlyList<ExcludedRelease> Excluded { get; init; } = [];

    /// <summary>The providers of a schema; the preferred provider is last.</summary>
    public ComponentName[] Providers { get; init; } = [];

    /// <summary>The number of versions.</summary>
    public required int VersionCount { get; init; }

    /// <summary>Returns the indices of the releases of a component in a range, as the simplest set of intervals over the existing
    /// releases.</summary>
    public IntervalSet<int> IndicesOf(VersionRange range)
    {
        _hasPreReleases ??= Array.Exists(Releases, release => release.Version.IsPreRelease);
        return _hasPreReleases.Value ? Where(index => range.Contains(Releases[index - 1].Version)) : Divided(range.Releases);
    }

    /// <summary>
    /// Returns the set of one version. In every set of a package, the last version extends to infinity. Otherwise, removing all versions
    /// from a set would leave the indices above the last version, and the set would not be empty.
    /// </summary>
    public IntervalSet<int> One(int index) => index == VersionCount
        ? IntervalSet<int>.From(index)
        : IntervalSet<int>.Between(index, index + 1);

    /// <summary>Returns the indices of the versions that satisfy a predicate.</summary>
    public IntervalSet<int> Where(Func<int, bool> holds)
    {
        List<int> cuts = [];
        bool inside = false;
        for (int index = 1; index <= VersionCount; index++)
        {
            if (holds(index) != inside)
            {
                inside = !inside;
                cuts.Add(index);
            }
        }

        return IntervalSet<int>.OfCuts(startsInside: false, [.. cuts]);
    }

    // If all versions are releases, a cut between versions is a cut between indices, found by binary search. Two cuts between the same two
    // versions enclose nothing and are dropped; so is a cut after the last version.
    private IntervalSet<int> Divided(IntervalSet<SemanticVersion> releases)
    {
        Span<int> cuts = releases.Cuts.Length < 16 ? stackalloc int[releases.Cuts.Length + 1] : new int[releases.Cuts.Length + 1];
        int count = 0;
        if (releases.StartsInside && VersionCount > 0)
        {
            cuts[count++] = 1;
        }

        foreach (SemanticVersion cut in releases.Cuts)
        {
            int index = FirstFrom(cut);
            if (count > 0 && cuts[count - 1] == index)
            {
                count--;
            }
            else if (index <= VersionCount)
            {
                cuts[count++] = index;
            }
        }

        return IntervalSet<int>.OfCuts(startsInside: false, cuts[..count].ToArray());
    }

    private int FirstFrom(SemanticVersion cut)
    {
        int low = 0;
        int high = Releases.Length;
        while (low < high)
        {
            int middle = (low + high) >>> 1;
            if (Releases[middle].Version.CompareTo(cut) < 0)
            {
                low = middle + 1;
            }
            else
            {
                high = middle;
            }
        }

        return low + 1;
    }
}

/// <summary>The kind of a solver package. Components have real versions; all other kinds are virtual packages.</summary>
internal enum PackageKind
{
    /// <summary>The workspace; its one version has the requirements of the workspace.</summary>
    Workspace,

    /// <summary>A component; its versions are its usable releases.</summary>
    Component,

    /// <summary>A schema by name; its versions are the components that provide it.</summary>
    Schema,

    /// <summary>An engine (a program that runs components); its one version is the available version, if any.</summary>
    Engine,

    /// <summary>The license tier; its one version is the workspace's.</summary>
    Tier,
}

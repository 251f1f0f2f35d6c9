using Estream.Esf.Schema;

namespace Estream.Marketplace.Resolution;

/// <summary>
/// A package of the solver: its versions are counted from 1 in ascending order, and 0 is the package not being there. So "not needed" is a
/// member of a set like any version, and every statement about a package is a plain set.
/// </summary>
internal sealed class SolverPackage
{
    private bool? _hasPreReleases;

    public required int Id { get; init; }

    public required PackageKind Kind { get; init; }

    /// <summary>The name for people.</summary>
    public required string Label { get; init; }

    /// <summary>The component, of one.</summary>
    public ComponentName? Component { get; init; }

    /// <summary>The releases that may be chosen, of a component, ascending.</summary>
    public CandidateRelease[] Releases { get; init; } = [];

    /// <summary>The releases that may not, of a component, ascending.</summary>
    public IReadOnlyList<ExcludedRelease> Excluded { get; init; } = [];

    /// <summary>The providers, of a schema, the one to be preferred last.</summary>
    public ComponentName[] Providers { get; init; } = [];

    /// <summary>The number of versions.</summary>
    public required int VersionCount { get; init; }

    /// <summary>The versions of a component that a range holds, as indices: intervals over what exists are as simple as they can
    /// be.</summary>
    public IntervalSet<int> IndicesOf(VersionRange range)
    {
        _hasPreReleases ??= Array.Exists(Releases, release => release.Version.IsPreRelease);
        return _hasPreReleases.Value ? Where(index => range.Contains(Releases[index - 1].Version)) : Divided(range.Releases);
    }

    /// <summary>
    /// One version. What is behind the last version belongs to it, in every set of a package: otherwise a set from which all versions were
    /// taken would not be empty.
    /// </summary>
    public IntervalSet<int> One(int index) => index == VersionCount
        ? IntervalSet<int>.From(index)
        : IntervalSet<int>.Between(index, index + 1);

    /// <summary>The versions for which something holds, as indices.</summary>
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

    // Where all versions are releases, a cut between versions is one between indices, found by halving. Two cuts between the same two
    // versions have nothing between them and go; one behind the last has nothing behind it.
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

/// <summary>What a package of the solver stands for: components have real versions, all others are virtual.</summary>
internal enum PackageKind
{
    /// <summary>What is resolved: one version, which needs what the workspace asks for.</summary>
    Workspace,

    /// <summary>A component; its versions are its usable releases.</summary>
    Component,

    /// <summary>A schema by name; its versions are the components that provide it.</summary>
    Schema,

    /// <summary>A program around the components; its one version is the one that runs, if any.</summary>
    Engine,

    /// <summary>The license tier; its one version is the workspace's.</summary>
    Tier,
}

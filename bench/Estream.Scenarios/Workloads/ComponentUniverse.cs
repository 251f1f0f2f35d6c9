using Estream.Esf.Schema;
using Estream.Marketplace;

namespace Estream.Scenarios.Workloads;

/// <summary>
/// Components in a tree with four branches per node, each with 50 versions in five major versions. Each version requires its branches in
/// its own major version or a later one. With conflicts, the newest major version of every tenth component requires an older major version
/// of a component in another branch.
/// </summary>
internal static class ComponentUniverse
{
    public const int Majors = 5;

    private const int Minors = 10;
    private const int Branches = 4;
    private const int ConflictEvery = 10;

    public static ComponentCatalog Catalog(int count, bool hasConflicts)
    {
        ComponentName[] names = [.. Enumerable.Range(0, count).Select(Name)];
        VersionRange[] from = [.. Enumerable.Range(0, Majors + 1).Select(major => VersionRange.Parse($">={major}"))];
        VersionRange beforeLast = VersionRange.Parse($"<{Majors}");
        return new ComponentCatalog(
            from i in Enumerable.Range(0, count)
            from major in Enumerable.Range(1, Majors)
            from minor in Enumerable.Range(0, Minors)
            select new CandidateRelease
            {
                Name = names[i],
                Version = SemanticVersion.Parse($"{major}.{minor}.0"),
                Dependencies = [.. Needs(i, major)],
            });

        IEnumerable<ComponentRequirement> Needs(int i, int major)
        {
            for (int branch = (i * Branches) + 1; branch <= (i + 1) * Branches && branch < count; branch++)
            {
                yield return new ComponentRequirement(names[branch], from[major]);
            }

            // Requires an older major version of the component before the first branch. This conflicts with the parent of that component,
            // which requires the newest major version.
            bool isInTheWay = hasConflicts && i % ConflictEvery == ConflictEvery - 1 && major == Majors && i * Branches < count;
            if (isInTheWay)
            {
                yield return new ComponentRequirement(names[i * Branches], beforeLast);
            }
        }
    }

    public static ResolutionRequest Request { get; } = new()
    {
        Requirements = [new ComponentRequirement(Name(0), VersionRange.AnyRelease)],
    };

    private static ComponentName Name(int i) => ComponentName.Parse($"component-{i}");
}

using Estream.Esf.Schema;

namespace Estream.Marketplace.Resolution;

/// <summary>Formats incompatibilities as parts of English sentences. Describes sets of versions by the versions that exist.</summary>
internal sealed class ConflictPhrases(SolverUniverse universe)
{
    private const int MostVersionsListed = 5;

    /// <summary>Formats an incompatibility: its fact, or the conclusion that it states.</summary>
    public string Of(Incompatibility incompatibility) =>
        incompatibility.IsFailure && incompatibility.Fact is null ? "this workspace cannot be resolved"
        : incompatibility.Fact is Fact fact ? OfFact(fact)
        : OfTerms(incompatibility.Terms);

    /// <summary>Formats two facts as one sentence. Names a common subject once.</summary>
    public string OfBoth(Fact first, Fact second) =>
        Covers(first, second) ? OfFact(first)
        : Covers(second, first) ? OfFact(second)
        : first is Fact.Dependency a && second is Fact.Dependency b && a.From == b.From && a.Versions.Equals(b.Versions)
            ? $"{Subject(a)} both {OfNeed(a)} and {OfNeed(b)}"
            : $"{OfFact(first)} and {OfFact(second)}";

    /// <summary>Joins words: "a, b and c".</summary>
    public static string Join(IReadOnlyList<string> words, string last) => words.Count < 2
        ? string.Concat(words)
        : $"{string.Join(", ", words.Take(words.Count - 1))} {last} {words[^1]}";

    /// <summary>Joins the components of a dependency cycle: "a, b and c".</summary>
    public static string JoinComponents(Fact.DependencyCycle circle, string last) =>
        Join([.. circle.Members.Where(member => member.Kind == PackageKind.Component).Select(member => member.Label)], last);

    /// <summary>Lists the existing versions: all of them if they are few, otherwise the first and the last.</summary>
    public static string Existing(IReadOnlyList<string> versions) => versions.Count <= MostVersionsListed
        ? Join(versions, "and")
        : $"{versions.Count} releases from {versions[0]} to {versions[^1]}";

    /// <summary>Whether one fact names the required versions of a schema, so that the other, which only names the schema, can be
    /// omitted.</summary>
    private static bool Covers(Fact fact, Fact other) =>
        fact is Fact.SchemaDependency exact && other is Fact.Dependency { To.Kind: PackageKind.Schema } plain && exact.From == plain.From
            && exact.Schema == plain.To && exact.Versions.Equals(plain.Versions);

    private string OfFact(Fact fact) => fact switch
    {
        Fact.Dependency need => $"{Subject(need)} {OfNeed(need)}",
        Fact.SchemaDependency { Allowed.IsEmpty: true } need =>
            $"{Versions(need.From, need.Versions)} needs the schema {need.Schema.Label} {need.Range} ({need.Provider.Label} has no "
            + "such version)",
        Fact.SchemaDependency need =>
            $"{Versions(need.From, need.Versions)} needs the schema {need.Schema.Label} {need.Range} (provided by "
            + $"{Versions(need.Provider, need.Allowed)})",
        Fact.SchemaProvider { Versions.IsEmpty: true } provision =>
            $"no usable release of {provision.Provider.Label} provides the schema {provision.Schema.Label}",
        Fact.SchemaProvider { Schema.VersionCount: 1 } provision =>
            $"the schema {provision.Schema.Label} is provided only by {Versions(provision.Provider, provision.Versions)}",
        Fact.SchemaProvider provision =>
            $"the schema {provision.Schema.Label} of {provision.Provider.Label} is provided by "
                + $"{Versions(provision.Provider, provision.Versions)}",
        Fact.ExclusiveProvider rivalry =>
            $"{Versions(rivalry.Provider, rivalry.Versions)} provides the schema {rivalry.Schema.Label} itself",
        Fact.DependencyCycle { Members.Count: 1 } circle => $"{circle.Members[0].Label} needs itself",
        Fact.DependencyCycle circle =>
            $"{JoinComponents(circle, "and")} need each other in a cycle",
        _ => "this workspace is to be resolved",
    };

    private static string Subject(Fact.Dependency need) =>
        $"{Versions(need.From, need.Versions)} {(need.From.Kind == PackageKind.Workspace ? "asks for" : "needs")}";

    private string OfNeed(Fact.Dependency need) => need.To.Kind switch
    {
        PackageKind.Component when !need.Allowed.IsEmpty => $"{need.To.Label} {need.Requirement}",
        PackageKind.Component => $"{need.To.Label} {need.Requirement} ({OfMissing(need.To)})",
        PackageKind.Schema when need.To.VersionCount > 0 => $"the schema {need.To.Label}",
        PackageKind.Schema when universe.UninvitedProvidersOf(need.To.Label).Any() =>
            $"the schema {need.To.Label} (only components that nothing here asks for provide it)",
        PackageKind.Schema => $"the schema {need.To.Label} (no component provides it)",
        PackageKind.Engine when universe.Request.Engines.TryGetValue(need.To.Label, out SemanticVersion? running) =>
            $"{need.To.Label} {need.Requirement} ({need.To.Label} is {running} here)",
        PackageKind.Engine => $"{need.To.Label} {need.Requirement} (there is no {need.To.Label} here)",
        _ => $"the license tier {need.To.Label} (this workspace has {LicenseTierNames.Of(universe.Request.Policy.LicenseTier)})",
    };

    private static string OfMissing(SolverPackage package) =>
        package.Releases.Length > 0 && package.Excluded.Count > 0
            ? $"only {Existing(Array.ConvertAll(package.Releases, release => release.Version.ToString()))} can be used"
        : package.Releases.Length > 0
            ? $"there {(package.Releases.Length == 1 ? "is" : "are")} only "
                + $"{Existing(Array.ConvertAll(package.Releases, release => release.Version.ToString()))}"
        : package.Excluded.Count > 0 ? "no release of it can be used"
        : "no registry of this workspace has it";

    private string OfTerms(Term[] terms)
    {
        string[] with = [.. terms.Where(term => term.IsPositive && term.Package != SolverUniverse.WorkspaceId)
            .Select(term => Versions(universe[term.Package], term.Set))];
        string[] without =
            [.. terms.Where(term => !term.IsPositive).Select(term => Versions(universe[term.Package], term.Set.Complement()))];
        string subject = with.Length == 0 ? "this workspace" : string.Join(" together with ", with);
        return without.Length > 0 ? $"{subject} needs {Join(without, "or")}"
            : with.Length > 1 ? $"{with[0]} cannot be used together with {Join(with[1..], "and")}"
            : $"{subject} cannot be used";
    }

    /// <summary>Formats versions of a package: the name alone for all versions, otherwise bounds taken from existing versions.</summary>
    private static string Versions(SolverPackage package, IntervalSet<int> set) => package.Kind switch
    {
        PackageKind.Workspace => package.Label,
        PackageKind.Schema when IsAll(package, set) => $"the schema {package.Label}",
        PackageKind.Schema =>
            $"the schema {package.Label} from "
            + $"{Join([.. Members(package, set).Select(index => package.Providers[index - 1].ToString())], "or")}",
        PackageKind.Component when !IsAll(package, set) => $"{package.Label} {Bounds(package, set)}",
        _ => package.Label,
    };

    private static bool IsAll(SolverPackage package, IntervalSet<int> set) =>
        IntervalSet<int>.Between(1, package.VersionCount + 1).IsSubsetOf(set);

    private static IEnumerable<int> Members(SolverPackage package, IntervalSet<int> set) =>
        Enumerable.Range(1, package.VersionCount).Where(set.Contains);

    private static string Bounds(SolverPackage package, IntervalSet<int> set)
    {
        List<string> parts = [];
        for (int low = 1; low <= package.VersionCount; low++)
        {
            int high = low;
            while (high <= package.VersionCount && set.Contains(high))
            {
                high++;
            }

            if (high > low)
            {
                parts.Add(Interval(package, low, high));
                low = high;
            }
        }

        return Join(parts, "or");
    }

    // From low inclusive to high exclusive. The upper bound is the first version outside the interval, as in a version range.
    private static string Interval(SolverPackage package, int low, int high)
    {
        string Version(int index) => package.Releases[index - 1].Version.ToString();
        return high == low + 1 ? Version(low)
            : high > package.VersionCount ? $">={Version(low)}"
            : low == 1 ? $"<{Version(high)}"
            : $">={Version(low)} <{Version(high)}";
    }
}

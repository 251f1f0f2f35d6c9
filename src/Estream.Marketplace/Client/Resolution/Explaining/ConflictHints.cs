using System.Globalization;
using Estream.Core;
using Estream.Esf.Schema;
using Estream.Marketplace.Workspaces;

namespace Estream.Marketplace.Resolution;

/// <summary>Creates hints for a conflict: each names a release that would help, why it was not chosen, and what to do.</summary>
internal sealed class ConflictHints(SolverUniverse universe, IClock clock)
{
    private const int MaxHints = 10;
    private const int MaxSuggestions = 3;

    public IReadOnlyList<string> Of(IReadOnlyList<Fact> facts)
    {
        List<string> hints = [];
        foreach (Fact fact in facts)
        {
            hints.AddRange(fact switch
            {
                Fact.Dependency { To.Kind: PackageKind.Component } need => OfComponent(need),
                Fact.Dependency { To.Kind: PackageKind.Schema } need => OfSchema(need.To.Label),
                Fact.Dependency { To.Kind: PackageKind.Engine } need => [OfEngine(need)],
                Fact.Dependency { To.Kind: PackageKind.Tier } need =>
                    [$"Releases of {need.From.Label} are licensed {need.To.Label}: if this workspace has that license, write tier = "
                        + $"\"{need.To.Label}\" under [license] in estream-workspace.toml; otherwise choose a release with a lower tier"],
                Fact.SchemaDependency need => OfSchemaVersion(need),
                Fact.SchemaProvider provision =>
                    provision.Provider.Excluded.Where(one => one.Release.ProvidedSchemas.Contains(provision.Schema.Label))
                        .Select(OfExcluded),
                Fact.ExclusiveProvider rivalry =>
                    [$"A workspace uses only one provider of the schema {rivalry.Schema.Label}, but it is in "
                        + $"{ProvidersOf(rivalry.Schema)}: remove what needs the other provider"],
                Fact.DependencyCycle { Members.Count: 1 } circle =>
                    [$"Ask the publisher of {circle.Members[0].Label} for a release that does not need itself"],
                Fact.DependencyCycle circle =>
                    [$"Ask the publisher of {ConflictPhrases.JoinComponents(circle, "or")} to remove the dependency, or to move the "
                        + "shared parts into a separate component"],
                _ => [],
            });
        }

        return [.. hints.Distinct(StringComparer.Ordinal).Take(MaxHints)];
    }

    private IEnumerable<string> OfComponent(Fact.Dependency need)
    {
        SolverPackage package = need.To;
        foreach (string excluded in OfRange(package, need.Requirement!))
        {
            yield return excluded;
        }

        VersionRange range = universe.Effective(new ComponentRequirement(package.Component!, need.Requirement!));
        VersionRange widened = range.WithPreReleases();
        SemanticVersion? preRelease =
            package.Releases.LastOrDefault(release => widened.Contains(release.Version) && !range.Contains(release.Version))?.Version;
        if (preRelease is not null && need.Allowed.IsEmpty)
        {
            yield return $"{package.Label} {preRelease} is a pre-release, which is used only when asked for: {AskFor(need, preRelease)}";
        }

        if (package.Releases.Length == 0 && package.Excluded.Count == 0)
        {
            string[] similar =
                [.. SimilarNames.To(package.Component!, universe.Catalog.Names).Take(MaxSuggestions).Select(name => name.ToString())];
            yield return similar.Length > 0
                ? $"{package.Label} is not known; did you mean {ConflictPhrases.Join(similar, "or")}?"
                : $"{package.Label} is not known: check the name, and that the registry of "
                    + $"{(package.Component!.Scope is string scope ? $"@{scope}" : "components without a scope")} is in "
                    + "estream-workspace.toml";
        }
    }

    /// <summary>Returns a hint for the newest excluded release in the range, one for each reason of exclusion.</summary>
    private IEnumerable<string> OfRange(SolverPackage package, VersionRange wanted)
    {
        VersionRange range = universe.Effective(new ComponentRequirement(package.Component!, wanted));
        return package.Excluded.Where(one => range.Contains(one.Release.Version)).GroupBy(one => one.Reason)
            .Select(reason => OfExcluded(reason.Last()));
    }

    /// <summary>Returns hints for a schema whose provider has no suitable version, or only excluded ones.</summary>
    private string[] OfSchemaVersion(Fact.SchemaDependency need)
    {
        string[] excluded = [.. OfRange(need.Provider, need.Range)];
        if (excluded.Length > 0 || !need.Allowed.IsEmpty || need.Provider.Releases.Length == 0)
        {
            return excluded;
        }

        string there = ConflictPhrases.Existing(Array.ConvertAll(need.Provider.Releases, release => release.Version.ToString()));
        return [$"{need.Provider.Label} exists in {there}: choose a release of {need.From.Label} that accepts one of them, or add a "
            + $"component that has {need.Schema.Label} {need.Range}"];
    }

    private static string ProvidersOf(SolverPackage schema) =>
        ConflictPhrases.Join([.. schema.Providers.Select(name => name.ToString()).Order(StringComparer.Ordinal)], "and");

    private static string AskFor(Fact.Dependency need, SemanticVersion preRelease) => need.From.Kind == PackageKind.Workspace
        ? $"write {WorkspaceManifestEditor.Line(need.To.Component!, $"{need.Requirement} || {preRelease}")}, or list "
            + $"{need.To.Label} under pre-releases in estream-workspace.toml"
        : $"list {need.To.Label} under pre-releases in estream-workspace.toml";

    private string OfExcluded(ExcludedRelease excluded)
    {
        CandidateRelease release = excluded.Release;
        return excluded.Reason switch
        {
            ExclusionReason.Yanked =>
                $"{release} was yanked by its publisher ({excluded.Detail}): choose another version, or wait for a corrected one",
            ExclusionReason.Trust =>
                $"{release} is refused by the trust policy: {excluded.Detail}; choose another release, or ask its publisher for one that "
                + "the policy accepts",
            _ => $"{release} is {Age(release)} old, and the cooldown of this workspace is {excluded.Detail}: it can be used from "
                + $"{UsableFrom(release)}, or now if you list {release.Name} under exempt in [cooldown]",
        };
    }

    private string Age(CandidateRelease release) =>
        Durations.Describe(TimeSpan.FromTicks(Math.Max(0, clock.UtcNanos - release.PublishedAtNanos) / TimeSpan.NanosecondsPerTick));

    private string UsableFrom(CandidateRelease release) =>
        (DateTime.UnixEpoch + TimeSpan.FromTicks(release.PublishedAtNanos / TimeSpan.NanosecondsPerTick)
            + universe.Request.Policy.MinimumReleaseAge)
        .ToString("yyyy-MM-dd HH:mm 'UTC'", CultureInfo.InvariantCulture);

    private IEnumerable<string> OfSchema(string schema)
    {
        string[] uninvited = [.. universe.UninvitedProvidersOf(schema).Take(MaxSuggestions).Select(name => name.ToString())];
        if (uninvited.Length > 0)
        {
            yield return $"The schema {schema} is provided by {ConflictPhrases.Join(uninvited, "and")}, which nothing here asks for: add "
                + $"{(uninvited.Length == 1 ? "it" : "one of them")} to the workspace if you trust "
                + $"{(uninvited.Length == 1 ? "it" : "them")}";
        }
        else if (universe.Catalog.ProvidersOf(schema).Count == 0)
        {
            yield return $"No component in the registries of this workspace provides the schema {schema}: check its spelling, or add the "
                + $"registry that has it";
        }
    }

    private string OfEngine(Fact.Dependency need) => universe.Request.Engines.TryGetValue(need.To.Label, out SemanticVersion? running)
        ? $"{need.To.Label} is {running} here: change it to {need.Requirement}, or choose a release of {need.From.Label} that works with "
            + $"{running}"
        : $"There is no {need.To.Label} here: write its version under [engines] in estream-workspace.toml, as {need.To.Label} = "
            + "\"VERSION\", or choose a component that does not need it";
}

/// <summary>Finds similar names: at most two edits away, or the same name in another scope.</summary>
internal static class SimilarNames
{
    private const int MaxDistance = 2;

    /// <summary>Returns the known names that are similar, nearest first.</summary>
    public static IEnumerable<ComponentName> To(ComponentName name, IEnumerable<ComponentName> known) =>
        known.Select(other => (Name: other, Distance: Distance(name, other)))
            .Where(other => other.Distance <= MaxDistance)
            .OrderBy(other => other.Distance).ThenBy(other => other.Name)
            .Select(other => other.Name);

    private static int Distance(ComponentName a, ComponentName b) =>
        a.Name == b.Name ? 1 : Math.Abs(a.ToString().Length - b.ToString().Length) > MaxDistance
            ? int.MaxValue
            : Levenshtein(a.ToString(), b.ToString());

    private static int Levenshtein(string a, string b)
    {
        int[] row = [.. Enumerable.Range(0, b.Length + 1)];
        for (int i = 1; i <= a.Length; i++)
        {
            int diagonal = row[0];
            row[0] = i;
            for (int j = 1; j <= b.Length; j++)
            {
                int changed = diagonal + (a[i - 1] == b[j - 1] ? 0 : 1);
                diagonal = row[j];
                row[j] = Math.Min(changed, 1 + Math.Min(row[j], row[j - 1]));
            }
        }

        return row[b.Length];
    }
}

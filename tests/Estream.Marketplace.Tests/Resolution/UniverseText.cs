using System.Globalization;
using Estream.Esf.Schema;
using Estream.Marketplace.Manifests;
using Estream.Testing;

namespace Estream.Marketplace.Tests.Resolution;

/// <summary>
/// Parses a catalog and a request. A line "name version version: clause; clause" defines releases with the same requirements and schemas;
/// "workspace: clauses" defines the request and "policy: clauses" its policy.
/// </summary>
internal sealed class UniverseText
{
    public const string Now = "2026-11-23T12:00:00";

    private readonly List<CandidateRelease> _releases = [];

    private UniverseText()
    {
    }

    public ResolutionRequest Request { get; private set; } = new() { Requirements = [] };

    public ComponentCatalog Catalog => new(_releases);

    public static UniverseText Read(string text)
    {
        UniverseText universe = new();
        foreach (string line in text.Split('\n', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries)
            .Where(line => line[0] != '#'))
        {
            int colon = line.IndexOf(": ", StringComparison.Ordinal);
            string[] subject = (colon < 0 ? line.TrimEnd(':') : line[..colon]).Split(' ');
            string[] clauses = colon < 0
                ? []
                : line[(colon + 2)..].Split(';', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries);
            switch (subject[0])
            {
                case "workspace":
                    universe.Ask(clauses);
                    break;
                case "policy":
                    universe.SetPolicy(clauses);
                    break;
                default:
                    universe._releases.AddRange(subject[1..].Select(version => Release(subject[0], version, clauses)));
                    break;
            }
        }

        return universe;
    }

    public ResolutionResult Resolve() => ComponentResolver.Resolve(Catalog, Request, ManualClock.At(Now));

    private static CandidateRelease Release(string name, string version, string[] clauses) => new()
    {
        Name = ComponentName.Parse(name),
        Version = SemanticVersion.Parse(version),
        Dependencies = [.. Of(clauses, "needs").Select(Requirement)],
        RequiredSchemas = [.. Of(clauses, "schema").Select(text => text.Split(' ', 2))
            .Select(words => new SchemaRequirement(words[0], VersionRange.Parse(words.Length > 1 ? words[1] : "*")))],
        ProvidedSchemas = [.. Of(clauses, "provides").SelectMany(names => names.Split(' '))],
        Engines = [.. Of(clauses, "engine")
            .Select(text =>
                new EngineRequirement(text[..text.IndexOf(' ', StringComparison.Ordinal)],
                    VersionRange.Parse(text[(text.IndexOf(' ', StringComparison.Ordinal) + 1)..])))],
        LicenseTier = Of(clauses, "tier").Select(Tier).FirstOrDefault(),
        PublishedAtNanos = ManualClock.At(Of(clauses, "published").FirstOrDefault("2026-01-01")).UtcNanos,
        YankReason = Of(clauses, "yanked").FirstOrDefault(),
        TrustRefusal = Of(clauses, "refused").FirstOrDefault(),
    };

    private static LicenseTier Tier(string text) => text switch
    {
        "commercial" => LicenseTier.Commercial,
        "source-available" => LicenseTier.SourceAvailable,
        _ => LicenseTier.OpenSource,
    };

    private static ComponentRequirement Requirement(string text)
    {
        int blank = text.IndexOf(' ', StringComparison.Ordinal);
        return new ComponentRequirement(ComponentName.Parse(text[..blank]), VersionRange.Parse(text[(blank + 1)..]));
    }

    private static IEnumerable<string> Of(string[] clauses, string verb) =>
        clauses.Where(clause => clause.StartsWith(verb + " ", StringComparison.Ordinal)).Select(clause => clause[(verb.Length + 1)..]);

    private void Ask(string[] clauses) => Request = Request with
    {
        Requirements = [.. Of(clauses, "needs").Select(Requirement)],
        RequiredSchemas = [.. Of(clauses, "schema")],
        Engines = Of(clauses, "engine").Select(text => text.Split(' '))
            .ToDictionary(words => words[0], words => SemanticVersion.Parse(words[1])),
        Preferred = Of(clauses, "keeps").Select(text => text.Split(' '))
            .ToDictionary(words => ComponentName.Parse(words[0]), words => SemanticVersion.Parse(words[1])),
        MaxSteps = Of(clauses, "steps").Select(text => int.Parse(text, CultureInfo.InvariantCulture))
            .FirstOrDefault(ResolutionRequest.DefaultMaxSteps),
    };

    private void SetPolicy(string[] clauses) => Request = Request with
    {
        Policy = new ResolutionPolicy
        {
            MinimumReleaseAge = TimeSpan.FromHours(Of(clauses, "cooldown-hours")
                .Select(text => int.Parse(text, CultureInfo.InvariantCulture)).FirstOrDefault()),
            CooldownExempt = Of(clauses, "exempt").Select(ComponentName.Parse).ToHashSet(),
            PreReleases = Of(clauses, "pre-releases").Select(ComponentName.Parse).ToHashSet(),
            LicenseTier = Of(clauses, "tier").Select(Tier).FirstOrDefault(),
        },
    };
}

using Estream.Esf.Schema;
using Estream.Marketplace.Manifests;
using Estream.Testing;

namespace Estream.Marketplace.Tests.Resolution;

/// <summary>
/// A small universe from a seed: few components, few versions, dense requirements. Most needs go to later components and most ranges
/// contain several versions, so that two of five universes have a solution and a few have cycles. Some components have a scope; some
/// releases are yanked, refused or in cooldown; some workspaces keep versions, want pre-releases or have no cooldown.
/// </summary>
internal sealed class RandomUniverse
{
    private const string Schema = "S";

    private static readonly string[] s_ranges =
        ["*", "^1", "^2", "1.0.0", "2.0.0", "<2", ">=1.1", "^1.1 || ^3", "3.0.0", "^4", "^2.0.0-rc.1", "<1.1 || >=2"];

    private static readonly string[] s_wideRanges = ["*", ">=1.1", "<1.1 || >=2"];

    private static readonly string[] s_versions = ["1.0.0", "1.1.0", "2.0.0-rc.1", "2.0.0", "3.0.0"];

    public RandomUniverse(int seed)
    {
        Random random = new(seed);
        int componentCount = random.Next(2, 6);
        ComponentName[] names = [.. Enumerable.Range(0, componentCount)
            .Select(i => ComponentName.Parse($"{(random.Next(4) == 0 ? "@x/" : "")}{(char)('a' + i)}"))];
        List<CandidateRelease> releases = [];
        foreach (ComponentName name in names)
        {
            int versionCount = random.Next(1, 5);
            foreach (string version in s_versions.OrderBy(_ => random.Next()).Take(versionCount))
            {
                releases.Add(Release(random, name, version, names));
            }
        }

        Catalog = new ComponentCatalog(releases);
        Request = new ResolutionRequest
        {
            Requirements = [.. names.OrderBy(_ => random.Next()).Take(random.Next(1, 4))
                .Select(name => new ComponentRequirement(name, Range(random)))],
            RequiredSchemas = random.Next(5) == 0 ? [Schema] : [],
            Engines = new Dictionary<string, SemanticVersion> { ["host"] = SemanticVersion.Parse("1.0.0") },
            Preferred = random.Next(3) > 0 ? new Dictionary<ComponentName, SemanticVersion>()
                : Some(random, names).ToDictionary(name => name, _ => SemanticVersion.Parse(s_versions[random.Next(s_versions.Length)])),
            Policy = new ResolutionPolicy
            {
                MinimumReleaseAge = random.Next(2) == 0 ? TimeSpan.FromDays(3) : TimeSpan.Zero,
                CooldownExempt = Some(random, names).ToHashSet(),
                PreReleases = Some(random, names).ToHashSet(),
            },
        };
    }

    public ComponentCatalog Catalog { get; }

    public ResolutionRequest Request { get; }

    private static CandidateRelease Release(Random random, ComponentName name, string version, ComponentName[] names) => new()
    {
        Name = name,
        Version = SemanticVersion.Parse(version),
        Dependencies = [.. names.Where(other => random.Next(60) < (other > name ? 27 : 2)).Take(3)
            .Select(other => new ComponentRequirement(other, Range(random)))],
        ProvidedSchemas = random.Next(4) == 0 ? [Schema] : [],
        RequiredSchemas = random.Next(7) == 0
            ? [new SchemaRequirement(Schema, random.Next(2) == 0 ? VersionRange.AnyRelease.WithPreReleases() : Range(random))]
            : [],
        Engines = random.Next(10) == 0 ? [new EngineRequirement("host", Range(random))] : [],
        LicenseTier = random.Next(16) == 0 ? LicenseTier.Commercial : LicenseTier.OpenSource,
        PublishedAtNanos = ManualClock.At(random.Next(12) == 0 ? "2026-11-22" : "2026-01-01").UtcNanos,
        YankReason = random.Next(16) == 0 ? "It loses messages." : null,
        TrustRefusal = random.Next(24) == 0 ? "Its key was revoked." : null,
    };

    private static IEnumerable<ComponentName> Some(Random random, ComponentName[] names) => names.Where(_ => random.Next(5) == 0).ToArray();

    private static VersionRange Range(Random random)
    {
        string[] ranges = random.Next(3) > 0 ? s_wideRanges : s_ranges;
        return VersionRange.Parse(ranges[random.Next(ranges.Length)]);
    }
}

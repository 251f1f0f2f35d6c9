using Estream.Esf.Schema;
using Estream.Marketplace.Manifests;
using Estream.Marketplace.Registries;

namespace Estream.Marketplace.Client;

/// <summary>What a registry says of a release, as the resolver sees it.</summary>
internal static class Candidates
{
    private const long NanosPerTick = 100;

    public static CandidateRelease Of(RegistryRelease release)
    {
        LicenseTier tier = LicenseTier.OpenSource;
        bool isTier = release.LicenseTier.Length == 0 || LicenseTierNames.TryParse(release.LicenseTier, out tier);
        return new CandidateRelease
        {
            Name = release.Name,
            Version = release.Version,
            Dependencies = [.. release.Dependencies.Select(need => new ComponentRequirement(need.Name, need.Range))],
            ProvidedSchemas = release.Provides,
            RequiredSchemas = [.. release.Requires.Select(schema => new SchemaRequirement(schema, VersionRange.AnyRelease))],
            Engines = [.. release.Engines.Select(engine => new EngineRequirement(engine.Name, engine.Range))],
            LicenseTier = tier,
            PublishedAtNanos = (release.Published - DateTimeOffset.UnixEpoch).Ticks * NanosPerTick,
            YankReason = release.YankReason,
            TrustRefusal = isTier ? null : $"its license tier '{release.LicenseTier}' is none",
        };
    }
}

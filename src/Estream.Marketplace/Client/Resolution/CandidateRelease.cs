using Estream.Esf.Schema;
using Estream.Marketplace.Manifests;

namespace Estream.Marketplace;

/// <summary>
/// One release as the resolver sees it: what a registry says of it once its signature is checked. Immutable; what it needs is compared by
/// the lists given, which must not change.
/// </summary>
public sealed class CandidateRelease
{
    /// <summary>The component.</summary>
    public required ComponentName Name { get; init; }

    /// <summary>The version; no two releases of a component have the same.</summary>
    public required SemanticVersion Version { get; init; }

    /// <summary>The components it needs.</summary>
    public IReadOnlyList<ComponentRequirement> Dependencies { get; init; } = [];

    /// <summary>The names of the schemas it brings along.</summary>
    public IReadOnlyList<string> ProvidedSchemas { get; init; } = [];

    /// <summary>The schemas that some component has to bring along, and the versions of that component that will do.</summary>
    public IReadOnlyList<SchemaRequirement> RequiredSchemas { get; init; } = [];

    /// <summary>What it needs of the programs around it.</summary>
    public IReadOnlyList<EngineRequirement> Engines { get; init; } = [];

    /// <summary>The least license tier with which it may be used.</summary>
    public LicenseTier LicenseTier { get; init; }

    /// <summary>When it was logged, in nanoseconds since 1970-01-01 UTC: the beginning of its cooldown.</summary>
    public long PublishedAtNanos { get; init; }

    /// <summary>Why its publisher took it back; null when nobody did.</summary>
    public string? YankReason { get; init; }

    /// <summary>Why the trust policy does not let it be used; null when it does.</summary>
    public string? TrustRefusal { get; init; }

    /// <summary>The schemas it asks others for: what a component brings along itself it has.</summary>
    internal IEnumerable<SchemaRequirement> ForeignSchemas => RequiredSchemas.Where(need => !ProvidedSchemas.Contains(need.Schema));

    /// <summary>A release of a manifest. When it was published, taken back or refused the manifest does not know.</summary>
    public static CandidateRelease Of(ComponentManifest manifest, long publishedAtNanos)
    {
        ArgumentNullException.ThrowIfNull(manifest);
        return new CandidateRelease
        {
            Name = manifest.Name,
            Version = manifest.Version,
            Dependencies = manifest.Dependencies,
            ProvidedSchemas = manifest.ProvidedSchemas,
            RequiredSchemas = manifest.RequiredSchemas,
            Engines = manifest.Engines,
            LicenseTier = manifest.LicenseTier,
            PublishedAtNanos = publishedAtNanos,
        };
    }

    /// <summary>The release for people: <c>esf-iot 1.2.0</c>.</summary>
    public override string ToString() => $"{Name} {Version}";
}

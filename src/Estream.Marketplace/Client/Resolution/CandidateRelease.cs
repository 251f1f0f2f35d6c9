using Estream.Esf.Schema;
using Estream.Marketplace.Manifests;

namespace Estream.Marketplace;

/// <summary>
/// A release as the resolver sees it: its catalogue entry, after the registry's signature was checked. Immutable, provided that the given
/// lists do not change.
/// </summary>
public sealed class CandidateRelease
{
    /// <summary>The component.</summary>
    public required ComponentName Name { get; init; }

    /// <summary>The version; unique among the releases of a component.</summary>
    public required SemanticVersion Version { get; init; }

    /// <summary>The components that the release needs.</summary>
    public IReadOnlyList<ComponentRequirement> Dependencies { get; init; } = [];

    /// <summary>The names of the schemas that the release provides.</summary>
    public IReadOnlyList<string> ProvidedSchemas { get; init; } = [];

    /// <summary>The schemas that some component must provide, with the accepted versions of that component.</summary>
    public IReadOnlyList<SchemaRequirement> RequiredSchemas { get; init; } = [];

    /// <summary>The required engines (the programs that run components).</summary>
    public IReadOnlyList<EngineRequirement> Engines { get; init; } = [];

    /// <summary>The lowest license tier that permits the use of the release.</summary>
    public LicenseTier LicenseTier { get; init; }

    /// <summary>When the release was logged, in nanoseconds since 1970-01-01 UTC; its cooldown starts then.</summary>
    public long PublishedAtNanos { get; init; }

    /// <summary>Why the publisher yanked the release; null if it is not yanked.</summary>
    public string? YankReason { get; init; }

    /// <summary>Why the trust policy refuses the release; null if it does not.</summary>
    public string? TrustRefusal { get; init; }

    /// <summary>The required schemas that the release does not provide itself.</summary>
    internal IEnumerable<SchemaRequirement> ForeignSchemas => RequiredSchemas.Where(need => !ProvidedSchemas.Contains(need.Schema));

    /// <summary>Creates a release from a manifest. A manifest does not contain yanks or trust refusals.</summary>
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

    /// <summary>Returns the release for display: <c>esf-iot 1.2.0</c>.</summary>
    public override string ToString() => $"{Name} {Version}";
}

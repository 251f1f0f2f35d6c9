using Estream.Esf.Schema;

namespace Estream.Marketplace;

/// <summary>What is to be resolved. Immutable.</summary>
public sealed record ResolutionRequest
{
    /// <summary>The number of steps after which a resolution gives up, if nothing else is said.</summary>
    public const int DefaultMaxSteps = 200_000;

    /// <summary>The components the workspace asks for, each at most once, in the order in which it prefers to have the newest.</summary>
    public required IReadOnlyList<ComponentRequirement> Requirements { get; init; }

    /// <summary>The schemas the workspace itself needs from some component.</summary>
    public IReadOnlyList<string> RequiredSchemas { get; init; } = [];

    /// <summary>The programs around the components, by name, and their versions. One that is not here is not there.</summary>
    public IReadOnlyDictionary<string, SemanticVersion> Engines { get; init; } = new Dictionary<string, SemanticVersion>();

    /// <summary>Versions to keep as long as every requirement can be met with them, as a lock file has them. A release that was taken back
    /// is used when it is here.</summary>
    public IReadOnlyDictionary<ComponentName, SemanticVersion> Preferred { get; init; } = new Dictionary<ComponentName, SemanticVersion>();

    /// <summary>What the workspace lets in.</summary>
    public ResolutionPolicy Policy { get; init; } = ResolutionPolicy.Default;

    /// <summary>Most steps (choices, derivations and resolved conflicts together) before it gives up.</summary>
    public int MaxSteps { get; init; } = DefaultMaxSteps;
}

using System.Globalization;
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

/// <summary>What a workspace lets in. Immutable.</summary>
public sealed record ResolutionPolicy
{
    /// <summary>The policy that lets every trusted release in that was not taken back.</summary>
    public static ResolutionPolicy Default { get; } = new();

    /// <summary>How long a release has to be known before it is used, so that others find what is wrong with it first. Zero: not at
    /// all.</summary>
    public TimeSpan MinimumReleaseAge { get; init; }

    /// <summary>Components that need not wait, such as one's own.</summary>
    public IReadOnlySet<ComponentName> CooldownExempt { get; init; } = new HashSet<ComponentName>();

    /// <summary>Components whose pre-releases are used where a range holds them by order, without naming one.</summary>
    public IReadOnlySet<ComponentName> PreReleases { get; init; } = new HashSet<ComponentName>();

    /// <summary>The license tier this workspace has.</summary>
    public LicenseTier LicenseTier { get; init; }

    /// <summary>Whether a release has to wait until it is known long enough: one that is younger than the cooldown, of a component that is
    /// not exempt from it.</summary>
    /// <param name="name">The component.</param>
    /// <param name="age">How long the release is known.</param>
    public bool HasToWait(ComponentName name, TimeSpan age) => age < MinimumReleaseAge && !CooldownExempt.Contains(name);
}

/// <summary>Lengths of time for people: the largest unit that says it without loss, or rounded down.</summary>
internal static class Durations
{
    public static string Describe(TimeSpan duration) => duration switch
    {
        { TotalDays: >= 1 } => Count((long)duration.TotalDays, "day"),
        { TotalHours: >= 1 } => Count((long)duration.TotalHours, "hour"),
        { TotalMinutes: >= 1 } => Count((long)duration.TotalMinutes, "minute"),
        _ => Count((long)duration.TotalSeconds, "second"),
    };

    private static string Count(long count, string unit) =>
        string.Create(CultureInfo.InvariantCulture, $"{count} {unit}{(count == 1 ? "" : "s")}");
}

using System.Globalization;
using Estream.Esf.Schema;

namespace Estream.Marketplace;

/// <summary>The input of a resolution. Immutable.</summary>
public sealed record ResolutionRequest
{
    /// <summary>The default limit of solver steps.</summary>
    public const int DefaultMaxSteps = 200_000;

    /// <summary>The components that the workspace asks for, each at most once. Earlier components get their newest version first.</summary>
    public required IReadOnlyList<ComponentRequirement> Requirements { get; init; }

    /// <summary>The schemas that the workspace itself requires.</summary>
    public IReadOnlyList<string> RequiredSchemas { get; init; } = [];

    /// <summary>The engines (the programs that run components), by name, with their versions. An engine not listed is not
    /// available.</summary>
    public IReadOnlyDictionary<string, SemanticVersion> Engines { get; init; } = new Dictionary<string, SemanticVersion>();

    /// <summary>The versions to keep while every requirement can be met with them, such as those of a lock file. A yanked release can be
    /// chosen if it is listed here.</summary>
    public IReadOnlyDictionary<ComponentName, SemanticVersion> Preferred { get; init; } = new Dictionary<ComponentName, SemanticVersion>();

    /// <summary>The policy that restricts the releases to choose from.</summary>
    public ResolutionPolicy Policy { get; init; } = ResolutionPolicy.Default;

    /// <summary>The maximum number of steps (choices, derivations and resolved conflicts together).</summary>
    public int MaxSteps { get; init; } = DefaultMaxSteps;
}

/// <summary>The policy of a workspace that restricts the releases to choose from. Immutable.</summary>
public sealed record ResolutionPolicy
{
    /// <summary>The default policy: accepts every trusted release that is not yanked.</summary>
    public static ResolutionPolicy Default { get; } = new();

    /// <summary>The cooldown: the minimum age of a release before it is used, so that defects are found elsewhere first. Zero disables the
    /// cooldown.</summary>
    public TimeSpan MinimumReleaseAge { get; init; }

    /// <summary>The components exempt from the cooldown, such as components that the user publishes.</summary>
    public IReadOnlySet<ComponentName> CooldownExempt { get; init; } = new HashSet<ComponentName>();

    /// <summary>The components whose pre-releases may be chosen by any range that contains them by precedence, even if the range names no
    /// pre-release.</summary>
    public IReadOnlySet<ComponentName> PreReleases { get; init; } = new HashSet<ComponentName>();

    /// <summary>The license tier of the workspace.</summary>
    public LicenseTier LicenseTier { get; init; }

    /// <summary>Returns whether the cooldown excludes a release: it is younger than the minimum age, and its component is not
    /// exempt.</summary>
    /// <param name="name">The component.</param>
    /// <param name="age">The time since the release was logged.</param>
    public bool HasToWait(ComponentName name, TimeSpan age) => age < MinimumReleaseAge && !CooldownExempt.Contains(name);
}

/// <summary>Formats durations for display: the largest unit of which the duration has at least one, rounded down.</summary>
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

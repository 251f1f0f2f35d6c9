namespace Estream.Marketplace;

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

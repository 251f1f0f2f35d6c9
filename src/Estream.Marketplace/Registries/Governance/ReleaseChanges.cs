using Estream.Esf.Schema;
using Estream.Marketplace.Trust.Releases;

namespace Estream.Marketplace.Governance;

/// <summary>What a release brings along that the one before it did not have. Immutable.</summary>
/// <param name="IsPatch">Whether there is a release of the same major and minor version before it.</param>
/// <param name="NewDependencies">Components that one did not need.</param>
/// <param name="NewPermissions">What that one did not ask for.</param>
internal sealed record ReleaseChanges(bool IsPatch, IReadOnlyList<string> NewDependencies, IReadOnlyList<string> NewPermissions)
{
    public static ReleaseChanges First { get; } = new(false, [], []);

    /// <summary>Compares with the release before.</summary>
    public static ReleaseChanges Between(PackageFacts before, PackageFacts next) => new(
        true,
        [.. next.Dependencies.Keys.Except(before.Dependencies.Keys, StringComparer.Ordinal).Order(StringComparer.Ordinal)],
        [.. next.Permissions.Except(before.Permissions, StringComparer.Ordinal).Order(StringComparer.Ordinal)]);

    /// <summary>
    /// The version that a release is a patch of: the highest one below it with the same major and minor version. Pre-releases are patched
    /// by nothing but what comes behind them in that line: who takes
    /// 1.4.1-rc.1 for 1.4.0 gets what a patch may bring. Null where it begins a line.
    /// </summary>
    public static SemanticVersion? PatchedBy(SemanticVersion version, IEnumerable<SemanticVersion> published) =>
        published.Where(other => !other.IsPreRelease && other.Major == version.Major && other.Minor == version.Minor && other < version)
            .Max();

    /// <summary>The highest version of the same major line that a release would have to come behind and does not; null where it may
    /// come.</summary>
    public static SemanticVersion? InTheWay(SemanticVersion version, IEnumerable<SemanticVersion> published) =>
        published.Where(other => other.Major == version.Major && other.CompareTo(version) >= 0).Max();
}

using Estream.Esf.Schema;
using Estream.Marketplace.Trust.Releases;

namespace Estream.Marketplace.Governance;

/// <summary>The dependencies and permissions that a release adds to those of the release before. Immutable.</summary>
/// <param name="IsPatch">Whether there is an earlier release of the same major and minor version.</param>
/// <param name="NewDependencies">The components that the earlier release did not need.</param>
/// <param name="NewPermissions">The permissions that the earlier release did not ask for.</param>
internal sealed record ReleaseChanges(bool IsPatch, IReadOnlyList<string> NewDependencies, IReadOnlyList<string> NewPermissions)
{
    public static ReleaseChanges First { get; } = new(false, [], []);

    /// <summary>Compares a release with the release before it.</summary>
    public static ReleaseChanges Between(PackageFacts before, PackageFacts next) => new(
        true,
        [.. next.Dependencies.Keys.Except(before.Dependencies.Keys, StringComparer.Ordinal).Order(StringComparer.Ordinal)],
        [.. next.Permissions.Except(before.Permissions, StringComparer.Ordinal).Order(StringComparer.Ordinal)]);

    /// <summary>
    /// Returns the version that a release patches: the highest lower version with the same major and minor version, not counting
    /// pre-releases. A pre-release is also a patch: users who update from 1.4.0 to 1.4.1-rc.1 get only what a patch may change. Returns
    /// null if the release starts a new line.
    /// </summary>
    public static SemanticVersion? PatchedBy(SemanticVersion version, IEnumerable<SemanticVersion> published) =>
        published.Where(other => !other.IsPreRelease && other.Major == version.Major && other.Minor == version.Minor && other < version)
            .Max();

    /// <summary>Returns the highest published version of the same major line that is not lower than a release; null if there is none and
    /// the release may be published.</summary>
    public static SemanticVersion? InTheWay(SemanticVersion version, IEnumerable<SemanticVersion> published) =>
        published.Where(other => other.Major == version.Major && other.CompareTo(version) >= 0).Max();
}

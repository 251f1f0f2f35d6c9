namespace Estream.Marketplace;

/// <summary>A component of a resolution.</summary>
/// <param name="Release">The release that was chosen.</param>
/// <param name="NeededBy">The components that need it or a schema of it, by name; the workspace's own requirements name nobody.</param>
/// <param name="IsDirect">Whether the workspace asks for it itself.</param>
public sealed record ResolvedComponent(CandidateRelease Release, IReadOnlyList<ComponentName> NeededBy, bool IsDirect);

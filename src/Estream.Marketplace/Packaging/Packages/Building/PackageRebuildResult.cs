namespace Estream.Marketplace.Packages;

/// <summary>What came of building a package again.</summary>
/// <param name="Published">What was published.</param>
/// <param name="Rebuilt">What came of it; null where the folder is no component.</param>
/// <param name="Differences">The files that differ.</param>
/// <param name="Problems">What keeps the folder from being a component.</param>
public sealed record PackageRebuildResult(PackageIdentity Published, PackageIdentity? Rebuilt, IReadOnlyList<PackageDifference> Differences, IReadOnlyList<FolderProblem> Problems)
{
    /// <summary>Whether the same package came of it.</summary>
    public bool IsSame => Published == Rebuilt;
}

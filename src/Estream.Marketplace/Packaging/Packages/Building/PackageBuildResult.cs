namespace Estream.Marketplace.Packages;

/// <summary>What came of packing a folder.</summary>
/// <param name="Package">The package; null where there are problems.</param>
/// <param name="Problems">What keeps the folder from being one, all of it.</param>
public sealed record PackageBuildResult(Package? Package, IReadOnlyList<FolderProblem> Problems);

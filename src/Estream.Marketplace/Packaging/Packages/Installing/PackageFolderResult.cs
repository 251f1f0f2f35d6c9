namespace Estream.Marketplace.Packages;

/// <summary>What a folder is.</summary>
/// <param name="Identity">That of the package with these files; null where no package has them.</param>
/// <param name="Problems">What no package has.</param>
public sealed record PackageFolderResult(PackageIdentity? Identity, IReadOnlyList<FolderProblem> Problems);

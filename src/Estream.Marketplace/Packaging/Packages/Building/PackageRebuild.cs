using Estream.Core;

namespace Estream.Marketplace.Packages;

/// <summary>Builds a package again and compares it with the published one: by its content, so that compression, signatures and attestations
/// make no difference. Thread-safe.</summary>
public static class PackageRebuild
{
    /// <summary>Packs a folder and compares.</summary>
    /// <param name="published">The published package.</param>
    /// <param name="folder">The folder with the sources it is said to be built from.</param>
    /// <param name="selection">Which files of it; all where null.</param>
    /// <param name="limits">How much is taken.</param>
    /// <exception cref="ArgumentException">What was published is no package.</exception>
    /// <exception cref="EstreamStorageException">The folder, or a file of it, cannot be read.</exception>
    public static PackageRebuildResult Run(PackageReadResult published, string folder, PackageSelection? selection = null, PackageLimits? limits = null)
    {
        ArgumentNullException.ThrowIfNull(published);
        if (!published.IsPackage)
        {
            throw new ArgumentException($"There is nothing to compare with: {published}", nameof(published));
        }

        PackageBuildResult built = PackageBuilder.Build(folder, selection, limits);
        return built.Package is Package rebuilt
            ? new PackageRebuildResult(published.Identity!, rebuilt.Identity, Compare(published.Entries, rebuilt.Entries), [])
            : new PackageRebuildResult(published.Identity!, null, [], built.Problems);
    }

    /// <summary>Which files of the content of two packages differ, in the order of their paths.</summary>
    /// <param name="published">The entries of the one.</param>
    /// <param name="rebuilt">Those of the other.</param>
    public static IReadOnlyList<PackageDifference> Compare(IEnumerable<PackageEntry> published, IEnumerable<PackageEntry> rebuilt)
    {
        Dictionary<string, PackageEntry> left = Content(published), right = Content(rebuilt);
        List<PackageDifference> differences = [];
        foreach (string path in left.Keys.Union(right.Keys).Order(StringComparer.Ordinal))
        {
            _ = left.TryGetValue(path, out PackageEntry? was);
            _ = right.TryGetValue(path, out PackageEntry? isNow);
            PackageDifferenceKind? kind = isNow is null ? PackageDifferenceKind.Missing
                : was is null ? PackageDifferenceKind.Added
                : was.Sha256 != isNow.Sha256 || was.Sha3 != isNow.Sha3 || was.Length != isNow.Length ? PackageDifferenceKind.Content
                : was.IsExecutable != isNow.IsExecutable ? PackageDifferenceKind.Mode
                : null;
            if (kind is PackageDifferenceKind found)
            {
                differences.Add(new PackageDifference(path, found, was, isNow));
            }
        }

        return differences;
    }

    private static Dictionary<string, PackageEntry> Content(IEnumerable<PackageEntry> entries) =>
        entries.Where(entry => entry.Kind == PackageEntryKind.Content).ToDictionary(entry => entry.Path, StringComparer.Ordinal);
}

using Estream.Core;

namespace Estream.Marketplace.Packages;

/// <summary>Builds a package again and compares its content with the published package. Compression, signatures and attestations do not
/// matter. Thread-safe.</summary>
public static class PackageRebuild
{
    /// <summary>Builds a package from a folder and compares it with the published one.</summary>
    /// <param name="published">The published package.</param>
    /// <param name="folder">The folder with the claimed sources of the package.</param>
    /// <param name="selection">The files to include; null for all.</param>
    /// <param name="limits">The limits on the files.</param>
    /// <exception cref="ArgumentException"><paramref name="published"/> is not a package.</exception>
    /// <exception cref="EstreamStorageException">The folder, or a file in it, cannot be read.</exception>
    public static PackageRebuildResult Run(PackageReadResult published, string folder, PackageSelection? selection = null,
        PackageLimits? limits = null)
    {
        ArgumentNullException.ThrowIfNull(published);
        if (!published.IsPackage)
        {
            throw new ArgumentException($"The published bytes are not a package: {published}", nameof(published));
        }

        PackageBuildResult built = PackageBuilder.Build(folder, selection, limits);
        return built.Package is Package rebuilt
            ? new PackageRebuildResult(published.Identity!, rebuilt.Identity, Compare(published.Entries, rebuilt.Entries), [])
            : new PackageRebuildResult(published.Identity!, null, [], built.Problems);
    }

    /// <summary>Returns the content files that differ between two packages, ordered by path.</summary>
    /// <param name="published">The entries of the published package.</param>
    /// <param name="rebuilt">The entries of the rebuilt package.</param>
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

/// <summary>The result of rebuilding a package.</summary>
/// <param name="Published">The identity of the published package.</param>
/// <param name="Rebuilt">The identity of the rebuilt package; null if the folder is not a component.</param>
/// <param name="Differences">The files that differ.</param>
/// <param name="Problems">The problems that prevent building the package.</param>
public sealed record PackageRebuildResult(PackageIdentity Published, PackageIdentity? Rebuilt, IReadOnlyList<PackageDifference> Differences,
    IReadOnlyList<FolderProblem> Problems)
{
    /// <summary>Whether both packages have the same identity.</summary>
    public bool IsSame => Published == Rebuilt;
}

/// <summary>How a file differs between the published and the rebuilt package.</summary>
public enum PackageDifferenceKind
{
    /// <summary>Only the published package has the file.</summary>
    Missing,

    /// <summary>Only the rebuilt package has the file.</summary>
    Added,

    /// <summary>The contents differ.</summary>
    Content,

    /// <summary>The file is executable in only one of the packages.</summary>
    Mode,
}

/// <summary>A file that differs between two packages.</summary>
/// <param name="Path">The path of the file.</param>
/// <param name="Kind">The kind of difference.</param>
/// <param name="Published">The published entry; null if <paramref name="Kind"/> is <see cref="PackageDifferenceKind.Added"/>.</param>
/// <param name="Rebuilt">The rebuilt entry; null if <paramref name="Kind"/> is <see cref="PackageDifferenceKind.Missing"/>.</param>
public sealed record PackageDifference(string Path, PackageDifferenceKind Kind, PackageEntry? Published, PackageEntry? Rebuilt)
{
    /// <summary>Returns the difference as a sentence.</summary>
    public override string ToString() => Kind switch
    {
        PackageDifferenceKind.Missing => $"{Path} is only in the published package",
        PackageDifferenceKind.Added => $"{Path} is only in the rebuilt package",
        PackageDifferenceKind.Mode => $"{Path} is executable only in the {(Published!.IsExecutable ? "published" : "rebuilt")} package",
        _ => $"{Path} has {Published!.Length} bytes with SHA-256 {Published.Sha256} in the published package, and {Rebuilt!.Length} with "
            + $"{Rebuilt.Sha256} in the rebuilt one",
    };
}

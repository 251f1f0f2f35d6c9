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
    public static PackageRebuildResult Run(PackageReadResult published, string folder, PackageSelection? selection = null,
        PackageLimits? limits = null)
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

/// <summary>What came of building a package again.</summary>
/// <param name="Published">What was published.</param>
/// <param name="Rebuilt">What came of it; null where the folder is no component.</param>
/// <param name="Differences">The files that differ.</param>
/// <param name="Problems">What keeps the folder from being a component.</param>
public sealed record PackageRebuildResult(PackageIdentity Published, PackageIdentity? Rebuilt, IReadOnlyList<PackageDifference> Differences,
    IReadOnlyList<FolderProblem> Problems)
{
    /// <summary>Whether the same package came of it.</summary>
    public bool IsSame => Published == Rebuilt;
}

/// <summary>How a file of a rebuilt package differs from that of the published one.</summary>
public enum PackageDifferenceKind
{
    /// <summary>The published package has it, and the rebuilt one does not.</summary>
    Missing,

    /// <summary>The rebuilt package has it, and the published one does not.</summary>
    Added,

    /// <summary>It has another content.</summary>
    Content,

    /// <summary>One of the two may be executed.</summary>
    Mode,
}

/// <summary>A file that differs.</summary>
/// <param name="Path">Its path.</param>
/// <param name="Kind">How.</param>
/// <param name="Published">What was published; null where it is <see cref="PackageDifferenceKind.Added"/>.</param>
/// <param name="Rebuilt">What came of building again; null where it is <see cref="PackageDifferenceKind.Missing"/>.</param>
public sealed record PackageDifference(string Path, PackageDifferenceKind Kind, PackageEntry? Published, PackageEntry? Rebuilt)
{
    /// <summary>The difference in a sentence.</summary>
    public override string ToString() => Kind switch
    {
        PackageDifferenceKind.Missing => $"{Path} is in the published package alone",
        PackageDifferenceKind.Added => $"{Path} is in the rebuilt package alone",
        PackageDifferenceKind.Mode => $"{Path} may be executed in the {(Published!.IsExecutable ? "published" : "rebuilt")} package alone",
        _ => $"{Path} has {Published!.Length} bytes with SHA-256 {Published.Sha256} in the published package, and {Rebuilt!.Length} with "
            + $"{Rebuilt.Sha256} in the rebuilt one",
    };
}

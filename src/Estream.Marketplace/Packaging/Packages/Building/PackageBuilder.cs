using Estream.Core;

namespace Estream.Marketplace.Packages;

/// <summary>Makes a package of the folder of a component: the same one of the same files, whatever their times, modes, owners and order
/// are. Thread-safe.</summary>
public static class PackageBuilder
{
    // What tools leave beside sources. Names that begin with a dot are those of version control and editors.
    private static readonly string[] s_skippedFolders = ["bin", "obj", "node_modules"];

    /// <summary>Packs a folder.</summary>
    /// <param name="folder">The folder with the manifest.</param>
    /// <param name="selection">Which files of it; all where null. Those in <c>bin</c>, <c>obj</c>, <c>node_modules</c> and behind a dot,
    /// and other packages (<c>.escx</c>), are never taken.</param>
    /// <param name="limits">How much is taken.</param>
    /// <returns>The package, or everything that keeps the folder from being one.</returns>
    /// <exception cref="EstreamStorageException">The folder, or a file of it, cannot be read.</exception>
    public static PackageBuildResult Build(string folder, PackageSelection? selection = null, PackageLimits? limits = null)
    {
        ArgumentException.ThrowIfNullOrEmpty(folder);
        selection ??= PackageSelection.All;
        limits ??= PackageLimits.Default;
        return FileFailure.Guard(folder, "pack it", () => BuildFrom(folder, selection, limits));
    }

    private static PackageBuildResult BuildFrom(string folder, PackageSelection selection, PackageLimits limits)
    {
        FolderFiles found = FolderFiles.Find(folder, limits,
            path => IsSkipped(path) || (!path.EndsWith('/') && path != PackagePath.Manifest && !selection.Includes(path)));
        List<FolderProblem> problems = [.. found.Problems];
        List<PackageFile> files = [];
        long total = 0;
        foreach (string path in found.Paths)
        {
            if (PackagePath.KindOf(path) != PackageEntryKind.Content)
            {
                problems.Add(
                    new FolderProblem(path,
                        "the name is that of what is said about a package, which is added once it is packed. Take it away, or leave it "
                        + "out of what is included."));
                continue;
            }

            using FileStream file = File.OpenRead(Path.Combine(folder, path));
            total += file.Length;
            if (file.Length > limits.MaxFileBytes || total > limits.MaxArchiveBytes)
            {
                problems.Add(
                    new FolderProblem(path,
                        PackageFaults.Explain(file.Length > limits.MaxFileBytes
                            ? PackageFault.FileTooLarge : PackageFault.ArchiveTooLarge)));
                break;
            }

            byte[] content = new byte[file.Length];
            file.ReadExactly(content);
            files.Add(new PackageFile(path, selection.IsExecutable(path), content));
        }

        if (!found.Paths.Contains(PackagePath.Manifest))
        {
            problems.Add(
                new FolderProblem(PackagePath.Manifest,
                    "is not there, and says what a component is. 'estream marketplace scaffold' writes one."));
        }

        return new PackageBuildResult(problems.Count == 0 ? Package.Of(files) : null, problems);
    }

    private static bool IsSkipped(string path)
    {
        bool isFolder = path.EndsWith('/');
        ReadOnlySpan<char> name = isFolder ? path.AsSpan(0, path.Length - 1) : path;
        name = name[(name.LastIndexOf('/') + 1)..];
        return name[0] == '.' || name.EndsWith(".escx", StringComparison.Ordinal)
            || (isFolder && s_skippedFolders.Contains(name.ToString()));
    }
}

/// <summary>What came of packing a folder.</summary>
/// <param name="Package">The package; null where there are problems.</param>
/// <param name="Problems">What keeps the folder from being one, all of it.</param>
public sealed record PackageBuildResult(Package? Package, IReadOnlyList<FolderProblem> Problems);

/// <summary>Something in a folder that cannot be in a package.</summary>
/// <param name="Path">Where, from that folder, with slashes.</param>
/// <param name="Message">What it is, and what to do.</param>
public sealed record FolderProblem(string Path, string Message)
{
    /// <summary>Both.</summary>
    public override string ToString() => $"{Path}: {Message}";
}

/// <summary>Which files of a component's folder are packed, and which of them may be executed. Paths are those from that folder, with
/// slashes.</summary>
/// <param name="Includes">Whether a file is packed. The manifest always is.</param>
/// <param name="IsExecutable">Whether a file may be executed once it is installed. What the file system says of it does not count: it
/// differs from checkout to checkout.</param>
public sealed record PackageSelection(Predicate<string> Includes, Predicate<string> IsExecutable)
{
    /// <summary>All files, none of them executable.</summary>
    public static PackageSelection All { get; } = new(_ => true, _ => false);
}

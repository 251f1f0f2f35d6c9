using Estream.Core;

namespace Estream.Marketplace.Packages;

/// <summary>Builds a package from the folder of a component. Equal files give equal packages, whatever their times, modes, owners and
/// order. Thread-safe.</summary>
public static class PackageBuilder
{
    // Folders that build tools create next to sources. Names with a leading dot belong to version control and editors.
    private static readonly string[] s_skippedFolders = ["bin", "obj", "node_modules"];

    /// <summary>Builds a package from a folder.</summary>
    /// <param name="folder">The folder that contains the manifest.</param>
    /// <param name="selection">The files to include; null for all. Files in <c>bin</c>, <c>obj</c> and <c>node_modules</c>, names with a
    /// leading dot, and other packages (<c>.escx</c>) are never included.</param>
    /// <param name="limits">The limits on the files.</param>
    /// <returns>The package, or all problems that prevent building it.</returns>
    /// <exception cref="EstreamStorageException">The folder, or a file in it, cannot be read.</exception>
    public static PackageBuildResult Build(string folder, PackageSelection? selection = null, PackageLimits? limits = null)
    {
        ArgumentException.ThrowIfNullOrEmpty(folder);
        selection ??= PackageSelection.All;
        limits ??= PackageLimits.Default;
        return FileFailure.Guard(folder, "pack the folder", () => BuildFrom(folder, selection, limits));
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
                        "the name is reserved for signatures and attestations, which are added after packing. Remove the file, or "
                        + "exclude it with include patterns."));
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
                    "is missing; every component needs this manifest. Create it with 'estream marketplace scaffold'."));
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

/// <summary>The result of building a package.</summary>
/// <param name="Package">The package; null if there are problems.</param>
/// <param name="Problems">All problems that prevent building the package.</param>
public sealed record PackageBuildResult(Package? Package, IReadOnlyList<FolderProblem> Problems);

/// <summary>A file or folder that cannot be in a package.</summary>
/// <param name="Path">The path relative to the folder, with slashes.</param>
/// <param name="Message">What is wrong, and what to do.</param>
public sealed record FolderProblem(string Path, string Message)
{
    /// <summary>Returns the path and the message.</summary>
    public override string ToString() => $"{Path}: {Message}";
}

/// <summary>Selects the files of a component's folder to include, and the executable ones. Paths are relative to the folder, with
/// slashes.</summary>
/// <param name="Includes">Returns whether a file is included. The manifest always is.</param>
/// <param name="IsExecutable">Returns whether a file is executable after installation. The mode in the file system is ignored, because it
/// differs between checkouts.</param>
public sealed record PackageSelection(Predicate<string> Includes, Predicate<string> IsExecutable)
{
    /// <summary>Includes all files, none of them executable.</summary>
    public static PackageSelection All { get; } = new(_ => true, _ => false);
}

using Estream.Core;

namespace Estream.Marketplace.Packages;

/// <summary>The regular files below a folder that have valid package paths. Does not follow links.</summary>
internal sealed class FolderFiles
{
    private const string Link = "is a symbolic link, which a component cannot contain. Replace it with a copy of the file.";
    private const string Special = "is a FIFO, a socket or a device, which a component cannot contain. Remove it.";

    private readonly string _folder;
    private readonly PackageLimits _limits;
    private readonly Func<string, bool> _isSkipped;
    private readonly List<string> _paths = [];
    private readonly List<FolderProblem> _problems = [];

    private FolderFiles(string folder, PackageLimits limits, Func<string, bool> isSkipped) =>
        (_folder, _limits, _isSkipped) = (folder, limits, isSkipped);

    /// <summary>The paths, in package order.</summary>
    public IReadOnlyList<string> Paths => _paths;

    /// <summary>The files that cannot be in a package.</summary>
    public IReadOnlyList<FolderProblem> Problems => _problems;

    /// <summary>Scans a folder.</summary>
    /// <param name="folder">The path of the folder.</param>
    /// <param name="limits">The limits on the files.</param>
    /// <param name="isSkipped">Returns whether to skip a file, or a folder with everything below it. Folder paths end with a slash.</param>
    /// <exception cref="EstreamStorageException">The folder, or a folder below it, cannot be read.</exception>
    public static FolderFiles Find(string folder, PackageLimits limits, Func<string, bool> isSkipped)
    {
        FolderFiles files = new(folder, limits, isSkipped);
        files.Look("", 1);
        files._paths.Sort(StringComparer.Ordinal);
        PackagePaths together = new();
        foreach (string path in files._paths)
        {
            PackageFault fault = together.Add(path);
            if (fault != PackageFault.None)
            {
                files._problems.Add(new FolderProblem(path, PackageFaults.Explain(fault)));
            }
        }

        return files;
    }

    private void Look(string below, int depth)
    {
        foreach (string full in Directory.EnumerateFileSystemEntries(Path.Combine(_folder, below)))
        {
            string path = below + Path.GetFileName(full);
            FileKind kind = FileKinds.Of(full);
            bool isFolder = kind == FileKind.Folder;
            if (kind == FileKind.Missing || _isSkipped(isFolder ? path + "/" : path))
            {
                continue;
            }

            PackageFault fault = isFolder ? depth > PackageLimits.MaxDepth ? PackageFault.PathTooDeep : PackageFault.None
                : _paths.Count >= _limits.MaxEntries ? PackageFault.TooManyEntries
                : PackagePath.Check(path);
            string? problem = kind == FileKind.Link ? Link : kind == FileKind.Special ? Special : fault != PackageFault.None
                ? PackageFaults.Explain(fault)
                : null;
            if (problem is not null)
            {
                _problems.Add(new FolderProblem(path, problem));
                if (fault == PackageFault.TooManyEntries)
                {
                    return;
                }
            }
            else if (isFolder)
            {
                Look(path + "/", depth + 1);
            }
            else
            {
                _paths.Add(path);
            }
        }
    }
}

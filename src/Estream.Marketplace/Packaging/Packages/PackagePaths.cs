namespace Estream.Marketplace.Packages;

/// <summary>The paths of one package in the order they come: finds those that cannot lie beside each other on every system. Memory: the
/// paths and their folders.</summary>
internal sealed class PackagePaths
{
    // By the path in small letters: how it is written, and whether it is a folder.
    private readonly Dictionary<string, (string Path, bool IsFolder)> _seen = new(StringComparer.OrdinalIgnoreCase);
    private string? _last;

    /// <summary>Takes the next path.</summary>
    /// <param name="path">One without fault of its own.</param>
    public PackageFault Add(string path)
    {
        PackageFault fault = AddFolders(path);
        if (fault == PackageFault.None && !_seen.TryAdd(path, (path, false)))
        {
            (string other, bool isFolder) = _seen[path];
            fault = other == path ? isFolder ? PackageFault.FileIsFolder : PackageFault.DuplicatePath : PackageFault.CaseTwin;
        }

        if (fault == PackageFault.None && string.CompareOrdinal(_last, path) > 0)
        {
            fault = PackageFault.OutOfOrder;
        }

        _last = path;
        return fault;
    }

    private PackageFault AddFolders(string path)
    {
        for (int slash = path.IndexOf('/', StringComparison.Ordinal); slash >= 0; slash = path.IndexOf('/', slash + 1))
        {
            string folder = path[..slash];
            if (!_seen.TryAdd(folder, (folder, true)))
            {
                (string other, bool isFolder) = _seen[folder];
                if (other != folder)
                {
                    return PackageFault.CaseTwin;
                }

                if (!isFolder)
                {
                    return PackageFault.FileIsFolder;
                }
            }
        }

        return PackageFault.None;
    }
}

namespace Estream.Marketplace.Packages;

/// <summary>Checks the paths of one package in order and finds conflicts that exist on some systems. Keeps all paths and their folders in
/// memory.</summary>
internal sealed class PackagePaths
{
    // The exact path and whether it is a folder, keyed case-insensitively.
    private readonly Dictionary<string, (string Path, bool IsFolder)> _seen = new(StringComparer.OrdinalIgnoreCase);
    private string? _last;

    /// <summary>Adds the next path.</summary>
    /// <param name="path">A path that is valid by itself.</param>
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

namespace Estream.Testing;

/// <summary>A hugetlbfs mount with some pages reserved for it. Disposing returns the pages.</summary>
public sealed class ReservedHugePages : IDisposable
{
    private const string Setting = "/proc/sys/vm/nr_overcommit_hugepages";

    private readonly TempDirectory _directory = new();
    private readonly string _before = File.ReadAllText(Setting);

    /// <summary>Reserves pages and mounts the file system.</summary>
    /// <param name="count">The number of 2 MiB pages.</param>
    public ReservedHugePages(int count)
    {
        // Allows surplus pages, which the kernel takes from the system only when a file needs them, so none stays reserved afterwards.
        File.WriteAllText(Setting, $"{count}\n");
        ChildProcess.Run("mount", ["-t", "hugetlbfs", "-o", $"size={2 * count}M", "hugetlbfs", _directory.Path]).EnsureSuccess();
    }

    /// <summary>The mount point.</summary>
    public string Path => _directory.Path;

    /// <summary>Returns a path below the mount; creates nothing.</summary>
    public string Combine(string name) => _directory.Combine(name);

    /// <summary>Unmounts the file system and returns the pages.</summary>
    public void Dispose()
    {
        ChildProcess.Run("umount", ["-l", _directory.Path]).EnsureSuccess();
        File.WriteAllText(Setting, _before);
        _directory.Dispose();
    }
}

namespace Estream.Testing;

/// <summary>A hugetlbfs of its own with some pages set aside for it; given back when disposed.</summary>
public sealed class ReservedHugePages : IDisposable
{
    private const string Setting = "/proc/sys/vm/nr_overcommit_hugepages";

    private readonly TempDirectory _directory = new();
    private readonly string _before = File.ReadAllText(Setting);

    /// <summary>Sets pages aside and mounts them.</summary>
    /// <param name="count">How many, of 2 MiB.</param>
    public ReservedHugePages(int count)
    {
        // Pages beyond the reserved ones, taken from the system when a file needs them: nothing stays behind.
        File.WriteAllText(Setting, $"{count}\n");
        ChildProcess.Run("mount", ["-t", "hugetlbfs", "-o", $"size={2 * count}M", "hugetlbfs", _directory.Path]).EnsureSuccess();
    }

    /// <summary>Where it is mounted.</summary>
    public string Path => _directory.Path;

    /// <summary>A path below the mount; nothing is created.</summary>
    public string Combine(string name) => _directory.Combine(name);

    /// <summary>Unmounts it and gives the pages back.</summary>
    public void Dispose()
    {
        ChildProcess.Run("umount", ["-l", _directory.Path]).EnsureSuccess();
        File.WriteAllText(Setting, _before);
        _directory.Dispose();
    }
}

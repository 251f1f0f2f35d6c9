namespace Estream.Scenarios.Harness;

/// <summary>The directories of a run, which are deleted with their content when it ends.</summary>
internal sealed class RunDirectories : IDisposable
{
    private const string SharedMemory = "/dev/shm";
    private const string OutlastsReboots = "/var/tmp";

    private readonly DataDirectory _data;
    private readonly DataDirectory _disk;
    private readonly HugePageFiles _huge;

    /// <param name="data">The location of files; if null, shared memory, else the temporary directory.</param>
    /// <param name="disk">The location of files that must be on a disk; if null, a temporary directory that survives a reboot.</param>
    /// <param name="huge">A directory on a file system that gives huge pages; if null, one is mounted if that is allowed.</param>
    public RunDirectories(string? data, string? disk, string? huge)
    {
        _data = new DataDirectory(data ?? FirstExisting(SharedMemory));
        _disk = new DataDirectory(disk ?? FirstExisting(OutlastsReboots));
        _huge = HugePageFiles.Open(huge, _data.Path);
    }

    public string Data => _data.Path;

    public string Disk => _disk.Path;

    /// <summary>The directory for files on huge pages; null if there is none.</summary>
    public string? HugePages => _huge.Path;

    public void Dispose()
    {
        _huge.Dispose();
        _disk.Dispose();
        _data.Dispose();
    }

    private static string FirstExisting(string preferred) => Directory.Exists(preferred) ? preferred : Path.GetTempPath();
}

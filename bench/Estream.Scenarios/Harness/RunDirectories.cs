namespace Estream.Scenarios.Harness;

/// <summary>The directories of a run; all of them, and what is in them, go when it ends.</summary>
internal sealed class RunDirectories : IDisposable
{
    private const string SharedMemory = "/dev/shm";
    private const string OutlastsReboots = "/var/tmp";

    private readonly DataDirectory _data;
    private readonly DataDirectory _disk;
    private readonly HugePageFiles _huge;

    /// <param name="data">Where files live; shared memory, else the temporary directory, when null.</param>
    /// <param name="disk">Where what must be on a disk lives; a temporary directory that outlasts a reboot when null.</param>
    /// <param name="huge">A directory on a file system that gives huge pages; one is mounted, if that is allowed, when null.</param>
    public RunDirectories(string? data, string? disk, string? huge)
    {
        _data = new DataDirectory(data ?? FirstExisting(SharedMemory));
        _disk = new DataDirectory(disk ?? FirstExisting(OutlastsReboots));
        _huge = HugePageFiles.Open(huge, _data.Path);
    }

    public string Data => _data.Path;

    public string Disk => _disk.Path;

    /// <summary>Null where there is none.</summary>
    public string? HugePages => _huge.Path;

    public void Dispose()
    {
        _huge.Dispose();
        _disk.Dispose();
        _data.Dispose();
    }

    private static string FirstExisting(string preferred) => Directory.Exists(preferred) ? preferred : Path.GetTempPath();
}

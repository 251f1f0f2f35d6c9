using System.ComponentModel;
using System.Diagnostics;

namespace Estream.Scenarios.Harness;

/// <summary>
/// A directory whose files get huge pages: the directory that a user names, or, if the user may mount, a memory file system mounted for the
/// run. If <see cref="Path"/> is null, there is no such directory. Rows that need huge pages then run on default pages or not at all, and
/// the run reports this.
/// </summary>
internal sealed class HugePageFiles : IDisposable
{
    private const string MountPoint = "huge";

    private readonly DataDirectory? _named;
    private readonly string? _mounted;

    private HugePageFiles(DataDirectory? named, string? mounted)
    {
        _named = named;
        _mounted = mounted;
        AppDomain.CurrentDomain.ProcessExit += (_, _) => Dispose();
    }

    public string? Path => _named?.Path ?? _mounted;

    /// <param name="requested">A directory on a file system that gives huge pages; if null, such a file system is mounted below the data
    /// directory.</param>
    /// <param name="dataDirectory">The data directory of the run.</param>
    public static HugePageFiles Open(string? requested, string dataDirectory)
    {
        return requested is not null
            ? new HugePageFiles(new DataDirectory(requested), null)
            : new HugePageFiles(null, Mount(dataDirectory));
    }

    public void Dispose()
    {
        _named?.Dispose();
        if (_mounted is not null)
        {
            Unmount(_mounted);
        }
    }

    /// <summary>Unmounts the file system that a killed run has left mounted below its data directory.</summary>
    public static void UnmountBelow(string dataDirectory)
    {
        string left = System.IO.Path.Combine(dataDirectory, MountPoint);
        if (Directory.Exists(left) && File.ReadLines("/proc/self/mounts").Any(line => line.Contains($" {left} ", StringComparison.Ordinal)))
        {
            Unmount(left);
        }
    }

    private static string? Mount(string dataDirectory)
    {
        if (!Environment.IsPrivilegedProcess)
        {
            return null;
        }

        string path = System.IO.Path.Combine(dataDirectory, MountPoint);
        Directory.CreateDirectory(path);
        if (Succeeds("mount", "-t", "tmpfs", "-o", "huge=always,mode=0700", "estream-scenarios", path))
        {
            return path;
        }

        Directory.Delete(path);
        return null;
    }

    /// <summary>Unmounts lazily: a process that is ending may still have a file mapped.</summary>
    private static void Unmount(string path)
    {
        if (Directory.Exists(path) && Succeeds("umount", "--lazy", path))
        {
            Directory.Delete(path);
        }
    }

    private static bool Succeeds(string program, params string[] arguments)
    {
        try
        {
            using Process process = Process.Start(
                new ProcessStartInfo(program, arguments) { RedirectStandardOutput = true, RedirectStandardError = true })!;
            process.StandardOutput.ReadToEnd();
            process.StandardError.ReadToEnd();
            process.WaitForExit();
            return process.ExitCode == 0;
        }
        catch (Win32Exception)
        {
            return false;   // not installed
        }
    }
}

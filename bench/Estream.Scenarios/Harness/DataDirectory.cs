using System.Diagnostics;
using System.Globalization;

namespace Estream.Scenarios.Harness;

/// <summary>
/// The directory of all files of a run, on the file system under test. It is deleted at the end, and when a signal ends the program.
/// The next run deletes the directory of a killed run, because leftovers on a memory file system would hold memory.
/// </summary>
internal sealed class DataDirectory : IDisposable
{
    private const string Prefix = "estream-scenarios-";

    public DataDirectory(string parent)
    {
        Directory.CreateDirectory(parent);
        RemoveLeftovers(parent);
        Path = System.IO.Path.Combine(System.IO.Path.GetFullPath(parent), Prefix + Environment.ProcessId);
        Directory.CreateDirectory(Path);
        AppDomain.CurrentDomain.ProcessExit += (_, _) => Dispose();
    }

    public string Path { get; }

    public void Dispose()
    {
        try
        {
            Directory.Delete(Path, recursive: true);
        }
        catch (DirectoryNotFoundException)
        {
            // Already deleted: both a signal and the normal end call this method.
        }
    }

    private static void RemoveLeftovers(string parent)
    {
        foreach (string leftover in Directory.EnumerateDirectories(parent, Prefix + "*"))
        {
            string suffix = leftover[(leftover.LastIndexOf('-') + 1)..];
            if (int.TryParse(suffix, NumberStyles.None, CultureInfo.InvariantCulture, out int owner) && !IsAlive(owner))
            {
                HugePageFiles.UnmountBelow(leftover);
                Directory.Delete(leftover, recursive: true);
            }
        }
    }

    private static bool IsAlive(int processId)
    {
        try
        {
            using Process process = Process.GetProcessById(processId);
            return !process.HasExited;
        }
        catch (ArgumentException)
        {
            return false;
        }
    }
}

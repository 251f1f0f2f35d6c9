using System.Diagnostics;
using System.Globalization;

namespace Estream.Scenarios.Harness;

/// <summary>
/// The directory below which every file of a run lives, on the file system under test; removed at the end, at a
/// signal that ends the program, and, after a killed run, by the next one (on a memory file system leftovers would hold memory).
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
            // A signal and the normal end both come here.
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

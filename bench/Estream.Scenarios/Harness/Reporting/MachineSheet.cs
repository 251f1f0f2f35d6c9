using System.ComponentModel;
using System.Diagnostics;
using System.Runtime.InteropServices;

namespace Estream.Scenarios.Harness;

/// <summary>Describes the machine of the figures. It is printed above every table, because figures mean nothing without it.</summary>
internal static class MachineSheet
{
    /// <summary>Returns the properties of the machine, as names and values.</summary>
    public static IReadOnlyList<(string Name, string Value)> Of(RunDirectories directories) =>
    [
        ("date", $"{DateTime.UtcNow:yyyy-MM-dd HH:mm} UTC"),
        ("command", string.Join(' ',
            ["dotnet run -c Release --project bench/Estream.Scenarios --", .. Environment.GetCommandLineArgs().Skip(1)])),
        ("processor", $"{ProcFile.Value("/proc/cpuinfo", "model name")}, {Environment.ProcessorCount} logical processors"),
        ("caches", Caches()),
        ("memory", $"{MebiBytes("MemTotal")} MiB, {MebiBytes("MemAvailable")} MiB available"),
        ("system", $"{RuntimeInformation.OSDescription}, {RuntimeInformation.OSArchitecture}"),
        ("dotnet", $"{RuntimeInformation.FrameworkDescription}, tiered PGO, "
            + $"{(System.Runtime.GCSettings.IsServerGC ? "server" : "workstation")} GC"),
        ("clock", Samples.DescribeClock()),
        ("compiler", ToolVersion.Of("c++") ?? "no C++ compiler"),
        ("files", $"{directories.Data} on {FileSystem(directories.Data)}"),
        ("disk", $"{directories.Disk} on {FileSystem(directories.Disk)}"),
        ("huge pages", HugePages()),
        ("huge files", directories.HugePages is { } huge
            ? $"{huge} on {FileSystem(huge)}"
            : "none, so rows for huge pages do not use them: run as root, or name a directory with --huge"),
        ("load", ProcFile.Text("/proc/loadavg")),
    ];

    public static void Print(TextWriter output, IReadOnlyList<(string Name, string Value)> machine)
    {
        foreach ((string name, string value) in machine)
        {
            output.WriteLine($"{name,-11} {value}");
        }

        output.WriteLine();
    }

    /// <summary>Converts a value of /proc/meminfo, which counts in KiB.</summary>
    private static string MebiBytes(string key)
    {
        string value = ProcFile.Value("/proc/meminfo", key);
        return long.TryParse(value.Split(' ')[0], out long kibiBytes) ? (kibiBytes >> 10).ToString() : value;
    }

    private static string Caches()
    {
        const string Root = "/sys/devices/system/cpu/cpu0/cache";
        if (!Directory.Exists(Root))
        {
            return "unknown";
        }

        IEnumerable<string> caches = Directory.EnumerateDirectories(Root, "index*").Order()
            .Select(c => $"L{ProcFile.Text(c + "/level")} {ProcFile.Text(c + "/type").ToLowerInvariant()} {ProcFile.Text(c + "/size")}");
        return string.Join(", ", caches);
    }

    private static string FileSystem(string path)
    {
        var drive = new DriveInfo(path);
        return $"{drive.DriveFormat}, {drive.AvailableFreeSpace >> 20} MiB free";
    }

    private static string HugePages()
    {
        const string Root = "/sys/kernel/mm/transparent_hugepage/";
        return $"transparent {ProcFile.Selected(Root + "enabled")}, shared memory {ProcFile.Selected(Root + "shmem_enabled")}, " +
            $"reserved {ProcFile.Value("/proc/meminfo", "HugePages_Total")}";
    }
}

/// <summary>Reads the first line of a tool's <c>--version</c>.</summary>
internal static class ToolVersion
{
    /// <summary>Returns the line; null if the tool is not installed.</summary>
    public static string? Of(string tool)
    {
        try
        {
            using Process process = Process.Start(new ProcessStartInfo(tool, "--version") { RedirectStandardOutput = true })!;
            string? line = process.StandardOutput.ReadLine();
            process.StandardOutput.ReadToEnd();
            process.WaitForExit();
            return line;
        }
        catch (Win32Exception)
        {
            return null;
        }
    }
}

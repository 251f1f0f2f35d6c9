using System.Runtime.InteropServices;

namespace Estream.Scenarios.Harness;

/// <summary>What the figures were made on: printed above every table, because a figure without it says nothing.</summary>
internal static class MachineSheet
{
    public static void Print(TextWriter output, string dataDirectory)
    {
        Line(output, "date", $"{DateTime.UtcNow:yyyy-MM-dd HH:mm} UTC");
        Line(output, "command", string.Join(' ', ["Estream.Scenarios", .. Environment.GetCommandLineArgs().Skip(1)]));
        Line(output, "processor", $"{ProcFile.Value("/proc/cpuinfo", "model name")}, {Environment.ProcessorCount} logical processors");
        Line(output, "caches", Caches());
        Line(output, "memory", $"{MebiBytes("MemTotal")} MiB, {MebiBytes("MemAvailable")} MiB available");
        Line(output, "system", $"{RuntimeInformation.OSDescription}, {RuntimeInformation.OSArchitecture}");
        Line(output, "dotnet", $"{RuntimeInformation.FrameworkDescription}, tiered PGO, {(System.Runtime.GCSettings.IsServerGC ? "server" : "workstation")} GC");
        Line(output, "compiler", ToolVersion.Of("c++") ?? "no C++ compiler");
        Line(output, "files", $"{dataDirectory} on {FileSystem(dataDirectory)}");
        Line(output, "huge pages", HugePages());
        Line(output, "load", $"{ProcFile.Text("/proc/loadavg")}");
        output.WriteLine();
    }

    private static void Line(TextWriter output, string name, string value)
    {
        output.WriteLine($"{name,-11} {value}");
    }

    /// <summary>/proc/meminfo counts in KiB.</summary>
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

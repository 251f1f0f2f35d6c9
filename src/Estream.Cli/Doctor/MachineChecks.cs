using System.Globalization;
using System.Net;
using System.Net.Sockets;

namespace Estream.Cli.Doctor;

/// <summary>Checks of the machine: kernel, limits, clock, ports.</summary>
internal static class MachineChecks
{
    private const long WantedFiles = 65_536;
    private const long WantedMappings = 65_530;

    private static readonly Version s_populate = new(5, 14);

    public static DoctorFinding Kernel()
    {
        Version version = Environment.OSVersion.Version;
        return version >= s_populate
            ? DoctorFinding.Ok("kernel", $"Linux {version}")
            : DoctorFinding.Warn("kernel", $"Linux {version}",
                "Kernels before 5.14 cannot prefault pages (MADV_POPULATE_WRITE), so appends wait for page faults. Use a newer kernel.");
    }

    /// <summary>Checks how many files a process started from this shell may open.</summary>
    public static DoctorFinding OpenFiles(string limitsFile = "/proc/self/limits")
    {
        string? line = ReadLines(limitsFile).FirstOrDefault(text => text.StartsWith("Max open files", StringComparison.Ordinal));
        string[] words = (line ?? "").Split(' ', StringSplitOptions.RemoveEmptyEntries);
        string hard = words.Length > 4 ? words[4] : "";
        bool isEnough = hard == "unlimited"
            || (long.TryParse(hard, NumberStyles.None, CultureInfo.InvariantCulture, out long count) && count >= WantedFiles);
        return isEnough
            ? DoctorFinding.Ok("open files", $"{hard} at most")
            : DoctorFinding.Warn("open files", hard.Length == 0 ? "the limit is unknown" : $"{hard} at most",
                $"Each connection and each segment uses one file. Set LimitNOFILE={WantedFiles} in the systemd unit, or run ulimit -n "
                + $"{WantedFiles}.");
    }

    public static DoctorFinding Mappings(string file = "/proc/sys/vm/max_map_count")
    {
        string text = ReadLines(file).FirstOrDefault() ?? "";
        return long.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out long count) && count >= WantedMappings
            ? DoctorFinding.Ok("mappings", $"{count} at most (vm.max_map_count)")
            : DoctorFinding.Warn("mappings", text.Length == 0 ? "vm.max_map_count is unknown" : $"{text} at most (vm.max_map_count)",
                $"Run: sysctl -w vm.max_map_count={WantedMappings}");
    }

    public static DoctorFinding Clock(DateTimeOffset now)
    {
        if (now.Year is < 2026 or > 2100)
        {
            return DoctorFinding.Fail("clock", $"{now:u}", "Set the clock: messages, tokens and certificates depend on it.");
        }

        string? service = File.Exists("/run/systemd/timesync/synchronized") ? "systemd-timesyncd"
            : Directory.Exists("/run/chrony") || Directory.Exists("/var/lib/chrony") ? "chrony"
            : Directory.Exists("/var/lib/ntpsec") || Directory.Exists("/var/lib/ntp") ? "ntp"
            : null;
        return service is not null
            ? DoctorFinding.Ok("clock", $"{now:u}, synchronized by {service}")
            : DoctorFinding.Warn("clock", $"{now:u}; no time service found",
                "In a container, the machine that runs it synchronizes the clock. Otherwise install chrony or enable systemd-timesyncd.");
    }

    /// <summary>Checks whether a host can listen on a port, or already does.</summary>
    public static DoctorFinding Port(string setting, string address, int port, bool hostRuns)
    {
        string check = $"port {port}";
        if (!IPAddress.TryParse(address == "localhost" ? "127.0.0.1" : address, out IPAddress? parsed))
        {
            return DoctorFinding.Fail(check, $"{setting}:Address is '{address}'", "Set it to an IP address.");
        }

        try
        {
            using Socket socket = new(parsed.AddressFamily, SocketType.Stream, ProtocolType.Tcp);
            socket.Bind(new IPEndPoint(parsed, port));
            return DoctorFinding.Ok(check, $"free on {address} for {setting}");
        }
        catch (SocketException failure) when (failure.SocketErrorCode == SocketError.AddressAlreadyInUse)
        {
            return hostRuns
                ? DoctorFinding.Ok(check, $"in use on {address} while the host is running")
                : DoctorFinding.Fail(check, $"in use on {address} by another program", $"Stop it, or set {setting}:Port to another port.");
        }
        catch (SocketException failure)
        {
            return DoctorFinding.Fail(check, $"cannot be used on {address}: {failure.Message}",
                failure.SocketErrorCode == SocketError.AccessDenied
                    ? "Ports below 1024 require the capability CAP_NET_BIND_SERVICE."
                    : $"Set {setting}:Address to an address of this machine.");
        }
    }

    private static string[] ReadLines(string file)
    {
        try
        {
            return File.ReadAllLines(file);
        }
        catch (Exception failure) when (failure is IOException or UnauthorizedAccessException)
        {
            return [];
        }
    }
}

using System.Diagnostics;
using System.Globalization;
using System.Net;
using Estream.Scenarios.Harness;

namespace Estream.Scenarios.Workloads;

/// <summary>Two network namespaces with an Ethernet link (veth) between them, which are removed with this object.</summary>
internal sealed class PacketNamespaces : IDisposable
{
    // Bits of <linux/capability.h>.
    private const int NetAdmin = 12;
    private const int NetRaw = 13;
    private const int SysAdmin = 21;
    private const int Bpf = 39;

    private static readonly string[] s_programs = ["/usr/sbin/ip", "/sbin/ip", "/usr/bin/ip", "/bin/ip"];

    private static int s_count;

    public PacketNamespaces()
    {
        string id = $"{Environment.ProcessId:x}{Interlocked.Increment(ref s_count):x}";
        (Sender, Receiver) = ($"estream-bench-{id}s", $"estream-bench-{id}r");
        (SenderInterface, ReceiverInterface) = ($"eb{id}s", $"eb{id}r");
        try
        {
            Ip($"netns add {Sender}");
            Ip($"netns add {Receiver}");
            Ip($"-n {Sender} link add {SenderInterface} type veth peer name {ReceiverInterface} netns {Receiver}");
            Configure(Sender, SenderInterface, SenderAddress);
            Configure(Receiver, ReceiverInterface, ReceiverAddress);
        }
        catch
        {
            Dispose();
            throw;
        }
    }

    /// <summary>Whether this process may create namespaces, and iproute2 is installed.</summary>
    public static bool CanCreate { get; } = Program is not null && Capabilities() is var held && Has(held, NetAdmin) && Has(held, SysAdmin);

    /// <summary>Whether, in addition, this process may open AF_XDP sockets, and the kernel has them.</summary>
    public static bool HasXdp { get; } = CanCreate && Capabilities() is var held && Has(held, NetRaw) && Has(held, Bpf) && HasXdpSockets();

    public static IPAddress SenderAddress { get; } = IPAddress.Parse("10.215.0.1");

    public static IPAddress ReceiverAddress { get; } = IPAddress.Parse("10.215.0.2");

    public string Sender { get; }

    public string Receiver { get; }

    public string SenderInterface { get; }

    public string ReceiverInterface { get; }

    private static string? Program => Array.Find(s_programs, File.Exists);

    public void Dispose()
    {
        Run($"-n {Sender} link del {SenderInterface}");
        Run($"netns del {Sender}");
        Run($"netns del {Receiver}");
    }

    /// <returns>The effective capabilities of this process, as a set of bits; 0 where there is no /proc.</returns>
    private static ulong Capabilities()
    {
        const string Name = "CapEff:";
        const string Status = "/proc/self/status";
        string? line = File.Exists(Status)
            ? File.ReadLines(Status).FirstOrDefault(line => line.StartsWith(Name, StringComparison.Ordinal))
            : null;
        return line is null
            ? 0
            : ulong.Parse(line.AsSpan(Name.Length).Trim(), NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture);
    }

    private static bool Has(ulong capabilities, int capability) => (capabilities >> capability & 1) != 0;

    private static bool HasXdpSockets() =>
        File.ReadLines("/proc/net/protocols").Any(line => line.StartsWith("XDP ", StringComparison.Ordinal));

    private static void Configure(string networkNamespace, string link, IPAddress address)
    {
        Ip($"-n {networkNamespace} addr add {address}/24 dev {link}");
        Ip($"-n {networkNamespace} link set {link} up");
    }

    private static void Ip(string arguments)
    {
        if (Run(arguments) is { Length: > 0 } error)
        {
            throw new ScenarioException($"ip {arguments} failed: {error}. The scenario needs root and iproute2.");
        }
    }

    /// <returns>What the program wrote to standard error if it failed; otherwise empty.</returns>
    private static string Run(string arguments)
    {
        using Process process = Process.Start(new ProcessStartInfo(Program ?? "ip", arguments) { RedirectStandardError = true })!;
        string error = process.StandardError.ReadToEnd();
        process.WaitForExit();
        return process.ExitCode == 0 ? "" : error.Length > 0 ? error.Trim() : $"exit code {process.ExitCode}";
    }
}

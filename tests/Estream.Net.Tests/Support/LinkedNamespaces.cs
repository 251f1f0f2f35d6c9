using System.Net;
using Estream.Testing;

namespace Estream.Net.Tests.Support;

/// <summary>Two network namespaces with one Ethernet link (veth) between them. Usable only in tests that <see
/// cref="NetworkNamespaceFactAttribute"/> lets run.</summary>
internal sealed class LinkedNamespaces : IDisposable
{
    private const int Blocks = 1 << 14;

    private static int s_made;

    private readonly string _linkA;
    private readonly string _linkB;

    /// <param name="queues">The number of receive queues of each interface; null for the kernel's default.</param>
    public LinkedNamespaces(int? queues = null)
    {
        int number = Interlocked.Increment(ref s_made);
        string id = $"{Environment.ProcessId:x}{number % 256:x2}";
        (A, B, _linkA, _linkB) = ($"estream-net-{id}a", $"estream-net-{id}b", $"en{id}a", $"en{id}b");
        int block = ((Environment.ProcessId * 16) + number) % Blocks;
        string start = $"10.214.{block >> 6}";
        int first = (block & 63) << 2;
        (AddressA, AddressB) = (IPAddress.Parse($"{start}.{first + 1}"), IPAddress.Parse($"{start}.{first + 2}"));
        try
        {
            Ip("netns", "add", A);
            Ip("netns", "add", B);
            string[] counts = queues is null ? [] : ["numrxqueues", $"{queues}", "numtxqueues", $"{queues}"];
            Ip(["-n", A, "link", "add", _linkA, .. counts, "type", "veth", "peer", "name", _linkB, .. counts, "netns", B]);
            Configure(A, _linkA, AddressA, "fd00:e57::1/64");
            Configure(B, _linkB, AddressB, "fd00:e57::2/64");
            Eventually.True(() => LinkState(A, _linkA).Contains("state UP", StringComparison.Ordinal), "the link is up");
        }
        catch
        {
            Dispose();
            throw;
        }
    }

    public string A { get; }

    public string B { get; }

    public IPAddress AddressA { get; }

    public IPAddress AddressB { get; }

    public string InterfaceA => _linkA;

    public string InterfaceB => _linkB;

    /// <summary>Options of a transport in the first namespace.</summary>
    public PacketTransportOptions OptionsA(PacketTransportKind kind, int port = 0) => Options(kind, A, _linkA, AddressA, port);

    /// <summary>Options of a transport in the second namespace.</summary>
    public PacketTransportOptions OptionsB(PacketTransportKind kind, int port = 0) => Options(kind, B, _linkB, AddressB, port);

    /// <summary>What <c>ip link show</c> prints about an interface.</summary>
    public static string LinkState(string networkNamespace, string link) =>
        ChildProcess.Run("ip", ["-n", networkNamespace, "link", "show", "dev", link]).EnsureSuccess().Output;

    /// <summary>Runs <c>ip</c> in the first namespace.</summary>
    public void RunInA(params string[] arguments) => Ip(["-n", A, .. arguments]);

    /// <summary>Runs <c>ip</c> in the second namespace.</summary>
    public void RunInB(params string[] arguments) => Ip(["-n", B, .. arguments]);

    public void Dispose()
    {
        ChildProcess.Run("ip", ["-n", A, "link", "del", _linkA]);
        ChildProcess.Run("ip", ["netns", "del", A]);
        ChildProcess.Run("ip", ["netns", "del", B]);
    }

    private static PacketTransportOptions Options(
        PacketTransportKind kind, string networkNamespace, string link, IPAddress address, int port) => new()
        {
            Transport = kind,
            NetworkNamespace = networkNamespace,
            Interface = link,
            LocalEndPoint = new IPEndPoint(address, port),
            FrameCount = 1024,
        };

    private static void Configure(string networkNamespace, string link, IPAddress address, string ipv6)
    {
        Ip("-n", networkNamespace, "addr", "add", $"{address}/30", "dev", link);
        Ip("-n", networkNamespace, "addr", "add", ipv6, "dev", link, "nodad");
        Ip("-n", networkNamespace, "link", "set", "lo", "up");
        Ip("-n", networkNamespace, "link", "set", link, "up");
    }

    private static void Ip(params string[] arguments) => ChildProcess.Run(Peer.Require("ip", "iproute2"), arguments).EnsureSuccess();
}

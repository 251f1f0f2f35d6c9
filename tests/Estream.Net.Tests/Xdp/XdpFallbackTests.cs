using System.Net;
using System.Text.RegularExpressions;
using Estream.Net.Tests.Support;
using Estream.Testing;

namespace Estream.Net.Tests.Xdp;

/// <summary>When AF_XDP is not available, and what remains of it when its process is killed.</summary>
public sealed class XdpFallbackTests
{
    private const int Port = 4712;

    [NetworkNamespaceFact]
    public void Auto_uses_AF_XDP_where_it_is_available()
    {
        using LinkedNamespaces net = new();
        using PacketTransport transport = PacketTransport.Open(net.OptionsA(PacketTransportKind.Auto));
        Assert.Equal(PacketTransportKind.AfXdp, transport.Kind);
        Assert.Null(transport.Fallback);
    }

    [NetworkNamespaceFact]
    public void Auto_uses_UDP_for_an_interface_with_several_receive_queues()
    {
        using LinkedNamespaces net = new(queues: 2);
        using PacketTransport auto = PacketTransport.Open(net.OptionsA(PacketTransportKind.Auto));
        Assert.Equal((PacketTransportKind.Udp, TransportFailure.Driver), (auto.Kind, auto.Fallback?.Failure));
        Assert.Contains("has 2 receive queues", auto.Fallback!.Reason, StringComparison.Ordinal);
        using PacketTransport requested = PacketTransport.Open(net.OptionsA(PacketTransportKind.AfXdp));
        Assert.Contains("queue 0 of 2", requested.Description, StringComparison.Ordinal);
    }

    [NetworkNamespaceFact]
    public void Auto_uses_UDP_and_names_the_capabilities_in_a_process_without_them()
    {
        using LinkedNamespaces net = new();
        using ChildProcess child = StartWithoutCapabilities(net, "auto");
        child.WaitForText("fallback");
        Assert.Contains("open udp", child.Output, StringComparison.Ordinal);
        Assert.Contains("fallback Permission: ", child.Output, StringComparison.Ordinal);
        Assert.Contains("CAP_NET_ADMIN", child.Output, StringComparison.Ordinal);
    }

    [NetworkNamespaceFact]
    public void AF_XDP_is_refused_in_a_process_without_capabilities()
    {
        using LinkedNamespaces net = new();
        using ChildProcess child = StartWithoutCapabilities(net, "af_xdp");
        child.Input.Close();
        ProcessResult result = child.WaitForExit();
        Assert.Equal(1, result.ExitCode);
        Assert.Contains("refused Permission: ", result.Output, StringComparison.Ordinal);
    }

    [NetworkNamespaceFact]
    public void A_killed_process_leaves_no_program_attached()
    {
        using LinkedNamespaces net = new();
        using ChildProcess child = Start(net, "af_xdp", []);
        child.WaitForText("open af_xdp");
        Match program = Regex.Match(LinkedNamespaces.LinkState(net.A, net.InterfaceA), "prog/xdp id ([0-9]+)");
        Assert.True(program.Success, "the program is attached");
        child.Kill();
        Eventually.True(
            () => !LinkedNamespaces.LinkState(net.A, net.InterfaceA).Contains("prog/xdp", StringComparison.Ordinal),
            "the program is detached");
        using PacketTransport next = PacketTransport.Open(net.OptionsA(PacketTransportKind.AfXdp, Port));
        Assert.Equal(PacketTransportKind.AfXdp, next.Kind);
    }

    [NetworkNamespaceFact]
    public void Auto_uses_UDP_for_IPv6_and_for_multicast_loopback()
    {
        using LinkedNamespaces net = new();
        PacketTransportOptions options = net.OptionsA(PacketTransportKind.Auto);
        using PacketTransport ipv6 = PacketTransport.Open(options with { LocalEndPoint = new IPEndPoint(IPAddress.IPv6Any, 0) });
        Assert.Equal((PacketTransportKind.Udp, TransportFailure.Option), (ipv6.Kind, ipv6.Fallback?.Failure));
        Assert.Contains("IPv6", ipv6.Fallback!.Reason, StringComparison.Ordinal);
        using PacketTransport loopback = PacketTransport.Open(options with { MulticastLoopback = true });
        Assert.Equal((PacketTransportKind.Udp, TransportFailure.Option), (loopback.Kind, loopback.Fallback?.Failure));
    }

    [NetworkNamespaceFact]
    public void An_interface_that_does_not_fit_is_refused_with_its_name()
    {
        using LinkedNamespaces net = new();
        PacketTransportOptions options = net.OptionsA(PacketTransportKind.AfXdp);
        EstreamTransportException missing = Assert.Throws<EstreamTransportException>(
            () => PacketTransport.Open(options with { Interface = "absent0" }));
        Assert.Equal(TransportFailure.Interface, missing.Failure);
        Assert.Contains("'absent0'", missing.Message, StringComparison.Ordinal);
        EstreamTransportException loopback = Assert.Throws<EstreamTransportException>(
            () => PacketTransport.Open(options with { Interface = "lo", LocalEndPoint = new IPEndPoint(IPAddress.Loopback, 0) }));
        Assert.Contains("'lo'", loopback.Message, StringComparison.Ordinal);
        EstreamTransportException queue = Assert.Throws<EstreamTransportException>(
            () => PacketTransport.Open(options with { QueueId = 77 }));
        Assert.Contains("queue 77", queue.Message, StringComparison.Ordinal);
    }

    [NetworkNamespaceFact]
    public void A_missing_namespace_is_refused_with_its_path()
    {
        EstreamTransportException missing = Assert.Throws<EstreamTransportException>(() => PacketTransport.Open(new PacketTransportOptions
        {
            LocalEndPoint = new IPEndPoint(IPAddress.Any, 0),
            NetworkNamespace = "estream-absent",
        }));
        Assert.Contains("/run/netns/estream-absent", missing.Message, StringComparison.Ordinal);
    }

    private static ChildProcess StartWithoutCapabilities(LinkedNamespaces net, string kind) =>
        Start(net, kind, [Peer.Require("setpriv", "util-linux"), "--bounding-set=-all", "--inh-caps=-all", "--"]);

    private static ChildProcess Start(LinkedNamespaces net, string kind, IEnumerable<string> launcher)
    {
        string program = BuiltProgram.Find("tests/Estream.Net.TestProcess", "Estream.Net.TestProcess.dll");
        return ChildProcess.Start(
            "ip", ["netns", "exec", net.A, .. launcher, "dotnet", program, kind, net.InterfaceA, net.AddressA.ToString(), $"{Port}"]);
    }
}

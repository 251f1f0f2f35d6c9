using System.Buffers.Binary;
using System.Net;
using System.Net.Sockets;
using Estream.Net.Internal;
using Estream.Net.Tests.Support;
using Estream.Net.Xdp;
using Estream.Testing;

namespace Estream.Net.Tests.Xdp;

/// <summary>AF_XDP between two namespaces, in native and generic mode, and with the kernel's UDP.</summary>
public sealed class XdpTransportTests
{
    /// <summary>IPPROTO_RAW: the program writes the IP header.</summary>
    private const int RawIp = 255;

    private static readonly IPAddress s_group = IPAddress.Parse("239.1.2.3");

    [NetworkNamespaceFact]
    public void Native_mode_delivers_every_byte_both_ways() => RequireDelivery(XdpMode.Native, "native");

    [NetworkNamespaceFact]
    public void Generic_mode_delivers_every_byte_both_ways() => RequireDelivery(XdpMode.Generic, "generic");

    [NetworkNamespaceFact]
    public void Kernel_and_AF_XDP_exchange_packets_both_ways()
    {
        using LinkedNamespaces net = new();
        using PacketTransport xdp = PacketTransport.Open(net.OptionsA(PacketTransportKind.AfXdp));
        using PacketTransport udp = PacketTransport.Open(net.OptionsB(PacketTransportKind.Udp) with { UseSegmentationOffload = false });
        TransportContract.RequireDeliveryBothWays(xdp, udp);
    }

    [NetworkNamespaceFact]
    public void Packets_without_checksums_arrive()
    {
        using LinkedNamespaces net = new();
        using PacketTransport xdp = PacketTransport.Open(net.OptionsA(PacketTransportKind.AfXdp) with { UseChecksums = false });
        using PacketTransport udp = PacketTransport.Open(net.OptionsB(PacketTransportKind.Udp));
        Traffic.RequireDelivery(xdp, udp, udp.LocalEndPoint, 100, seed: 3);
    }

    [NetworkNamespaceFact]
    public void Packets_bypass_the_kernel_once_the_link_address_is_resolved()
    {
        using LinkedNamespaces net = new();
        using PacketTransport one = PacketTransport.Open(net.OptionsA(PacketTransportKind.AfXdp));
        using PacketTransport other = PacketTransport.Open(net.OptionsB(PacketTransportKind.AfXdp));
        Traffic.RequireDelivery(one, other, other.LocalEndPoint, 1, seed: 6);
        Assert.Equal(1, one.ReadCounters().KernelPath);
        Eventually.True(
            () =>
            {
                long before = one.ReadCounters().KernelPath;
                Traffic.RequireDelivery(one, other, other.LocalEndPoint, 100, seed: 7);
                return one.ReadCounters().KernelPath == before;
            },
            "no packet takes the way through the kernel");
    }

    [NetworkNamespaceFact]
    public void Busy_polling_without_wakeups_delivers_every_byte()
    {
        using LinkedNamespaces net = new();
        using PacketTransport one = PacketTransport.Open(
            net.OptionsA(PacketTransportKind.AfXdp) with { BusyPollMicroseconds = 20, UseNeedWakeup = false });
        using PacketTransport other = PacketTransport.Open(
            net.OptionsB(PacketTransportKind.AfXdp) with { BusyPollMicroseconds = 20, UseNeedWakeup = false });
        TransportContract.RequireDeliveryBothWays(one, other);
    }

    [NetworkNamespaceFact]
    public void Hostile_packets_are_discarded_and_counted()
    {
        using LinkedNamespaces net = new();
        using PacketTransport xdp = PacketTransport.Open(net.OptionsA(PacketTransportKind.AfXdp));
        using Socket raw = NamespaceThread.Run(
            net.B, () => new Socket(AddressFamily.InterNetwork, SocketType.Raw, (ProtocolType)RawIp));
        foreach (ushort length in new ushort[] { 0, 7, 14, ushort.MaxValue })
        {
            SendRaw(raw, net, xdp.LocalEndPoint, packet => BinaryPrimitives.WriteUInt16BigEndian(packet[24..], length));
        }

        SendRaw(raw, net, xdp.LocalEndPoint, packet => packet[26] ^= 0x80);
        SendRaw(raw, net, xdp.LocalEndPoint, packet => packet[28] ^= 1);
        SendRaw(raw, net, xdp.LocalEndPoint, _ => { });
        Assert.Equal("hello"u8.ToArray(), Assert.Single(Traffic.Collect(xdp, 1)));
        Assert.Equal(6, xdp.ReadCounters().InvalidPackets);

        // Their frames receive again.
        using PacketTransport udp = PacketTransport.Open(net.OptionsB(PacketTransportKind.Udp));
        Traffic.RequireDelivery(udp, xdp, xdp.LocalEndPoint, 1_000, seed: 4);
    }

    [NetworkNamespaceFact]
    public void Multicast_reaches_members_of_the_group_only()
    {
        using LinkedNamespaces net = new();
        const int Port = 4711;
        using PacketTransport xdp = PacketTransport.Open(
            net.OptionsA(PacketTransportKind.AfXdp, Port) with { MulticastGroups = [s_group] });
        using PacketTransport udp = PacketTransport.Open(net.OptionsB(PacketTransportKind.Udp, Port) with
        {
            LocalEndPoint = new IPEndPoint(IPAddress.Any, Port),
            MulticastGroups = [s_group],
        });
        Traffic.SendOne(xdp, new IPEndPoint(IPAddress.Parse("239.1.2.4"), Port), "another group"u8);
        Traffic.SendOne(xdp, new IPEndPoint(s_group, Port), "from AF_XDP"u8);
        Assert.Equal("from AF_XDP"u8.ToArray(), Assert.Single(Traffic.Collect(udp, 1)));
        Traffic.SendOne(udp, new IPEndPoint(IPAddress.Parse("239.1.2.4"), Port), "another group"u8);
        Traffic.SendOne(udp, new IPEndPoint(s_group, Port), "from the kernel"u8);
        Assert.Equal("from the kernel"u8.ToArray(), Assert.Single(Traffic.Collect(xdp, 1)));
        Assert.Equal(0, xdp.ReadCounters().KernelPath);
    }

    [NetworkNamespaceFact]
    public void Sending_and_receiving_allocate_nothing()
    {
        using LinkedNamespaces net = new();
        using PacketTransport one = PacketTransport.Open(net.OptionsA(PacketTransportKind.AfXdp));
        using PacketTransport other = PacketTransport.Open(net.OptionsB(PacketTransportKind.AfXdp));
        TransportContract.RequireNoAllocation(one, other);
    }

    [NetworkNamespaceFact]
    public void Misuse_throws()
    {
        using LinkedNamespaces net = new();
        using PacketTransport one = PacketTransport.Open(net.OptionsA(PacketTransportKind.AfXdp));
        using PacketTransport other = PacketTransport.Open(net.OptionsB(PacketTransportKind.AfXdp));
        TransportContract.RequireMisuseIsReported(one, other);
        TransportContract.RequireDisposedThrows(one);
    }

    [NetworkNamespaceFact]
    public void Foreign_packets_reach_the_kernel()
    {
        using LinkedNamespaces net = new();
        using PacketTransport xdp = PacketTransport.Open(net.OptionsA(PacketTransportKind.AfXdp));
        using Socket listener = OpenTcp(net.A);
        listener.Bind(new IPEndPoint(net.AddressA, 0));
        listener.Listen();
        using PacketTransport otherPort = PacketTransport.Open(net.OptionsA(PacketTransportKind.Udp));
        using PacketTransport udp = PacketTransport.Open(net.OptionsB(PacketTransportKind.Udp));
        Traffic.SendOne(udp, otherPort.LocalEndPoint, "other port"u8);
        Assert.Equal("other port"u8.ToArray(), Assert.Single(Traffic.Collect(otherPort, 1)));
        using Socket client = OpenTcp(net.B);
        client.Connect(listener.LocalEndPoint!);
        using Socket accepted = listener.Accept();
        client.Send("a stream"u8);
        byte[] read = new byte[8];
        accepted.ReceiveTimeout = 60_000;
        Assert.Equal(8, accepted.Receive(read));
        Assert.Equal("a stream"u8.ToArray(), read);
        Assert.Equal(0, xdp.Receive().Count);
    }

    [NetworkNamespaceFact]
    public void Fragments_are_received_through_the_kernel()
    {
        using LinkedNamespaces net = new();
        using PacketTransport xdp = PacketTransport.Open(net.OptionsA(PacketTransportKind.AfXdp));
        using PacketTransport udp = PacketTransport.Open(
            net.OptionsB(PacketTransportKind.Udp) with { FrameBytes = 4096, UseSegmentationOffload = false });
        byte[] payload = [.. Enumerable.Range(0, 4000).Select(i => (byte)(i * 13))];
        Traffic.SendOne(udp, xdp.LocalEndPoint, payload);
        Assert.Equal(payload, Assert.Single(Traffic.Collect(xdp, 1)));
        Assert.Equal(1, xdp.ReadCounters().KernelPath);
    }

    [NetworkNamespaceFact]
    public void More_packets_than_frames_are_dropped_and_counted()
    {
        using LinkedNamespaces net = new();
        using PacketTransport xdp = PacketTransport.Open(net.OptionsA(PacketTransportKind.AfXdp) with { FrameCount = 64, BatchSize = 8 });
        using PacketTransport udp = PacketTransport.Open(net.OptionsB(PacketTransportKind.Udp) with { UseSegmentationOffload = false });
        for (int i = 0; i < 100; i++)
        {
            Traffic.SendOne(udp, xdp.LocalEndPoint, [(byte)i]);
        }

        Eventually.True(() => xdp.ReadCounters().ReceiveDropped == 68, "100 - 32 packets are dropped");
        Assert.Equal((68, 0), (xdp.ReadCounters().FillRingEmpty, xdp.ReadCounters().RingFull));
        Assert.Equal(Enumerable.Range(0, 32).Select(i => new[] { (byte)i }), Traffic.Collect(xdp, 32));

        // Released frames receive again.
        Traffic.SendOne(udp, xdp.LocalEndPoint, "after"u8);
        Assert.Equal("after"u8.ToArray(), Assert.Single(Traffic.Collect(xdp, 1)));
    }

    [NetworkNamespaceFact]
    public void An_interface_can_be_used_again_after_dispose_and_not_before()
    {
        using LinkedNamespaces net = new();
        PacketTransportOptions options = net.OptionsA(PacketTransportKind.AfXdp);
        for (int round = 0; round < 3; round++)
        {
            using PacketTransport xdp = PacketTransport.Open(options);
            EstreamTransportException second = Assert.Throws<EstreamTransportException>(() => PacketTransport.Open(options));
            Assert.Equal(TransportFailure.InUse, second.Failure);
            Assert.True(second.IsTransient);
            Assert.Contains("prog/xdp", LinkedNamespaces.LinkState(net.A, net.InterfaceA), StringComparison.Ordinal);
        }

        Assert.DoesNotContain("prog/xdp", LinkedNamespaces.LinkState(net.A, net.InterfaceA), StringComparison.Ordinal);
    }

    [NetworkNamespaceFact]
    public void A_removed_interface_ends_the_transport_with_an_error()
    {
        using LinkedNamespaces net = new();
        using PacketTransport xdp = PacketTransport.Open(net.OptionsA(PacketTransportKind.AfXdp));
        net.RunInA("link", "del", net.InterfaceA);
        EstreamTransportException? removed = null;
        Eventually.True(
            () =>
            {
                removed = Record.Exception(() => xdp.Wait(TimeSpan.FromMilliseconds(1))) as EstreamTransportException;
                return removed is not null;
            },
            "Wait reports the removed interface");
        Assert.Equal(TransportFailure.Interface, removed!.Failure);
        Assert.Contains($"{net.InterfaceA} ", removed.Message, StringComparison.Ordinal);
        Assert.Throws<EstreamTransportException>(() => _ = xdp.Receive().Count);
        Assert.Throws<EstreamTransportException>(() => xdp.Flush());
    }

    [NetworkNamespaceFact]
    public void A_program_that_polls_without_Wait_learns_that_the_interface_is_removed()
    {
        using LinkedNamespaces net = new();
        using PacketTransport xdp = PacketTransport.Open(net.OptionsA(PacketTransportKind.AfXdp));
        net.RunInA("link", "del", net.InterfaceA);
        Eventually.True(
            () => Record.Exception(() => _ = xdp.Receive().Count) is EstreamTransportException, "Receive reports the removed interface");
    }

    [NetworkNamespaceFact]
    public void Packets_longer_than_the_MTU_of_their_route_are_fragmented_by_the_kernel()
    {
        using LinkedNamespaces net = new();
        net.RunInA("route", "add", $"{net.AddressB}/32", "dev", net.InterfaceA, "mtu", "600");
        using PacketTransport xdp = PacketTransport.Open(net.OptionsA(PacketTransportKind.AfXdp));
        using PacketTransport udp = PacketTransport.Open(net.OptionsB(PacketTransportKind.Udp) with { UseSegmentationOffload = false });
        Traffic.SendOne(xdp, udp.LocalEndPoint, "resolves the link address"u8);
        _ = Traffic.Collect(udp, 1);
        Eventually.True(() => BypassesKernel(xdp, udp, new byte[572]), "packets of the MTU bypass the kernel");
        long before = xdp.ReadCounters().KernelPath;
        byte[] payload = [.. Enumerable.Range(0, 1000).Select(i => (byte)(i * 13))];
        Traffic.SendOne(xdp, udp.LocalEndPoint, payload);
        Assert.Equal(payload, Assert.Single(Traffic.Collect(udp, 1)));
        Assert.Equal(before + 1, xdp.ReadCounters().KernelPath);
    }

    [NetworkNamespaceFact]
    public void Frames_for_another_hardware_address_are_not_received()
    {
        using LinkedNamespaces net = new();
        using PacketTransport xdp = PacketTransport.Open(net.OptionsA(PacketTransportKind.AfXdp));
        using PacketTransport udp = PacketTransport.Open(net.OptionsB(PacketTransportKind.Udp));
        net.RunInB(
            "neigh", "replace", $"{net.AddressA}", "lladdr", "02:00:00:00:00:99", "dev", net.InterfaceB, "nud", "permanent");
        Traffic.SendOne(udp, xdp.LocalEndPoint, "for another host"u8);
        net.RunInB("neigh", "del", $"{net.AddressA}", "dev", net.InterfaceB);
        Traffic.SendOne(udp, xdp.LocalEndPoint, "for this host"u8);
        Assert.Equal("for this host"u8.ToArray(), Assert.Single(Traffic.Collect(xdp, 1)));
    }

    [NetworkNamespaceFact]
    public void A_transport_at_a_group_sends_from_the_address_of_its_interface()
    {
        using LinkedNamespaces net = new();
        const int Port = 4711;
        using PacketTransport xdp = PacketTransport.Open(net.OptionsA(PacketTransportKind.AfXdp) with
        {
            LocalEndPoint = new IPEndPoint(s_group, Port),
            MulticastGroups = [s_group],
        });
        using PacketTransport udp = PacketTransport.Open(net.OptionsB(PacketTransportKind.Udp, Port) with
        {
            LocalEndPoint = new IPEndPoint(IPAddress.Any, Port),
            MulticastGroups = [s_group],
        });
        Traffic.SendOne(xdp, new IPEndPoint(s_group, Port), "from AF_XDP"u8);
        Eventually.True(() => udp.Wait(TimeSpan.FromMilliseconds(20)), "a packet arrives");
        using ReceivedBatch batch = udp.Receive();
        Assert.Equal(new PacketAddress(net.AddressA, Port), batch[0].Source);
        Assert.Equal(0, xdp.ReadCounters().KernelPath);
    }

    private delegate void Damage(Span<byte> packet);

    // The kernel completes length and checksum of the IP header, and sends the rest as it is.
    private static void SendRaw(Socket raw, LinkedNamespaces net, IPEndPoint destination, Damage damage)
    {
        byte[] template = new byte[UdpFrame.HeaderBytes];
        UdpFrame.WriteTemplate(template, [], [], new PacketAddress(net.AddressB, 4711), new PacketAddress(destination), 1);
        byte[] frame = [.. template, .. "hello"u8];
        ulong sum = InternetChecksum.Sum(template.AsSpan(UdpFrame.Ip, UdpFrame.IpHeaderBytes));
        UdpFrame.Complete(frame, template, sum, UdpFrame.PseudoHeaderSum(template), useChecksum: true);
        byte[] packet = frame[UdpFrame.Ip..];
        damage(packet);
        raw.SendTo(packet, destination);
    }

    private static bool BypassesKernel(PacketTransport xdp, PacketTransport receiver, byte[] payload)
    {
        long before = xdp.ReadCounters().KernelPath;
        Traffic.SendOne(xdp, receiver.LocalEndPoint, payload);
        _ = Traffic.Collect(receiver, 1);
        return xdp.ReadCounters().KernelPath == before;
    }

    private static Socket OpenTcp(string networkNamespace) =>
        NamespaceThread.Run(networkNamespace, () => new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp));

    private static void RequireDelivery(XdpMode mode, string text)
    {
        using LinkedNamespaces net = new();
        using PacketTransport one = PacketTransport.Open(net.OptionsA(PacketTransportKind.AfXdp) with { XdpMode = mode });
        using PacketTransport other = PacketTransport.Open(net.OptionsB(PacketTransportKind.AfXdp) with { XdpMode = mode });
        Assert.Equal(PacketTransportKind.AfXdp, one.Kind);
        Assert.Contains($"{text} mode", one.Description, StringComparison.Ordinal);
        TransportContract.RequireDeliveryBothWays(one, other);
    }
}

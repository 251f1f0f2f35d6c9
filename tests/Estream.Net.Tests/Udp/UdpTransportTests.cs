using System.Net;
using System.Net.Sockets;
using Estream.Net.Tests.Support;
using Estream.Net.Udp;
using Estream.Testing;

namespace Estream.Net.Tests.Udp;

/// <summary>UDP over the loopback interface and between two namespaces, with and without segmentation offload.</summary>
public sealed class UdpTransportTests
{
    private static readonly IPAddress s_group = IPAddress.Parse("239.1.2.3");

    [Theory]
    [InlineData("127.0.0.1", true)]
    [InlineData("127.0.0.1", false)]
    [InlineData("::1", true)]
    [InlineData("::1", false)]
    public void Loopback_delivers_every_byte_both_ways(string address, bool useSegmentationOffload)
    {
        PacketTransportOptions options = Options(address) with { UseSegmentationOffload = useSegmentationOffload };
        using PacketTransport one = PacketTransport.Open(options);
        using PacketTransport other = PacketTransport.Open(options);
        Assert.Equal((PacketTransportKind.Udp, null), (one.Kind, one.Fallback));
        TransportContract.RequireDeliveryBothWays(one, other);
    }

    [NetworkNamespaceFact]
    public void Namespaces_exchange_every_byte_both_ways()
    {
        using LinkedNamespaces net = new();
        using PacketTransport one = PacketTransport.Open(net.OptionsA(PacketTransportKind.Udp));
        using PacketTransport other = PacketTransport.Open(net.OptionsB(PacketTransportKind.Udp));
        TransportContract.RequireDeliveryBothWays(one, other);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void Sending_and_receiving_allocate_nothing(bool useSegmentationOffload)
    {
        PacketTransportOptions options = Options("127.0.0.1") with { UseSegmentationOffload = useSegmentationOffload };
        using PacketTransport one = PacketTransport.Open(options);
        using PacketTransport other = PacketTransport.Open(options);
        TransportContract.RequireNoAllocation(one, other);
    }

    [Fact]
    public void Misuse_throws()
    {
        using PacketTransport one = PacketTransport.Open(Options("127.0.0.1"));
        using PacketTransport other = PacketTransport.Open(Options("127.0.0.1"));
        TransportContract.RequireMisuseIsReported(one, other);
        TransportContract.RequireDisposedThrows(one);
    }

    [Property(30, 1000)]
    public void Merged_packets_are_split_at_their_bounds(byte[] lengths)
    {
        // Runs of equal lengths are merged by the sender, and maybe by the receiver; the bounds of packets stay.
        using PacketTransport one = PacketTransport.Open(Options("127.0.0.1"));
        using PacketTransport other = PacketTransport.Open(Options("127.0.0.1"));
        byte[][] sent = [.. lengths.Take(16).SelectMany((length, i) => Enumerable.Repeat(length, 1 + (i % 4)))
            .Select((length, i) => Enumerable.Repeat((byte)i, length / 8).ToArray())];
        if (sent.Length == 0)
        {
            return;
        }

        PacketAddress destination = new(other.LocalEndPoint);
        using (SendBatch batch = one.Reserve(sent.Length))
        {
            for (int i = 0; i < batch.Count; i++)
            {
                sent[i].CopyTo(batch[i]);
                batch.SetLength(i, sent[i].Length);
                batch.SetDestination(i, destination);
            }

            batch.Send();
        }

        Assert.Equal(sent, Traffic.Collect(other, sent.Length));
    }

    [Fact]
    public void More_arrived_packets_than_a_batch_come_in_the_next_batches()
    {
        using PacketTransport one = PacketTransport.Open(Options("127.0.0.1"));
        using PacketTransport other = PacketTransport.Open(Options("127.0.0.1") with { BatchSize = 3 });
        using (SendBatch batch = one.Reserve(10))
        {
            for (int i = 0; i < batch.Count; i++)
            {
                batch[i][0] = (byte)i;
                batch.SetLength(i, 1);
                batch.SetDestination(i, new PacketAddress(other.LocalEndPoint));
            }

            batch.Send();
        }

        Assert.Equal(Enumerable.Range(0, 10).Select(i => new[] { (byte)i }), Traffic.Collect(other, 10));
    }

    [Fact]
    public void A_packet_larger_than_a_frame_is_discarded_and_counted()
    {
        PacketTransportOptions options = Options("127.0.0.1") with { UseSegmentationOffload = false };
        using PacketTransport one = PacketTransport.Open(options with { FrameBytes = 4096 });
        using PacketTransport other = PacketTransport.Open(options);
        Traffic.SendOne(one, other.LocalEndPoint, new byte[3000]);
        Traffic.SendOne(one, other.LocalEndPoint, "fits"u8);
        Assert.Equal("fits"u8.ToArray(), Assert.Single(Traffic.Collect(other, 1)));
        Assert.Equal(1, other.ReadCounters().InvalidPackets);
    }

    [Fact]
    public void Packets_that_the_socket_buffer_cannot_hold_are_counted()
    {
        PacketTransportOptions options = Options("127.0.0.1") with { UseSegmentationOffload = false };
        using PacketTransport one = PacketTransport.Open(options);
        using PacketTransport other = PacketTransport.Open(options with { SocketBufferBytes = 8192 });
        for (int i = 0; i < 100; i++)
        {
            Traffic.SendOne(one, other.LocalEndPoint, new byte[1000]);
        }

        long dropped = other.ReadCounters().ReceiveDropped;
        Assert.InRange(dropped, 1, 99);
        Assert.Equal(100 - (int)dropped, Traffic.Collect(other, 100 - (int)dropped).Count);
    }

    [NetworkNamespaceFact]
    public void Packets_longer_than_the_MTU_do_not_end_the_segmentation_of_others()
    {
        using LinkedNamespaces net = new();
        using PacketTransport one = PacketTransport.Open(net.OptionsA(PacketTransportKind.Udp));
        using PacketTransport other = PacketTransport.Open(net.OptionsB(PacketTransportKind.Udp) with { UseSegmentationOffload = false });
        SendSeveral(one, other.LocalEndPoint, count: 2, bytes: 1600);
        Assert.Equal([1600, 1600], Traffic.Collect(other, 2).Select(payload => payload.Length));
        long before = ((UdpTransport)one).MessagesSent;
        SendSeveral(one, other.LocalEndPoint, count: 8, bytes: 100);
        Assert.Equal(8, Traffic.Collect(other, 8).Count);
        Assert.Equal(1, ((UdpTransport)one).MessagesSent - before);
    }

    [Fact]
    public void A_packet_without_a_route_is_dropped_and_counted()
    {
        using PacketTransport one = PacketTransport.Open(Options("127.0.0.1"));
        Traffic.SendOne(one, new IPEndPoint(IPAddress.Broadcast, 9), "no permission for broadcasts"u8);
        PacketCounters counters = one.ReadCounters();
        Assert.Equal((0, 1), (counters.Sent, counters.SendDropped));
        Assert.NotEqual(0, counters.LastSendError);
        Assert.Equal(0, one.Pending);
    }

    [NetworkNamespaceFact]
    public void Multicast_reaches_members_of_the_group_only()
    {
        using LinkedNamespaces net = new();
        const int Port = 4711;
        using PacketTransport sender = PacketTransport.Open(net.OptionsA(PacketTransportKind.Udp));
        PacketTransportOptions options = net.OptionsB(PacketTransportKind.Udp, Port);
        using PacketTransport member = PacketTransport.Open(
            options with { LocalEndPoint = new IPEndPoint(IPAddress.Any, Port), MulticastGroups = [s_group] });
        Traffic.SendOne(sender, new IPEndPoint(IPAddress.Parse("239.1.2.4"), Port), "another group"u8);
        Traffic.SendOne(sender, new IPEndPoint(s_group, Port), "the group"u8);
        Assert.Equal("the group"u8.ToArray(), Assert.Single(Traffic.Collect(member, 1)));
    }

    [NetworkNamespaceFact]
    public void Multicast_loopback_reaches_members_of_the_same_namespace()
    {
        using LinkedNamespaces net = new();
        const int Port = 4711;
        using PacketTransport sender = PacketTransport.Open(net.OptionsA(PacketTransportKind.Udp) with { MulticastLoopback = true });
        using PacketTransport member = PacketTransport.Open(net.OptionsA(PacketTransportKind.Udp, Port) with
        {
            LocalEndPoint = new IPEndPoint(IPAddress.Any, Port),
            MulticastGroups = [s_group],
        });
        Traffic.SendOne(sender, new IPEndPoint(s_group, Port), "same machine"u8);
        Assert.Equal("same machine"u8.ToArray(), Assert.Single(Traffic.Collect(member, 1)));
    }

    [Fact]
    public void A_used_port_is_refused()
    {
        using PacketTransport one = PacketTransport.Open(Options("127.0.0.1"));
        EstreamTransportException second = Assert.Throws<EstreamTransportException>(
            () => PacketTransport.Open(Options("127.0.0.1") with { LocalEndPoint = one.LocalEndPoint }));
        Assert.Equal(TransportFailure.InUse, second.Failure);
        Assert.Contains(one.LocalEndPoint.ToString(), second.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Packets_of_a_socket_of_the_framework_arrive()
    {
        using PacketTransport transport = PacketTransport.Open(Options("127.0.0.1"));
        using Socket socket = new(AddressFamily.InterNetwork, SocketType.Dgram, ProtocolType.Udp) { ReceiveTimeout = 60_000 };
        socket.SendTo("hello"u8, transport.LocalEndPoint);
        Eventually.True(() => transport.Wait(TimeSpan.FromMilliseconds(20)), "the packet arrives");
        using (ReceivedBatch batch = transport.Receive())
        {
            Assert.Equal("hello"u8.ToArray(), batch[0].Payload.ToArray());
            Traffic.SendOne(transport, batch[0].Source.ToEndPoint(), batch[0].Payload);
        }

        byte[] answer = new byte[16];
        Assert.Equal(5, socket.Receive(answer));
        Assert.Equal("hello"u8.ToArray(), answer[..5]);
    }

    private static PacketTransportOptions Options(string address) => new()
    {
        Transport = PacketTransportKind.Udp,
        LocalEndPoint = new IPEndPoint(IPAddress.Parse(address), 0),
        FrameCount = 512,
    };

    private static void SendSeveral(PacketTransport sender, IPEndPoint destination, int count, int bytes)
    {
        using SendBatch batch = sender.Reserve(count);
        for (int i = 0; i < count; i++)
        {
            batch.SetLength(i, bytes);
            batch.SetDestination(i, new PacketAddress(destination));
        }

        batch.Send();
    }
}

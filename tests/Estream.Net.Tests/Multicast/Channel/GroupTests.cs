using System.Net;
using Estream.Net.Multicast;
using Estream.Net.Tests.Support;
using Estream.Testing;

namespace Estream.Net.Tests.Multicast.Channel;

/// <summary>Queues published to a real group, between network namespaces and on the loopback interface.</summary>
public sealed class GroupTests
{
    private const int Messages = 10_000;

    private static readonly IPEndPoint s_group = IPEndPoint.Parse("239.1.2.3:4711");

    [NetworkNamespaceFact]
    public void A_late_subscriber_and_an_early_one_rebuild_a_queue_from_a_group_that_loses_packets()
    {
        using LinkedNamespaces net = new();
        using ChannelRig rig = new(OptionsA(net, PacketTransportKind.Udp), loss: 0.05);
        MulticastSubscriber early = rig.Subscribe(OptionsB(net, PacketTransportKind.Udp));
        AppendHalf(rig);
        rig.RunUntil(() => early.Statistics.LastPosition == rig.LastPosition, "the early subscriber has half of the queue");

        MulticastSubscriber late = rig.Subscribe(OptionsB(net, PacketTransportKind.Udp));
        AppendHalf(rig);
        rig.RequireEqualCopies();

        Assert.Equal((Messages, Messages), (early.Statistics.MessagesAppended, late.Statistics.MessagesAppended));
        Assert.True(rig.Publisher.Statistics.RetransmittedPackets > 0 && early.Statistics.Losses > 0, $"{rig.Publisher.Statistics}");
    }

    [NetworkNamespaceFact]
    public void A_subscriber_on_the_machine_of_the_publisher_needs_multicast_loopback()
    {
        using LinkedNamespaces net = new();
        MulticastChannelOptions options = OptionsA(net, PacketTransportKind.Udp) with { MulticastLoopback = true };
        using ChannelRig rig = new(options);
        _ = rig.Subscribe(options);
        _ = rig.Subscribe(OptionsB(net, PacketTransportKind.Udp));
        rig.Append(500);
        rig.RequireEqualCopies();
    }

    [NetworkNamespaceFact]
    public void AF_XDP_and_UDP_share_a_group()
    {
        foreach ((PacketTransportKind publisher, PacketTransportKind subscriber) in new[]
        {
            (PacketTransportKind.AfXdp, PacketTransportKind.Udp),
            (PacketTransportKind.Udp, PacketTransportKind.AfXdp),
            (PacketTransportKind.Auto, PacketTransportKind.Auto),
        })
        {
            using LinkedNamespaces net = new();
            using ChannelRig rig = new(OptionsA(net, publisher), loss: 0.02);
            _ = rig.Subscribe(OptionsB(net, subscriber));
            rig.Append(1_000);
            rig.RequireEqualCopies();
            Assert.Equal(publisher == PacketTransportKind.Udp ? publisher : PacketTransportKind.AfXdp, rig.PublisherChannel.Kind);
            Assert.Equal(subscriber == PacketTransportKind.Udp ? subscriber : PacketTransportKind.AfXdp, rig.ChannelOf(0).Kind);
        }
    }

    [Fact]
    public void Auto_uses_UDP_on_the_loopback_interface_and_says_why()
    {
        MulticastChannelOptions options = new() { EndPoint = GroupOfThisProcess(), Interface = "lo" };
        using ChannelRig rig = new(options);
        _ = rig.Subscribe(options);
        rig.Append(300);
        rig.RequireEqualCopies();
        Assert.Equal(PacketTransportKind.Udp, rig.PublisherChannel.Kind);
        Assert.NotNull(rig.PublisherChannel.Fallback);
    }

    [Fact]
    public void Polling_allocates_nothing()
    {
        MulticastChannelOptions options = new()
        {
            EndPoint = GroupOfThisProcess(), Interface = "lo", Transport = PacketTransportKind.Udp,
        };
        byte[] key = new byte[32];
        using ChannelRig rig = new(options, new MulticastPublisherOptions { Key = key });
        MulticastSubscriber subscriber = rig.Subscribe(options, new MulticastSubscriberOptions { Key = key });
        rig.Append(1_000);
        rig.RunUntil(() => subscriber.State == MulticastState.Live, "the subscriber is live");
        long allocated = AllocationMeter.OnThisThread(500, () => _ = rig.Step());
        Assert.Equal(0, allocated);
        rig.RequireEqualCopies();
    }

    [Fact]
    public void A_packet_size_beyond_the_transport_is_refused()
    {
        MulticastChannelOptions options = new()
        {
            EndPoint = GroupOfThisProcess(), Interface = "lo", Transport = PacketTransportKind.Udp,
        };
        using MulticastChannel channel = MulticastChannel.OpenSubscriber(options);
        ArgumentException refused = Assert.Throws<ArgumentException>(
            () => new MulticastSubscriber("no-copy", channel, new MulticastSubscriberOptions { MaxPacketBytes = 2_049 }));
        Assert.Contains("2048", refused.Message, StringComparison.Ordinal);
        Assert.Throws<ArgumentException>(() => MulticastChannel.OpenPublisher(options with { EndPoint = IPEndPoint.Parse("239.1.2.3:0") }));
    }

    private static void AppendHalf(ChannelRig rig)
    {
        // In bursts, with polls between them, so that live data, retransmissions and catching up mix.
        for (int appended = 0; appended < Messages / 2; appended += 50)
        {
            rig.Append(50);
            _ = rig.Step();
        }
    }

    // A port that other runs of these tests on this machine do not use at the same time.
    private static IPEndPoint GroupOfThisProcess() => new(IPAddress.Parse("239.1.2.3"), 20_000 + (Environment.ProcessId % 10_000));

    private static MulticastChannelOptions OptionsA(LinkedNamespaces net, PacketTransportKind kind) => new()
    {
        EndPoint = s_group, Transport = kind, NetworkNamespace = net.A, Interface = net.InterfaceA,
    };

    private static MulticastChannelOptions OptionsB(LinkedNamespaces net, PacketTransportKind kind) => new()
    {
        EndPoint = s_group, Transport = kind, NetworkNamespace = net.B, Interface = net.InterfaceB,
    };
}

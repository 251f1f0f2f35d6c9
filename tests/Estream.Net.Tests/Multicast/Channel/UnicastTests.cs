using System.Net;
using Estream.Net.Multicast;
using Estream.Net.Multicast.Internal;
using Estream.Net.Tests.Multicast.Protocol;
using Estream.Net.Tests.Support;
using Estream.Testing;

namespace Estream.Net.Tests.Multicast.Channel;

/// <summary>Queues published to unicast addresses.</summary>
public sealed class UnicastTests
{
    [Theory]
    [InlineData("127.0.0.1")]
    [InlineData("::1")]
    public void Several_subscribers_rebuild_an_encrypted_queue_that_loses_packets(string address)
    {
        byte[] key = [.. Enumerable.Range(0, 32).Select(i => (byte)i)];
        MulticastChannelOptions options = Options(address);
        using ChannelRig rig = new(options, new MulticastPublisherOptions { Key = key, MinimumReceivers = 2 }, loss: 0.05);
        MulticastSubscriberOptions subscriber = new() { Key = key };
        _ = rig.Subscribe(options, subscriber);
        _ = rig.Subscribe(options, subscriber);
        rig.Append(1_000);
        rig.RunUntil(() => rig.Publisher.Statistics.Receivers == 2, "both have joined");
        _ = rig.Subscribe(options, subscriber);
        rig.Append(1_000);
        rig.RequireEqualCopies();
    }

    [Fact]
    public void A_status_without_the_session_gets_a_setup_and_no_data()
    {
        MulticastChannelOptions options = Options("127.0.0.1");
        using ChannelRig rig = new(options);
        MulticastSubscriber subscriber = rig.Subscribe(options);
        using PacketTransport victim = PacketTransport.Open(new PacketTransportOptions
        {
            Transport = PacketTransportKind.Udp, LocalEndPoint = new IPEndPoint(IPAddress.Loopback, 0), FrameCount = 512,
        });
        CapturingSender wire = new();
        using PacketOutput forged = new(wire, new ManualClock(), null, 77, 1, 1_408);
        StatusPacket status = new(0, 0, 1 << 20, 0, 0, 0);
        _ = forged.TrySendToGroup(PacketType.Status, PacketFlags.SetupRequested, status.Write(forged.Body));
        Traffic.SendOne(victim, options.EndPoint, wire.Last);
        rig.Append(500);
        rig.RunUntil(() => subscriber.Statistics.LastPosition == rig.LastPosition, "the subscriber has everything");

        byte[] only = Assert.Single(Traffic.Collect(victim, 1));
        Assert.Equal((byte)PacketType.Setup, only[PacketLayout.TypeOffset]);
        Assert.False(victim.Wait(TimeSpan.Zero));
    }

    [Fact]
    public void More_packets_than_a_batch_are_sent_in_order()
    {
        const int Packets = 300;
        MemoryNetwork network = new();
        PacketTransportOptions options = new() { LocalEndPoint = new IPEndPoint(IPAddress.Loopback, 0), BatchSize = 16 };
        using PacketTransport sender = network.Open(options);
        using PacketTransport receiver = network.Open(options);
        SendBuffer buffer = new(sender);
        for (int number = 0; number < Packets; number++)
        {
            Assert.True(buffer.HasRoom(1));
            buffer.Add(new PacketAddress(receiver.LocalEndPoint), BitConverter.GetBytes(number), [7]);
        }

        buffer.Submit();
        Assert.Equal(
            Enumerable.Range(0, Packets).Select(number => (byte[])[.. BitConverter.GetBytes(number), 7]),
            Traffic.Collect(receiver, Packets));
        Assert.False(buffer.HasRoom(options.FrameCount));
        Assert.True(buffer.HasRoom(options.FrameCount / 2));
    }

    private static MulticastChannelOptions Options(string address) =>
        new() { EndPoint = new IPEndPoint(IPAddress.Parse(address), FreePort.Next()), Transport = PacketTransportKind.Udp };
}

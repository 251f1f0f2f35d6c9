using Estream.Net.Multicast;
using Estream.Net.Multicast.Internal;
using Estream.Net.Tests.Multicast.Protocol;
using Estream.Net.Tests.Multicast.Rig;
using Estream.Net.Tests.Multicast.Simulation;

namespace Estream.Net.Tests.Multicast.Behaviour;

/// <summary>What a party must prove before the other one believes it.</summary>
public sealed class JoinTests
{
    private static readonly byte[] s_key = [.. Enumerable.Range(0, 32).Select(value => (byte)value)];

    [Fact]
    public void A_recorded_session_does_not_hold_a_new_subscriber()
    {
        using MulticastRig rig = new();
        List<(byte[] Bytes, PacketAddress From)> recorded = [];
        rig.Network.Observer = (bytes, from) => recorded.Add((bytes, from));
        rig.Append(100);
        _ = rig.Publish(new MulticastPublisherOptions { Key = s_key });
        _ = rig.Subscribe(options: new MulticastSubscriberOptions { Key = s_key });
        rig.RunToEnd();
        rig.Network.Observer = null;
        rig.EndPublisher();
        rig.Unsubscribe(1);
        MulticastSubscriber fresh = rig.Subscribe(2, new MulticastSubscriberOptions { Key = s_key });
        rig.RunFor(TimeSpan.FromMilliseconds(5));
        foreach ((byte[] bytes, PacketAddress from) in recorded.Where(packet => packet.From == SimulatedNetwork.AddressOf(0)))
        {
            fresh.Receive(bytes, from);
        }

        Assert.Equal((MulticastState.Joining, 0), (fresh.State, fresh.Statistics.MessagesAppended));
        _ = rig.Publish(new MulticastPublisherOptions { Key = s_key });
        rig.RunToEnd();
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void Forged_requests_send_no_data_to_an_address_that_did_not_answer_a_setup(bool hasVictimAsReceiver)
    {
        using MulticastRig rig = new();
        rig.Append(1_000);
        MulticastPublisher publisher = rig.Publish();
        int arrived = 0;
        PacketAddress victim = SimulatedNetwork.AddressOf(5);
        _ = rig.Network.Add(5, (bytes, _) => arrived += bytes[PacketLayout.TypeOffset] == (byte)PacketType.Data ? 1 : 0);
        if (hasVictimAsReceiver)
        {
            _ = rig.Subscribe();
            rig.RunToEnd();
            rig.RunFor(TimeSpan.FromMilliseconds(50));
            arrived = 0;
        }

        CapturingSender wire = new();
        using PacketOutput forger = new(wire, rig.Network.Clock, null, 77, 1, 1_408) { Session = (ulong)publisher.SessionId };
        StatusPacket status = new(0, 0, 1 << 20, 0, 0, 0);
        _ = forger.TrySendToGroup(PacketType.Status, PacketFlags.CatchingUp, status.Write(forger.Body));
        publisher.Receive(wire.Last, victim);
        NakRange range = new(0, 256, 1L << 61);
        _ = forger.TrySendToGroup(PacketType.Nak, PacketFlags.CatchingUp, NakPacket.Write(forger.Body, [range]));
        publisher.Receive(wire.Last, victim);
        rig.RunFor(TimeSpan.FromMilliseconds(100));

        Assert.Equal(0, arrived);
    }

    [Fact]
    public void A_cookie_of_another_address_is_answered_by_a_setup_with_the_right_one()
    {
        using MulticastRig rig = new();
        MulticastPublisher publisher = rig.Publish();
        (PacketAddress before, PacketAddress after) = (SimulatedNetwork.AddressOf(5), SimulatedNetwork.AddressOf(6));
        SetupPacket? setup = null;
        _ = rig.Network.Add(6, (bytes, _) =>
            setup = SetupPacket.TryRead(bytes.AsSpan(PacketLayout.HeaderBytes), out SetupPacket read) ? read : setup);
        CapturingSender wire = new();
        using PacketOutput moved = new(wire, rig.Network.Clock, null, 77, 1, 1_408) { Session = (ulong)publisher.SessionId };
        StatusPacket status = new(0, 0, 1 << 20, 0, 0, 0, Nonce: 41, Cookie: publisher.CookieOf(77, before));
        _ = moved.TrySendToGroup(PacketType.Status, PacketFlags.None, status.Write(moved.Body));
        publisher.Receive(wire.Last, after);
        rig.RunUntil(() => setup is not null);
        Assert.Equal((41, 77UL, publisher.CookieOf(77, after)), (setup!.Value.Nonce, setup.Value.Receiver, setup.Value.Cookie));
        Assert.Equal(0, publisher.Statistics.Receivers);

        status = status with { Cookie = setup.Value.Cookie };
        _ = moved.TrySendToGroup(PacketType.Status, PacketFlags.None, status.Write(moved.Body));
        publisher.Receive(wire.Last, after);
        Assert.Equal(1, publisher.Statistics.Receivers);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void Packets_of_unknown_senders_do_not_keep_a_subscriber_out(bool returnsSession)
    {
        using MulticastRig rig = new();
        rig.Append(50);
        MulticastPublisher publisher = rig.Publish(new MulticastPublisherOptions { MaxReceivers = 8 });
        CapturingSender wire = new();
        for (ulong id = 1_001; id < 1_501; id++)
        {
            using PacketOutput forger = new(wire, rig.Network.Clock, null, id, 1, 1_408)
            {
                Session = returnsSession ? (ulong)publisher.SessionId : 0,
            };
            StatusPacket status = new(0, 0, 1 << 20, 0, 0, 0);
            _ = forger.TrySendToGroup(PacketType.Status, PacketFlags.SetupRequested, status.Write(forger.Body));
            publisher.Receive(wire.Last, SimulatedNetwork.AddressOf((int)id));
        }

        MulticastSubscriber subscriber = rig.Subscribe();
        rig.RunFor(TimeSpan.FromSeconds(1));

        Assert.Equal(50, subscriber.Statistics.MessagesAppended);
        Assert.Equal((1, 0), (publisher.Statistics.Receivers, publisher.Statistics.ReceiversRefused));
    }

    [Fact]
    public void A_late_joiner_far_away_is_sent_the_log_about_once()
    {
        using MulticastRig rig = new(Far());
        rig.Append(1_000, 1_000);
        MulticastPublisher publisher = rig.Publish();
        _ = rig.Subscribe();
        rig.RunToEnd();

        Assert.InRange(publisher.Statistics.RetransmittedBytes, 1_000_000, 1_500_000);
    }

    [Fact]
    public void The_rate_limit_and_the_congestion_window_hold_for_a_late_joiner()
    {
        const long Rate = 200_000;
        using MulticastRig rig = new(Far());
        rig.Append(1_000, 1_000);
        MulticastPublisher paced = rig.Publish(new MulticastPublisherOptions { MaxBytesPerSecond = Rate });
        _ = rig.Subscribe();
        rig.RunFor(TimeSpan.FromSeconds(2));
        Assert.InRange(paced.Statistics.BytesSent, Rate, 2.2 * Rate);
        rig.Unsubscribe(1);

        MulticastPublisher windowed = rig.Publish(new MulticastPublisherOptions { UseCongestionWindow = true });
        MulticastSubscriber second = rig.Subscribe(2);
        rig.RunUntil(() => windowed.Statistics.RetransmittedBytes > 0);
        rig.RunFor(TimeSpan.FromMilliseconds(90));
        Assert.InRange(windowed.Statistics.RetransmittedBytes, 1, 40_000);
        rig.RunToEnd();
        Assert.Equal(1_000, second.Statistics.MessagesAppended);
    }

    private static NetworkFaults Far() => new()
    {
        Loss = 0, Duplication = 0, Damage = 0, Refusal = 0, MinDelayNanos = 50_000_000, MaxDelayNanos = 50_100_000,
    };
}

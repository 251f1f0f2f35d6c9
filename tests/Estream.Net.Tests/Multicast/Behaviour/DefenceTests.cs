using Estream.Net.Multicast;
using Estream.Net.Multicast.Internal;
using Estream.Net.Tests.Multicast.Protocol;
using Estream.Net.Tests.Multicast.Rig;
using Estream.Net.Tests.Multicast.Simulation;

namespace Estream.Net.Tests.Multicast.Behaviour;

/// <summary>Spoofed, repeated and forged packets.</summary>
public sealed class DefenceTests
{
    private const int AttackerNode = 7;
    private const ulong AttackerId = 99;

    private static readonly byte[] s_key = [.. Enumerable.Range(0, 32).Select(value => (byte)value)];

    [Fact]
    public void A_storm_of_NAKs_of_a_spoofed_receiver_is_bounded_by_its_byte_rate()
    {
        const long Rate = 1 << 20;
        using MulticastRig rig = new();
        rig.Append(5_000);
        MulticastPublisher publisher = rig.Publish(new MulticastPublisherOptions { RetransmitBytesPerSecond = Rate });
        Attacker attacker = new(rig, (ulong)publisher.SessionId);
        attacker.Join();
        long last = rig.Messages()[^1].Position;
        long before = rig.Network.Clock.MonotonicNanos;
        for (int round = 0; round < 2_000; round++)
        {
            for (int nak = 0; nak < 20; nak++)
            {
                attacker.Nak(new NakRange(0, 256 + nak, last), isDirect: nak % 2 == 0);
            }

            rig.Tick();
        }

        double seconds = (rig.Network.Clock.MonotonicNanos - before) / 1e9;
        MulticastPublisherStatistics statistics = publisher.Statistics;
        Assert.Equal(40_000, statistics.NaksReceived);
        Assert.True(statistics.NaksIgnored > 38_000, $"{statistics}");
        Assert.True(statistics.RetransmittedBytes > Rate / 2, $"{statistics}");
        Assert.True(statistics.RetransmittedBytes < (Rate * seconds) + (Rate / 10) + 65_507, $"{statistics} in {seconds} s");
    }

    [Fact]
    public void A_storm_of_NAKs_of_many_spoofed_receivers_is_bounded_by_the_total_rate()
    {
        const long Rate = 1 << 20;
        using MulticastRig rig = new();
        rig.Append(5_000);
        MulticastPublisher publisher = rig.Publish(new MulticastPublisherOptions { TotalRetransmitBytesPerSecond = Rate });
        long last = rig.Messages()[^1].Position;
        Attacker[] attackers = [.. Enumerable.Range(0, 200).Select(number =>
            new Attacker(rig, (ulong)publisher.SessionId, AttackerId + (ulong)number))];
        long before = rig.Network.Clock.MonotonicNanos;
        for (int round = 0; round < 500; round++)
        {
            foreach (Attacker attacker in attackers)
            {
                attacker.Join();
                attacker.Nak(new NakRange(0, 256, last), isDirect: true);
            }

            rig.Tick();
        }

        double seconds = (rig.Network.Clock.MonotonicNanos - before) / 1e9;
        MulticastPublisherStatistics statistics = publisher.Statistics;
        Assert.Equal(64, statistics.Receivers);
        Assert.True(statistics.RetransmittedBytes < (Rate * seconds) + (Rate / 10) + 65_507, $"{statistics} in {seconds} s");
    }

    [Fact]
    public void NAKs_of_a_sender_that_sent_no_status_are_not_answered()
    {
        using MulticastRig rig = new();
        rig.Append(100);
        MulticastPublisher publisher = rig.Publish();
        new Attacker(rig, (ulong)publisher.SessionId).Nak(new NakRange(0, 256, 10_000), isDirect: true);
        rig.RunFor(TimeSpan.FromMilliseconds(50));

        Assert.Equal((1, 0), (publisher.Statistics.NaksReceived, publisher.Statistics.RetransmittedPackets));
    }

    [Fact]
    public void Anchors_at_which_no_message_starts_are_refused_without_an_exception()
    {
        using MulticastRig rig = new();
        rig.Append(1_000);
        MulticastPublisher publisher = rig.Publish();
        Attacker attacker = new(rig, (ulong)publisher.SessionId);
        attacker.Join();
        Random random = new(5);
        HashSet<long> positions = [.. rig.Messages().Select(message => message.Position)];
        int asked = 0;
        while (asked < 500)
        {
            long anchor = 256 + (random.NextInt64(20_000) * 8);
            if (!positions.Contains(anchor))
            {
                attacker.Nak(new NakRange(anchor, anchor, anchor + 1_000), isDirect: true);
                rig.RunFor(TimeSpan.FromMilliseconds(3));
                asked++;
            }
        }

        Assert.Equal(0, publisher.Statistics.RetransmittedPackets);
        Assert.True(attacker.Refusals > 100);
    }

    [Fact]
    public void Replayed_packets_change_nothing()
    {
        using MulticastRig rig = new(new NetworkFaults { Duplication = 0 });
        List<(byte[] Bytes, PacketAddress From)> recorded = [];
        rig.Network.Observer = (bytes, from) => recorded.Add((bytes, from));
        rig.Append(200);
        MulticastPublisher publisher = rig.Publish(new MulticastPublisherOptions { Key = s_key });
        MulticastSubscriber subscriber = rig.Subscribe(options: new MulticastSubscriberOptions { Key = s_key });
        rig.RunToEnd();
        rig.Network.Observer = null;
        (long appended, int receivers) = (subscriber.Statistics.MessagesAppended, publisher.Statistics.Receivers);
        foreach ((byte[] bytes, PacketAddress from) in recorded)
        {
            subscriber.Receive(bytes, from);
            publisher.Receive(bytes, from);
        }

        Assert.Equal(appended, subscriber.Statistics.MessagesAppended);
        Assert.Equal(receivers, publisher.Statistics.Receivers);
        Assert.True(subscriber.Statistics.ReplayedPackets > 0 && publisher.Statistics.ReplayedPackets > 0);
        Assert.Null(subscriber.Failure);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void A_subscriber_without_the_key_of_the_publisher_never_joins(bool hasKey)
    {
        byte[] other = [.. s_key];
        other[31] ^= 1;
        using MulticastRig rig = new();
        rig.Append(10);
        MulticastPublisher publisher = rig.Publish(new MulticastPublisherOptions { Key = s_key });
        MulticastSubscriber subscriber = rig.Subscribe(
            options: new MulticastSubscriberOptions { Key = hasKey ? other : default(ReadOnlyMemory<byte>) });
        rig.RunFor(TimeSpan.FromSeconds(2));

        Assert.Equal(MulticastState.Joining, subscriber.State);
        Assert.True(publisher.Statistics.InvalidPackets > 10 && subscriber.Statistics.InvalidPackets > 10);
        Assert.Equal(0, publisher.Statistics.Receivers);
    }

    [Fact]
    public void A_forged_status_does_not_move_a_receiver_to_another_address()
    {
        using MulticastRig rig = new();
        rig.Append(50);
        MulticastPublisher publisher = rig.Publish();
        Attacker victim = new(rig, (ulong)publisher.SessionId);
        victim.Join();
        rig.RunFor(TimeSpan.FromMilliseconds(10));
        victim.Join(SimulatedNetwork.AddressOf(3));
        int redirected = 0;
        _ = rig.Network.Add(3, (bytes, _) => redirected += bytes[PacketLayout.TypeOffset] == (byte)PacketType.Data ? 1 : 0);
        victim.Nak(new NakRange(0, 256, 5_000), isDirect: true);
        rig.RunUntil(() => publisher.Statistics.RetransmittedPackets > 0 && victim.DataPackets > 0);

        Assert.Equal(0, redirected);
    }

    /// <summary>Sends packets that no subscriber would send.</summary>
    private sealed class Attacker : IDisposable
    {
        private readonly MulticastRig _rig;
        private readonly ulong _id;
        private readonly CapturingSender _wire = new();
        private readonly PacketOutput _output;

        public Attacker(MulticastRig rig, ulong session, ulong id = AttackerId)
        {
            (_rig, _id) = (rig, id);
            _output = new PacketOutput(_wire, rig.Network.Clock, null, id, 1, 1_408) { Session = session };
            if (id == AttackerId)
            {
                _ = rig.Network.Add(AttackerNode, (bytes, _) =>
                {
                    Refusals += bytes[PacketLayout.TypeOffset] == (byte)PacketType.Refusal ? 1 : 0;
                    DataPackets += bytes[PacketLayout.TypeOffset] == (byte)PacketType.Data ? 1 : 0;
                });
            }
        }

        public int Refusals { get; private set; }

        public int DataPackets { get; private set; }

        public void Join(PacketAddress? from = null)
        {
            long cookie = _rig.Publisher!.CookieOf(_id, SimulatedNetwork.AddressOf(AttackerNode));
            StatusPacket status = new(0, 0, 1 << 20, 0, 0, 0, Cookie: cookie);
            _ = _output.TrySendToGroup(PacketType.Status, PacketFlags.None, status.Write(_output.Body));
            _rig.Publisher!.Receive(_wire.Last, from ?? SimulatedNetwork.AddressOf(AttackerNode));
        }

        public void Nak(NakRange range, bool isDirect)
        {
            PacketFlags flags = isDirect ? PacketFlags.CatchingUp : PacketFlags.None;
            _ = _output.TrySendToGroup(PacketType.Nak, flags, NakPacket.Write(_output.Body, [range]));
            _rig.Publisher!.Receive(_wire.Last, SimulatedNetwork.AddressOf(AttackerNode));
        }

        public void Dispose() => _output.Dispose();
    }
}

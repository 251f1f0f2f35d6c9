using Estream.Net.Multicast;
using Estream.Net.Multicast.Internal;
using Estream.Net.Tests.Multicast.Protocol;
using Estream.Net.Tests.Multicast.Rig;
using Estream.Net.Tests.Multicast.Simulation;
using Estream.Testing;

namespace Estream.Net.Tests.Multicast.Behaviour;

/// <summary>Flow control, congestion, FEC, NAK suppression, allocation.</summary>
public sealed class FlowTests
{
    private const long Second = 1_000_000_000;

    [Fact]
    public void Min_waits_for_a_receiver_that_stands_still_and_max_does_not()
    {
        Assert.True(SentWhileOneStands(MulticastFlowControl.Min) < 20_000);
        Assert.True(SentWhileOneStands(MulticastFlowControl.Max) > 150_000);
    }

    [Fact]
    public void Tagged_waits_for_receivers_with_the_tag_alone()
    {
        Receiver tagged = New(1_000, 500, tag: 7);
        Receiver other = New(100, 500, tag: 0);
        Receiver absent = New(0, 500, tag: 7);
        absent.IsCatchingUp = true;

        FlowControl.Result result = FlowControl.Apply([tagged, other, null, absent], MulticastFlowControl.Tagged, 7);
        Assert.Equal(new FlowControl.Result(1, 1_500, 1_000), result);
        Assert.Equal(new FlowControl.Result(2, 600, 100), FlowControl.Apply([tagged, other], MulticastFlowControl.Min, 0));
        Assert.Equal(new FlowControl.Result(2, 1_500, 1_000), FlowControl.Apply([tagged, other], MulticastFlowControl.Max, 0));
    }

    [Fact]
    public void Congestion_window_shrinks_once_per_round_trip_and_grows_back_along_the_cubic()
    {
        CongestionWindow window = new(1_000, 10, 1 << 30);
        window.OnRoundTrip(10_000_000);
        long now = 0;
        while (window.Bytes < 1_000_000)
        {
            now += 10_000_000;
            window.OnAcknowledged(window.Bytes, now);
        }

        long before = window.Bytes;
        window.OnLoss(now);
        window.OnLoss(now + 1);
        Assert.Equal(1, window.Losses);
        Assert.InRange(window.Bytes, (long)(before * 0.699), (long)(before * 0.701));

        // RFC 9438: the window is back at its maximum after K = cbrt(W_max (1 - beta) / C) seconds.
        double k = Math.Cbrt(before / 1_000d * 0.3 / 0.4);
        long start = now;
        while (window.Bytes < before * 0.999)
        {
            now += 10_000_000;
            window.OnAcknowledged(window.Bytes, now);
        }

        Assert.InRange((now - start) / (double)Second, k * 0.5, k * 1.1);
    }

    [Fact]
    public void FEC_restores_most_losses_without_a_NAK()
    {
        using MulticastRig rig = new(new NetworkFaults { Loss = 0.02, Duplication = 0, Damage = 0, MaxDelayNanos = 200_000 });
        _ = rig.Publish(new MulticastPublisherOptions { FecData = 4, FecParity = 2 });
        MulticastSubscriber subscriber = rig.Subscribe(
            options: new MulticastSubscriberOptions { NakDelay = TimeSpan.FromMilliseconds(50), NakRetry = TimeSpan.FromMilliseconds(50) });
        rig.RunUntil(() => subscriber.State == MulticastState.Live);
        for (int round = 0; round < 1_000; round++)
        {
            rig.Append(2, 1_000);
            rig.Tick();
        }

        rig.RunToEnd();
        MulticastSubscriberStatistics statistics = subscriber.Statistics;
        Assert.True(statistics.PacketsRestored > 10, $"{statistics}");
        Assert.True(statistics.NaksSent < statistics.PacketsRestored, $"{statistics}");
    }

    [Fact]
    public void A_NAK_of_another_receiver_suppresses_the_own_one()
    {
        using TempDirectory folder = new();
        MulticastSubscriberOptions options = new() { Seed = 1, NakDelay = TimeSpan.Zero };
        CapturingSender sender = new();
        using CopyLog copy = new(folder.Combine("copy"), options);
        StreamAssembler stream = new(copy, options);
        using PacketOutput output = new(sender, new ManualClock(), null, 5, 1, 1_408);
        NakSender naks = new(output, options);
        naks.Hear(new NakRange(0, 0, 5_000), now: 10);

        Assert.Equal(0, naks.Poll(stream, highest: 4_000, receivers: 3, now: 20));
        Assert.Equal((0, 1), (naks.Sent, naks.Suppressed));

        // The answer did not come: after the retry time the range is asked for.
        Assert.Equal(1, naks.Poll(stream, highest: 4_000, receivers: 3, now: 50_000_000));
        Assert.True(NakPacket.TryRead(sender.Last.AsSpan(PacketLayout.HeaderBytes), out NakPacket nak));
        Assert.Equal(new NakRange(0, 0, 4_000), nak[0]);
    }

    [Fact]
    public void Back_off_delays_are_late_for_many_receivers_and_within_the_limit()
    {
        NakBackoff backoff = new(3, 1_000_000);
        double few = Enumerable.Range(0, 1_000).Select(_ => (double)backoff.Next(1)).Average();
        double many = Enumerable.Range(0, 1_000).Select(_ => (double)backoff.Next(1_000)).Average();

        Assert.True(many > few * 1.2, $"{few} and {many}");
        Assert.All(Enumerable.Range(0, 1_000), _ => Assert.InRange(backoff.Next(100), 0, 1_000_000));
    }

    [Theory]
    [InlineData(false, 0)]
    [InlineData(true, 0)]
    [InlineData(false, 4)]
    public void Steady_state_allocates_nothing(bool isEncrypted, int fec)
    {
        ReadOnlyMemory<byte> key = isEncrypted ? new byte[32] : default(ReadOnlyMemory<byte>);
        ManualClock clock = new();
        DirectLink link = new();
        using TempDirectory folder = new();
        using Queue.EstreamQueue queue = Queue.EstreamQueue.Open(folder.Combine("source"), new Queue.QueueOptions { Clock = clock });
        using Queue.QueueAppender appender = queue.CreateAppender(Queue.AppenderMode.Exclusive);
        using MulticastPublisher publisher = new(queue, link.Left, new MulticastPublisherOptions
        {
            Clock = clock, Key = key, FecData = fec, FecParity = fec / 2,
        });
        using MulticastSubscriber subscriber = new(folder.Combine("copy"), link.Right, new MulticastSubscriberOptions
        {
            Clock = clock, Key = key,
        });
        link.Connect(publisher.Receive, subscriber.Receive);
        byte[] small = new byte[60];
        byte[] large = new byte[5_000];
        long allocated = AllocationMeter.OnThisThread(500, () =>
        {
            _ = appender.Append(small);
            _ = appender.Append(large);
            clock.PassNanos(1_000_000);
            _ = publisher.Poll();
            _ = subscriber.Poll();
        });

        Assert.Equal(0, allocated);
        Assert.True(subscriber.Statistics.MessagesAppended > 900, $"{subscriber.State} {subscriber.Statistics} {publisher.Statistics}");
    }

    private static long SentWhileOneStands(MulticastFlowControl strategy)
    {
        using MulticastRig rig = new();
        MulticastPublisher publisher = rig.Publish(new MulticastPublisherOptions { FlowControl = strategy });
        MulticastSubscriber subscriber = rig.Subscribe();
        CapturingSender wire = new();
        using PacketOutput standing = new(wire, rig.Network.Clock, null, 5, 1, 1_408) { Session = (ulong)publisher.SessionId };
        _ = rig.Network.Add(2, (_, _) => { });
        rig.RunUntil(() => subscriber.State == MulticastState.Live);
        for (int round = 0; round < 100; round++)
        {
            StatusPacket status = new(
                0, 0, 10_000, 0, 0, 0, Cookie: publisher.CookieOf(5, SimulatedNetwork.AddressOf(2)));
            _ = standing.TrySendToGroup(PacketType.Status, PacketFlags.None, status.Write(standing.Body));
            publisher.Receive(wire.Last, SimulatedNetwork.AddressOf(2));
            rig.Append(20);
            rig.Tick();
        }

        return publisher.Statistics.LastPosition;
    }

    private static Receiver New(long end, long window, long tag) => new()
    {
        EndAddress = end, WindowBytes = window, Tag = tag, Naks = new TokenBucket(1, 1), Bytes = new TokenBucket(1, 1),
    };

    private delegate void Receive(ReadOnlySpan<byte> packet, in PacketAddress source);

    /// <summary>Passes packets to the other side at once, without allocation.</summary>
    private sealed class DirectLink
    {
        private Receive? _publisher;
        private Receive? _subscriber;

        public DirectLink()
        {
            Left = new Side(this, toSubscriber: true);
            Right = new Side(this, toSubscriber: false);
        }

        public IPacketSender Left { get; }

        public IPacketSender Right { get; }

        public void Connect(Receive publisher, Receive subscriber) => (_publisher, _subscriber) = (publisher, subscriber);

        private sealed class Side(DirectLink link, bool toSubscriber) : IPacketSender
        {
            private readonly byte[] _packet = new byte[65_536];

            public int MaxPacketBytes => PacketLayout.MaxPacketBytes;

            public bool TrySendToGroup(ReadOnlySpan<byte> header, ReadOnlySpan<byte> payload)
            {
                header.CopyTo(_packet);
                payload.CopyTo(_packet.AsSpan(header.Length));
                Receive? receive = toSubscriber ? link._subscriber : link._publisher;
                receive?.Invoke(_packet.AsSpan(0, header.Length + payload.Length), default);
                return true;
            }

            public bool TrySend(in PacketAddress address, ReadOnlySpan<byte> header, ReadOnlySpan<byte> payload) =>
                TrySendToGroup(header, payload);
        }
    }
}

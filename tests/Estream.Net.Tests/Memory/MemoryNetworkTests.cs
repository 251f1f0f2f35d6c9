using System.Net;
using Estream.Net.Tests.Support;
using Estream.Testing;

namespace Estream.Net.Tests.Memory;

public sealed class MemoryNetworkTests
{
    private static readonly IPAddress s_group = IPAddress.Parse("239.1.2.3");

    [Fact]
    public void Packets_arrive_with_every_byte_both_ways()
    {
        MemoryNetwork network = new();
        using PacketTransport one = network.Open(Options());
        using PacketTransport other = network.Open(Options());
        TransportContract.RequireDeliveryBothWays(one, other);
    }

    [Fact]
    public void Sending_and_receiving_allocate_nothing()
    {
        MemoryNetwork network = new();
        using PacketTransport one = network.Open(Options());
        using PacketTransport other = network.Open(Options());
        TransportContract.RequireNoAllocation(one, other);
    }

    [Fact]
    public void Misuse_throws()
    {
        MemoryNetwork network = new();
        using PacketTransport one = network.Open(Options());
        using PacketTransport other = network.Open(Options());
        TransportContract.RequireMisuseIsReported(one, other);
        TransportContract.RequireDisposedThrows(one);
    }

    [Fact]
    public void A_released_batch_does_not_release_the_next_one()
    {
        MemoryNetwork network = new();
        using PacketTransport one = network.Open(Options());
        using PacketTransport other = network.Open(Options());
        Traffic.SendOne(one, other.LocalEndPoint, "first"u8);
        ReceivedBatch first = other.Receive();
        first.Dispose();
        Traffic.SendOne(one, other.LocalEndPoint, "second"u8);
        ReceivedBatch second = other.Receive();
        first.Dispose();
        Assert.Equal("second"u8.ToArray(), second[0].Payload.ToArray());
        bool isRefused = false;
        try
        {
            _ = first[0];
        }
        catch (ArgumentOutOfRangeException)
        {
            isRefused = true;
        }

        Assert.True(isRefused);
        second.Dispose();
    }

    [Fact]
    public void A_sent_batch_does_not_cancel_the_next_one()
    {
        MemoryNetwork network = new();
        using PacketTransport one = network.Open(Options());
        using PacketTransport other = network.Open(Options());
        SendBatch first = one.Reserve(1);
        first.SetLength(0, 0);
        first.SetDestination(0, new PacketAddress(other.LocalEndPoint));
        first.Send();
        SendBatch second = one.Reserve(1);
        first.Dispose();
        "second"u8.CopyTo(second[0]);
        second.SetLength(0, 6);
        second.SetDestination(0, new PacketAddress(other.LocalEndPoint));
        second.Send();
        Assert.Equal([[], "second"u8.ToArray()], Traffic.Collect(other, 2));
    }

    [Fact]
    public void Multicast_reaches_all_members_and_the_sender_only_with_loopback()
    {
        MemoryNetwork network = new();
        PacketTransportOptions member = Options() with
        {
            LocalEndPoint = new IPEndPoint(IPAddress.Any, 4711),
            MulticastGroups = [s_group],
        };
        using PacketTransport one = network.Open(member);
        using PacketTransport other = network.Open(member with { MulticastLoopback = true });
        Traffic.SendOne(one, new IPEndPoint(s_group, 4711), "one"u8);
        Assert.Equal(0, one.Receive().Count);
        Assert.Single(Traffic.Collect(other, 1));
        Traffic.SendOne(other, new IPEndPoint(s_group, 4711), "other"u8);
        Assert.Single(Traffic.Collect(one, 1));
        Assert.Single(Traffic.Collect(other, 1));
    }

    [Fact]
    public void A_seed_determines_lost_duplicated_and_reordered_packets()
    {
        List<byte[]> first = SendWithFaults(seed: 7);
        Assert.Equal(first, SendWithFaults(seed: 7));
        Assert.NotEqual(first, SendWithFaults(seed: 8));
        int[] numbers = [.. first.Select(payload => BitConverter.ToInt32(payload))];
        Assert.True(numbers.Distinct().Count() < 500, "some packets are lost");
        Assert.True(numbers.Length > numbers.Distinct().Count(), "some packets are duplicated");
        Assert.NotEqual(numbers.Order(), numbers);
    }

    [Fact]
    public void Without_faults_the_order_is_that_of_sending()
    {
        MemoryNetwork network = new() { Faults = new MemoryFaults { Loss = 1 } };
        using PacketTransport one = network.Open(Options());
        using PacketTransport other = network.Open(Options());
        Traffic.SendOne(one, other.LocalEndPoint, "lost"u8);
        network.Faults = default;
        Traffic.RequireDelivery(one, other, other.LocalEndPoint, 200, seed: 5);
    }

    [Fact]
    public void A_receiver_without_free_frames_drops_packets_and_counts_them()
    {
        MemoryNetwork network = new();
        using PacketTransport one = network.Open(Options());
        using PacketTransport other = network.Open(Options() with { FrameCount = 64, BatchSize = 16 });
        for (int i = 0; i < 40; i++)
        {
            Traffic.SendOne(one, other.LocalEndPoint, [(byte)i]);
        }

        Assert.Equal(8, other.ReadCounters().ReceiveDropped);
        Assert.Equal(Enumerable.Range(0, 32).Select(i => new[] { (byte)i }), Traffic.Collect(other, 32));
    }

    [Fact]
    public async Task Wait_returns_when_another_thread_sends()
    {
        MemoryNetwork network = new();
        using PacketTransport one = network.Open(Options());
        using PacketTransport other = network.Open(Options());
        Task<bool> waiting = Task.Factory.StartNew(
            () => other.Wait(Timeout.InfiniteTimeSpan), CancellationToken.None, TaskCreationOptions.LongRunning, TaskScheduler.Default);
        Traffic.SendOne(one, other.LocalEndPoint, "wake"u8);
        Assert.True(await waiting.WaitAsync(Eventually.DefaultLimit));
    }

    [Fact]
    public void A_used_address_is_refused()
    {
        MemoryNetwork network = new();
        using PacketTransport one = network.Open(Options());
        EstreamTransportException second = Assert.Throws<EstreamTransportException>(
            () => network.Open(Options() with { LocalEndPoint = one.LocalEndPoint }));
        Assert.Equal(TransportFailure.InUse, second.Failure);
    }

    private static List<byte[]> SendWithFaults(int seed)
    {
        MemoryNetwork network = new(seed) { Faults = new MemoryFaults { Loss = 0.1, Duplication = 0.1, Reordering = 0.1 } };
        using PacketTransport one = network.Open(Options());
        using PacketTransport other = network.Open(Options() with { FrameCount = 2048 });
        for (int i = 0; i < 500; i++)
        {
            Traffic.SendOne(one, other.LocalEndPoint, BitConverter.GetBytes(i));
        }

        List<byte[]> payloads = [];
        while (other.Wait(TimeSpan.Zero))
        {
            using ReceivedBatch batch = other.Receive();
            foreach (ReceivedPacket packet in batch)
            {
                payloads.Add(packet.Payload.ToArray());
            }
        }

        return payloads;
    }

    private static PacketTransportOptions Options() => new()
    {
        Transport = PacketTransportKind.Memory,
        LocalEndPoint = new IPEndPoint(IPAddress.Loopback, 0),
        FrameCount = 256,
    };
}

using System.Net;
using Estream.Testing;

namespace Estream.Net.Tests.Support;

/// <summary>What every transport does, as checks that the tests of each transport call with two of its transports.</summary>
internal static class TransportContract
{
    private const int Packets = 1_000;

    public static void RequireDeliveryBothWays(PacketTransport one, PacketTransport other)
    {
        Traffic.RequireDelivery(one, other, other.LocalEndPoint, Packets, seed: 1);
        Traffic.RequireDelivery(other, one, one.LocalEndPoint, Packets, seed: 2);
        PacketCounters sent = one.ReadCounters();
        PacketCounters received = other.ReadCounters();
        Assert.Equal(Packets, sent.Sent);
        Assert.Equal(Packets, received.Received);
        Assert.Equal(sent.SentBytes, received.ReceivedBytes);
        foreach (PacketCounters counters in new[] { sent, received })
        {
            Assert.Equal((0, 0, 0, 0, 0), (counters.SendDropped, counters.ReceiveDropped, counters.RingFull, counters.InvalidPackets,
                counters.InvalidDescriptors));
        }
    }

    public static void RequireNoAllocation(PacketTransport sender, PacketTransport receiver)
    {
        PacketAddress destination = new(receiver.LocalEndPoint);
        long total = 0;
        long bytes = AllocationMeter.OnThisThread(500, () =>
        {
            using (SendBatch batch = sender.Reserve(8))
            {
                for (int i = 0; i < batch.Count; i++)
                {
                    batch[i][..64].Fill(3);
                    batch.SetLength(i, 64);
                    batch.SetDestination(i, destination);
                }

                batch.Send();
            }

            receiver.Wait(TimeSpan.FromSeconds(5));
            using ReceivedBatch received = receiver.Receive();
            foreach (ReceivedPacket packet in received)
            {
                total += packet.Payload.Length;
            }
        });
        Assert.Equal(0, bytes);
        Assert.True(total > 0, "packets arrived");
    }

    public static void RequireMisuseIsReported(PacketTransport sender, PacketTransport receiver)
    {
        SendBatch batch = sender.Reserve(2);
        uint turn = batch.Turn;
        Assert.Equal(2, batch.Count);
        AssertThrows<InvalidOperationException>(() => sender.Reserve(1), "previous send batch");
        AssertThrows<InvalidOperationException>(() => SendOpen(sender, 1, turn), "");
        AssertThrows<ArgumentOutOfRangeException>(() => sender.SetLength(0, sender.MaxPayloadBytes + 1, turn), "payload");
        AssertThrows<ArgumentOutOfRangeException>(() => sender.SetLength(2, 1, turn), "2 packets");
        AssertThrows<ArgumentException>(() => sender.SetDestination(0, OtherFamily(sender), turn), "address family");
        batch.SetLength(0, 5);
        batch.SetDestination(0, new PacketAddress(receiver.LocalEndPoint));
        batch.Send(1);
        AssertThrows<ArgumentOutOfRangeException>(() => sender.ReservedAt(0, turn), "0 packets");
        Eventually.True(() => receiver.Wait(TimeSpan.FromMilliseconds(20)), "the packet arrives");
        ReceivedBatch received = receiver.Receive();
        uint receivedTurn = received.Turn;
        Assert.Equal(1, received.Count);
        AssertThrows<InvalidOperationException>(() => receiver.Receive(), "not released");
        AssertThrows<ArgumentOutOfRangeException>(() => receiver.ReceivedAt(1, receivedTurn), "1 packets");
        received.Dispose();
        AssertThrows<ArgumentOutOfRangeException>(() => receiver.ReceivedAt(0, receivedTurn), "0 packets");
        Assert.False(receiver.Wait(TimeSpan.FromMilliseconds(1)));
        Assert.Equal(0, receiver.Receive().Count);
    }

    public static void RequireDisposedThrows(PacketTransport transport)
    {
        transport.Dispose();
        transport.Dispose();
        AssertThrows<ObjectDisposedException>(() => transport.Receive(), "");
        AssertThrows<ObjectDisposedException>(() => transport.Reserve(1), "");
        AssertThrows<ObjectDisposedException>(() => transport.Wait(TimeSpan.Zero), "");
        AssertThrows<ObjectDisposedException>(() => transport.Flush(), "");
        AssertThrows<ObjectDisposedException>(() => transport.ReadCounters(), "");
    }

    // A batch cannot be captured by a lambda; the transport does the same.
    private static void SendOpen(PacketTransport sender, int count, uint turn)
    {
        // Reported before anything is sent: the packet has no length.
        sender.Send(count, turn);
    }

    private static PacketAddress OtherFamily(PacketTransport transport) =>
        new(new PacketAddress(transport.LocalEndPoint).IsIPv4 ? IPAddress.IPv6Loopback : IPAddress.Loopback, 1);

    private static void AssertThrows<T>(Action action, string text)
        where T : Exception
    {
        T thrown = Assert.Throws<T>(action);
        Assert.Contains(text, thrown.Message, StringComparison.Ordinal);
    }
}

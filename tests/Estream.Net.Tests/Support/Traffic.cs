using System.Net;
using Estream.Testing;

namespace Estream.Net.Tests.Support;

/// <summary>Sends packets whose bytes follow from a seed and their number, and checks what arrives.</summary>
internal static class Traffic
{
    /// <summary>Packets that are under way at a time: fewer than the shortest queue on any path, so that none is lost.</summary>
    public const int Window = 64;

    private static readonly TimeSpan s_poll = TimeSpan.FromMilliseconds(20);

    /// <summary>Sends packets of many lengths and requires that each one arrives once, in order, with every byte and the sender's
    /// address.</summary>
    public static void RequireDelivery(PacketTransport sender, PacketTransport receiver, IPEndPoint destination, int count, int seed)
    {
        int max = Math.Min(sender.MaxPayloadBytes, 1472);
        int received = 0;
        for (int sent = 0; sent < count;)
        {
            sent += Send(sender, destination, sent, Math.Min(Window, count - sent), seed, max);
            Eventually.True(
                () =>
                {
                    sender.Flush();
                    received += Receive(receiver, received, seed, max, sender.LocalEndPoint);
                    return received == sent;
                },
                $"{receiver} receives packet {received} of {sent} from {sender}");
        }
    }

    /// <summary>Sends one packet.</summary>
    public static void SendOne(PacketTransport sender, IPEndPoint destination, ReadOnlySpan<byte> payload)
    {
        using SendBatch batch = sender.Reserve(1);
        payload.CopyTo(batch[0]);
        batch.SetLength(0, payload.Length);
        batch.SetDestination(0, new PacketAddress(destination));
        batch.Send();
    }

    /// <summary>Waits for packets and returns copies of their payloads.</summary>
    public static List<byte[]> Collect(PacketTransport receiver, int count)
    {
        List<byte[]> payloads = [];
        Eventually.True(
            () =>
            {
                receiver.Wait(s_poll);
                using ReceivedBatch batch = receiver.Receive();
                foreach (ReceivedPacket packet in batch)
                {
                    payloads.Add(packet.Payload.ToArray());
                }

                return payloads.Count >= count;
            },
            $"{receiver} receives {count} packets");
        return payloads;
    }

    /// <summary>Fills a payload for a packet number and returns its length.</summary>
    public static int Fill(Span<byte> payload, int number, int seed, int max)
    {
        int length = (int)((uint)HashCode.Combine(seed, number, 17) % (max + 1));
        for (int i = 0; i < length; i++)
        {
            payload[i] = (byte)((number * 31) + (i * 7) + seed);
        }

        return length;
    }

    private static int Send(PacketTransport sender, IPEndPoint destination, int first, int count, int seed, int max)
    {
        using SendBatch batch = sender.Reserve(count);
        PacketAddress to = new(destination);
        for (int i = 0; i < batch.Count; i++)
        {
            batch.SetLength(i, Fill(batch[i], first + i, seed, max));
            batch.SetDestination(i, to);
        }

        int sent = batch.Count;
        batch.Send();
        return sent;
    }

    private static int Receive(PacketTransport receiver, int first, int seed, int max, IPEndPoint sender)
    {
        receiver.Wait(s_poll);
        using ReceivedBatch batch = receiver.Receive();
        Span<byte> expected = stackalloc byte[max];
        int number = first;
        foreach (ReceivedPacket packet in batch)
        {
            int length = Fill(expected, number, seed, max);
            Assert.True(packet.Payload.SequenceEqual(expected[..length]), $"packet {number}: {packet.Payload.Length} bytes, not {length}");
            Assert.Equal(new PacketAddress(sender), packet.Source);
            number++;
        }

        return batch.Count;
    }
}

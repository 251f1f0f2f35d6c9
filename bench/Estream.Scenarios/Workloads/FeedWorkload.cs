using System.Buffers.Binary;
using Estream.Net.Feeds;
using Estream.Scenarios.Harness;

namespace Estream.Scenarios.Workloads;

/// <summary>The work of `arbitrate` in a round: the A and B feeds of one MoldUDP64 stream. Each feed loses one packet of 64, never the same
/// one, and feed B is eight packets late.</summary>
internal sealed class FeedWorkload(RunSize size)
{
    /// <summary>The packets of one call, of both feeds together.</summary>
    public const int Batch = 1024;

    private const int MessagesPerPacket = 4;
    private const int MessageBytes = 64;
    private const int PacketBytes = MoldUdp64Codec.HeaderBytes + (MessagesPerPacket * (sizeof(ushort) + MessageBytes));
    private const int Late = 8;
    private const int LossPeriod = 64;
    private const int LostByA = 13;
    private const int LostByB = 40;
    private const int SequenceOffset = 10;

    private readonly byte[][] _packets = [.. Enumerable.Range(0, Late + 1).Select(_ => NewPacket())];
    private long _next;

    /// <summary>Packets of a round, of both feeds together.</summary>
    public long Packets => size.Of(4_000_000, 20 * Batch);

    /// <summary>Passes packets of both feeds to an arbiter, as a thread does that receives both.</summary>
    public void Send(int packets, IFeedMerge to)
    {
        for (int sent = 0; sent < packets; sent += 2, _next++)
        {
            if (_next % LossPeriod != LostByA)
            {
                to.Receive(0, Packet(_next));
            }

            long late = _next - Late;
            if (late >= 0 && late % LossPeriod != LostByB)
            {
                to.Receive(1, Packet(late));
            }
        }
    }

    private static byte[] NewPacket()
    {
        byte[] packet = new byte[PacketBytes];
        int length = MoldUdp64Codec.WriteHeader(packet, MoldUdp64Codec.SessionOf("BENCH"), sequence: 1, MessagesPerPacket);
        byte[] message = new byte[MessageBytes];
        for (int index = 0; index < MessagesPerPacket; index++)
        {
            message[0] = (byte)index;
            length += MoldUdp64Codec.WriteMessage(packet.AsSpan(length), message);
        }

        return packet;
    }

    // The first packet begins with message 1.
    private byte[] Packet(long number)
    {
        byte[] packet = _packets[number % _packets.Length];
        BinaryPrimitives.WriteInt64BigEndian(packet.AsSpan(SequenceOffset), (number * MessagesPerPacket) + 1);
        return packet;
    }
}

/// <summary>Merges two feeds into one stream of messages.</summary>
internal interface IFeedMerge
{
    /// <summary>The sum of the sequence numbers and of the first bytes of the messages so far.</summary>
    ulong Sum { get; }

    void Receive(int feed, ReadOnlySpan<byte> packet);
}

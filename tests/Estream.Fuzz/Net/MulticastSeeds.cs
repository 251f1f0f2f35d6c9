using Estream.Net;
using Estream.Net.Multicast;
using Estream.Net.Multicast.Internal;
using Estream.Testing;

namespace Estream.Fuzz.Net;

/// <summary>Builds valid multicast packets and damages them deterministically by seed.</summary>
internal sealed class MulticastSeeds : IPacketSender
{
    private static readonly long[] s_interesting =
        [0, 1, 7, 8, 255, 256, 264, 512, 65_536, int.MaxValue, uint.MaxValue, long.MaxValue / 2, long.MaxValue, long.MinValue, -1];

    private readonly Random _random;
    private readonly List<byte[]> _valid = [];
    private byte[] _last = [];

    public MulticastSeeds(int seed, ulong session)
    {
        _random = new Random(seed);
        using PacketOutput publisher = new(this, new ManualClock(), null, 0, 1, 1_408) { Session = session };
        using PacketOutput receiver = new(this, new ManualClock(), null, 9, 1, 1_408) { Session = session };
        Add(publisher, PacketType.Setup, new SetupPacket(7, 256, 512, 600, 3, 99, 64 << 10, 2, 4, 2).Write(publisher.Body));
        Add(publisher, PacketType.Heartbeat, new HeartbeatPacket(512, 600, 3, 99, 2).Write(publisher.Body));
        Add(publisher, PacketType.End, new EndPacket(512, 600).Write(publisher.Body));
        Add(publisher, PacketType.Refusal, new RefusalPacket(RefusalReason.Deleted, 512, 9).Write(publisher.Body));
        Add(receiver, PacketType.Status, new StatusPacket(600, 512, 1 << 20, 5, 99, 0).Write(receiver.Body));
        Add(receiver, PacketType.Nak, NakPacket.Write(receiver.Body, [new NakRange(256, 300, 4_000), new NakRange(0, 256, 5_000)]));
        new DataHeader(256, 0, 0, 1_000, 200, 0, 1, 0).Write(publisher.Body);
        Add(publisher, PacketType.Data, PacketLayout.DataBytes + 200);
        new DataHeader(256, 0, 0, 1_000, 10, 0, 1, 1).Write(publisher.Body);
        publisher.Body[(PacketLayout.DataBytes + 10)..].Clear();
        publisher.Body[PacketLayout.DataBytes + 10] = 32;
        publisher.Body[PacketLayout.DataBytes + 14] = 5;
        publisher.Body[PacketLayout.DataBytes + 18] = 1;
        Add(publisher, PacketType.Data, PacketLayout.DataBytes + 31);
        ParityPacket.Write(publisher.Body, 1, 2, 2, 0);
        Add(publisher, PacketType.Parity, PacketLayout.ParityBytes + 300);
    }

    public IReadOnlyList<byte[]> Valid => _valid;

    public int Next(int limit) => _random.Next(limit);

    /// <summary>Returns a damaged packet. Most have a valid checksum, so that the damage reaches the body.</summary>
    public byte[] Damaged()
    {
        byte[] packet = [.. _valid[Next(_valid.Count)]];
        for (int faults = 1 + Next(4); faults > 0; faults--)
        {
            Damage(ref packet);
        }

        if (packet.Length >= PacketLayout.HeaderBytes && Next(10) != 0)
        {
            int body = Math.Min(packet.Length - PacketLayout.HeaderBytes, ushort.MaxValue);
            BitConverter.TryWriteBytes(packet.AsSpan(PacketLayout.BodyLengthOffset), (ushort)body);
            PacketCodec.Seal(packet, packet.AsSpan(PacketLayout.HeaderBytes), []);
        }

        return packet;
    }

    public int MaxPacketBytes => PacketLayout.MaxPacketBytes;

    public bool TrySendToGroup(ReadOnlySpan<byte> header, ReadOnlySpan<byte> payload)
    {
        _last = [.. header, .. payload];
        return true;
    }

    public bool TrySend(in PacketAddress address, ReadOnlySpan<byte> header, ReadOnlySpan<byte> payload) => TrySendToGroup(header, payload);

    private void Add(PacketOutput output, PacketType type, int length)
    {
        _ = output.TrySendToGroup(type, PacketFlags.None, length);
        _valid.Add(_last);
    }

    private void Damage(ref byte[] packet)
    {
        switch (Next(5))
        {
            case 0 when packet.Length > 0:
                packet[Next(packet.Length)] ^= (byte)(1 << Next(8));
                break;
            case 1 when packet.Length > 0:
                packet[Next(packet.Length)] = (byte)Next(256);
                break;
            case 2 when packet.Length > 48:
                int offset = PacketLayout.HeaderBytes + (4 * Next((packet.Length - 48) / 4));
                BitConverter.TryWriteBytes(packet.AsSpan(offset), s_interesting[Next(s_interesting.Length)] + (8 * Next(4)));
                break;
            case 3:
                Array.Resize(ref packet, Next(packet.Length + 1));
                break;
            default:
                Array.Resize(ref packet, packet.Length + Next(100));
                break;
        }
    }
}

using Estream.Net.Multicast;
using Estream.Net.Multicast.Internal;
using Estream.Queue;
using Estream.Testing;

namespace Estream.Fuzz.Net;

/// <summary>Passes hostile packets to the codec, to a publisher and to a subscriber. A failure names the seed that repeats it.</summary>
public class MulticastFuzz
{
    private const int PairsPerCount = 10;

    [Theory]
    [InlineData(1)]
    [InlineData(20261126)]
    public void Damaged_multicast_packets_give_a_status_only(int seed)
    {
        MulticastSeeds seeds = new(seed, session: 5);
        using PacketInput input = new(null, stream: 1, peers: 4);
        int accepted = 0;
        int count = LongRun.Count(100_000, 5_000_000);
        for (int number = 0; number < count; number++)
        {
            byte[] packet = seeds.Damaged();
            try
            {
                accepted += input.Open(packet, 0, out PacketHeader header, out ReadOnlySpan<byte> body) == PacketStatus.Ok
                    && Read(header, body) ? 1 : 0;
            }
            catch (Exception failure)
            {
                throw new InvalidOperationException($"seed {seed}, number {number}: {Convert.ToHexString(packet)}", failure);
            }
        }

        Assert.True(accepted > count / 20, $"{accepted} of {count} damaged packets were accepted: the damage hides behind the checksum");
    }

    [Fact]
    public void Multicast_seeds_are_valid()
    {
        MulticastSeeds seeds = new(1, session: 5);
        using PacketInput input = new(null, stream: 1, peers: 4);
        foreach (byte[] packet in seeds.Valid)
        {
            Assert.Equal(PacketStatus.Ok, input.Open(packet, 0, out PacketHeader header, out ReadOnlySpan<byte> body));
            Assert.True(Read(header, body), $"{header}");
        }
    }

    [Theory]
    [InlineData(2)]
    [InlineData(3)]
    public void A_publisher_and_a_subscriber_survive_hostile_packets(int seed)
    {
        using HostilePair pair = new(key: default);
        MulticastSeeds seeds = new(seed, (ulong)pair.Publisher.SessionId);
        int count = LongRun.Count(50_000, 5_000_000);
        for (int number = 0; number < count; number++)
        {
            byte[] packet = seeds.Damaged();
            try
            {
                pair.Inject(packet, seeds.Next(4));
            }
            catch (Exception failure)
            {
                throw new InvalidOperationException($"seed {seed}, number {number}: {Convert.ToHexString(packet)}", failure);
            }
        }
    }

    [Fact]
    public void Hostile_packets_do_not_change_an_encrypted_copy()
    {
        using HostilePair pair = new(key: new byte[32]);
        MulticastSeeds seeds = new(4, (ulong)pair.Publisher.SessionId);
        int count = LongRun.Count(20_000, 1_000_000) / PairsPerCount;
        for (int number = 0; number < count; number++)
        {
            for (int packets = 0; packets < PairsPerCount; packets++)
            {
                pair.Inject(seeds.Damaged(), 1);
                pair.Inject(pair.DamagedOfPeer(seeds), 1);
            }

            pair.Append(seeds.Next(3_000));
        }

        pair.RequireEqualCopy();
    }

    private static bool Read(in PacketHeader header, ReadOnlySpan<byte> body)
    {
        switch (header.Type)
        {
            case PacketType.Setup:
                return SetupPacket.TryRead(body, out _);
            case PacketType.Heartbeat:
                return HeartbeatPacket.TryRead(body, out _);
            case PacketType.Data:
                return DataPacket.TryRead(body, out DataPacket data) && ReadMessages(data, body.Length);
            case PacketType.Nak:
                return NakPacket.TryRead(body, out NakPacket nak) && nak.Count is > 0 and <= 16;
            case PacketType.Status:
                return StatusPacket.TryRead(body, out _);
            case PacketType.Parity:
                return ParityPacket.TryRead(body, out ParityPacket parity) && parity.Symbol.Length < body.Length;
            case PacketType.End:
                return EndPacket.TryRead(body, out _);
            default:
                return RefusalPacket.TryRead(body, out _);
        }
    }

    // Positions rise, and the messages fill the packet exactly.
    private static bool ReadMessages(in DataPacket data, int bodyBytes)
    {
        int bytes = PacketLayout.DataBytes + data.First.Length;
        long position = data.Header.Position;
        DataPacket.Records rest = data.Rest;
        while (rest.TryNext(out DataHeader header, out ReadOnlySpan<byte> message))
        {
            Assert.True(header.Position > position && header.Previous == position && message.Length == header.Length);
            position = header.Position;
            bytes += PacketLayout.RecordBytes + message.Length;
        }

        Assert.Equal(bodyBytes, bytes);
        Assert.Equal(data.LastPosition, position);
        Assert.True(data.EndAddress > position);
        return true;
    }
}

using Estream.Net.Multicast.Internal;
using Estream.Testing;

namespace Estream.Net.Tests.Multicast.Protocol;

public sealed class FecTests
{
    private const int MaxBody = 1_000;

    [Property(100, 5_000)]
    public void Any_k_of_k_and_m_packets_restore_the_others(byte data, byte parity, byte missing, int seed)
    {
        int k = 1 + (data % 20);
        int m = 1 + (parity % 6);
        int lost = missing % (m + 1);
        Random random = new(seed);
        FecEncoder encoder = new(k, m, MaxBody);
        List<byte[]> bodies = [];
        while (!encoder.IsFull)
        {
            byte[] body = new byte[PacketLayout.DataBytes + random.Next(encoder.MaxDataBytes - PacketLayout.DataBytes)];
            random.NextBytes(body);
            bodies.Add(body);
            encoder.Add(body);
        }

        List<byte[]> parities = Parities(encoder);
        int[] order = [.. Enumerable.Range(0, k + m).OrderBy(_ => random.Next())];
        FecDecoder decoder = new(k, m, MaxBody);
        Dictionary<int, byte[]> got = [];
        foreach (int packet in order.Skip(lost))
        {
            int restored = packet < k ? decoder.AddData(1, packet, bodies[packet]) : AddParity(decoder, parities[packet - k]);
            if (packet < k)
            {
                got[packet] = bodies[packet];
            }

            for (int index = 0; index < restored; index++)
            {
                byte[] body = decoder.Restored(index).ToArray();
                got[bodies.FindIndex(original => original.AsSpan().SequenceEqual(body))] = body;
            }
        }

        Assert.Equal(Enumerable.Range(0, k), got.Keys.Order());
    }

    [Fact]
    public void Every_value_times_its_inverse_is_one()
    {
        for (int value = 1; value < 256; value++)
        {
            Assert.Equal(1, GaloisField.Multiply((byte)value, GaloisField.Invert((byte)value)));
        }
    }

    [Property(50, 1_000)]
    public void AddMultiple_multiplies_every_byte(byte[] source, byte constant)
    {
        byte[] target = new byte[source.Length];
        GaloisField.AddMultiple(target, source, constant);

        Assert.Equal(source.Select(value => GaloisField.Multiply(value, constant)), target);
    }

    [Fact]
    public void A_group_with_contradicting_lengths_restores_nothing()
    {
        FecEncoder encoder = new(2, 1, MaxBody);
        encoder.Add(new byte[100]);
        encoder.Add(new byte[120]);
        byte[] parity = Parities(encoder)[0];
        FecDecoder decoder = new(2, 1, MaxBody);

        Assert.Equal(0, decoder.AddData(1, 0, new byte[900]));
        Assert.Equal(0, AddParity(decoder, parity));
    }

    private static List<byte[]> Parities(FecEncoder encoder)
    {
        List<byte[]> parities = [];
        byte[] body = new byte[MaxBody];
        while (encoder.WriteNext(body) is var length and > 0)
        {
            parities.Add(body.AsSpan(0, length).ToArray());
            encoder.Sent();
        }

        return parities;
    }

    private static int AddParity(FecDecoder decoder, byte[] body)
    {
        Assert.True(ParityPacket.TryRead(body, out ParityPacket packet));
        return decoder.AddParity(packet);
    }
}

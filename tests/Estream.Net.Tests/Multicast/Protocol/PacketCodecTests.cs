using System.Buffers.Binary;
using Estream.Net.Multicast.Internal;
using Estream.Testing;

namespace Estream.Net.Tests.Multicast.Protocol;

public sealed class PacketCodecTests
{
    [Fact]
    public void Header_has_the_documented_bytes()
    {
        byte[] packet = new byte[PacketLayout.HeaderBytes];
        PacketHeader header = new(PacketType.Nak, PacketFlags.CatchingUp, 0x1122334455667788, 9, 7, 3);
        PacketCodec.Write(packet, header, 0);
        PacketCodec.Seal(packet, [], []);

        Assert.Equal("454D010408000000" + "8877665544332211" + "0900000000000000" + "0700000000000000" + "03000000",
            Convert.ToHexString(packet.AsSpan(0, 36)));
        Assert.Equal(PacketStatus.Ok, PacketCodec.TryRead(packet, out PacketHeader read, out ReadOnlySpan<byte> body));
        Assert.Equal(header, read);
        Assert.Equal(0, body.Length);
    }

    [Property(100, 10_000)]
    public void Any_changed_bit_of_a_plaintext_packet_is_refused(byte[] content, ulong session, uint stream, uint bit)
    {
        byte[] packet = Data(content, session | 1, stream);
        Assert.Equal(PacketStatus.Ok, PacketCodec.TryRead(packet, out _, out _));

        packet[bit / 8 % packet.Length] ^= (byte)(1 << (int)(bit % 8));

        // A packet that claims to be encrypted is read without its key, and refused by the tag.
        PacketStatus status = PacketCodec.TryRead(packet, out PacketHeader header, out _);
        Assert.True(status != PacketStatus.Ok || header.IsEncrypted, $"{status}");
    }

    [Property(100, 10_000)]
    public void Any_cut_or_longer_packet_is_refused(byte[] content, ushort length)
    {
        byte[] packet = Data(content, 1, 1);
        Array.Resize(ref packet, length % (packet.Length * 2));
        bool isWhole = packet.Length == PacketLayout.HeaderBytes + PacketLayout.DataBytes + content.Length;

        Assert.Equal(isWhole, PacketCodec.TryRead(packet, out _, out _) == PacketStatus.Ok);
    }

    [Property(100, 10_000)]
    public void Status_and_nak_are_read_as_written(uint window, uint hold, long tag, ushort from, ushort length)
    {
        byte[] body = new byte[PacketLayout.NakBytes + PacketLayout.NakRangeBytes];
        StatusPacket status = new(from, 256 + (from * 8L), window, hold, tag, tag, ~tag, tag / 3);
        Assert.True(StatusPacket.TryRead(body.AsSpan(0, 0), out _) == false);
        byte[] statusBody = new byte[status.Write(new byte[64])];
        _ = status.Write(statusBody);
        Assert.True(StatusPacket.TryRead(statusBody, out StatusPacket readStatus));
        Assert.Equal(status, readStatus);

        NakRange range = new(256, 256 + from, 257L + from + length);
        Assert.Equal(body.Length, NakPacket.Write(body, [range]));
        Assert.True(NakPacket.TryRead(body, out NakPacket nak));
        Assert.Equal(range, nak[0]);
    }

    [Fact]
    public void Session_packets_are_read_as_written()
    {
        byte[] body = new byte[PacketLayout.SetupBytes];
        SetupPacket setup = new(-5, 256, 512, 600, 3, 99, 64 << 10, 7, 8, 2, -9, 77, -11);
        Assert.True(SetupPacket.TryRead(body.AsSpan(0, setup.Write(body)), out SetupPacket readSetup));
        Assert.Equal(setup, readSetup);

        HeartbeatPacket heartbeat = new(512, 600, 3, 99, 7);
        Assert.True(HeartbeatPacket.TryRead(body.AsSpan(0, heartbeat.Write(body)), out HeartbeatPacket readHeartbeat));
        Assert.Equal(heartbeat, readHeartbeat);

        EndPacket end = new(512, 600);
        Assert.True(EndPacket.TryRead(body.AsSpan(0, end.Write(body)), out EndPacket readEnd));
        Assert.Equal(end, readEnd);

        RefusalPacket refusal = new(RefusalReason.Deleted, 512, 77);
        Assert.True(RefusalPacket.TryRead(body.AsSpan(0, refusal.Write(body)), out RefusalPacket readRefusal));
        Assert.Equal(refusal, readRefusal);
    }

    [Theory]
    [InlineData(0, 1)]
    [InlineData(17, 1)]
    [InlineData(16, 17)]
    public void Nak_refuses_counts_that_do_not_fit(int count, int ranges)
    {
        byte[] body = new byte[PacketLayout.NakBytes + (ranges * PacketLayout.NakRangeBytes)];
        _ = NakPacket.Write(body, Enumerable.Repeat(new NakRange(256, 300, 400), ranges).ToArray());
        BinaryPrimitives.WriteInt64LittleEndian(body, count);

        Assert.False(NakPacket.TryRead(body, out _));
    }

    [Theory]
    [InlineData(255, 0, 10, 0)]
    [InlineData(256, 256, 10, 0)]
    [InlineData(512, 256, -1, 0)]
    [InlineData(512, 256, 10, 11)]
    [InlineData(512, 256, 1 << 28, 0)]
    public void Data_refuses_impossible_fields(long position, long previous, int length, int offset)
    {
        byte[] body = new byte[PacketLayout.DataBytes + 10];
        new DataHeader(position, previous, 0, 0, length, offset, 0, 0).Write(body);

        Assert.False(DataPacket.TryRead(body, out _));
    }

    private static byte[] Data(byte[] content, ulong session, uint stream)
    {
        byte[] packet = new byte[PacketLayout.HeaderBytes + PacketLayout.DataBytes + content.Length];
        Span<byte> body = packet.AsSpan(PacketLayout.HeaderBytes);
        new DataHeader(256, 0, 0, 0, content.Length, 0, 0, 0).Write(body);
        content.CopyTo(body[PacketLayout.DataBytes..]);
        PacketCodec.Write(packet, new PacketHeader(PacketType.Data, PacketFlags.None, session, 0, 1, stream), body.Length);
        PacketCodec.Seal(packet, body, []);
        return packet;
    }
}

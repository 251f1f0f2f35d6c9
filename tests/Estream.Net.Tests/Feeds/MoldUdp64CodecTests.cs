using Estream.Net.Feeds;

namespace Estream.Net.Tests.Feeds;

/// <summary>Packets of MoldUDP64, compared with bytes written by hand from the specification.</summary>
public sealed class MoldUdp64CodecTests
{
    private static readonly byte[] s_packet =
        [.. "000000201A"u8, 0, 0, 0, 0, 0, 0, 1, 2, 0, 2, 0, 3, .. "abc"u8, 0, 0];

    private readonly MoldUdp64Codec _codec = new();

    [Fact]
    public void A_session_has_at_most_ten_ASCII_characters()
    {
        Assert.Throws<ArgumentException>(() => MoldUdp64Codec.SessionOf("12345678901"));
        Assert.Throws<ArgumentException>(() => MoldUdp64Codec.SessionOf("é"));
        Assert.Equal(MoldUdp64Codec.SessionOf("       abc"), MoldUdp64Codec.SessionOf("abc"));
    }

    [Fact]
    public void Arguments_out_of_range_are_refused()
    {
        byte[] packet = new byte[MoldUdp64Codec.HeaderBytes];
        Assert.Throws<ArgumentOutOfRangeException>(() => MoldUdp64Codec.WriteHeader(packet, 0, 1, 0xFFFF));
        Assert.Throws<ArgumentOutOfRangeException>(() => MoldUdp64Codec.WriteHeader(packet, 0, -1, 0));
        Assert.Throws<ArgumentOutOfRangeException>(() => MoldUdp64Codec.WriteHeader(packet.AsSpan(1), 0, 1, 0));
        Assert.Throws<ArgumentOutOfRangeException>(() => MoldUdp64Codec.WriteMessage(packet.AsSpan(1), new byte[18]));
        Assert.Throws<ArgumentOutOfRangeException>(() => MoldUdp64Codec.WriteMessage(new byte[70_000], new byte[65_536]));
    }

    [Fact]
    public void A_packet_is_written_as_specified()
    {
        byte[] packet = new byte[64];
        int length = MoldUdp64Codec.WriteHeader(packet, MoldUdp64Codec.SessionOf("000000201A"), 258, 2);
        length += MoldUdp64Codec.WriteMessage(packet.AsSpan(length), "abc"u8);
        length += MoldUdp64Codec.WriteMessage(packet.AsSpan(length), []);
        Assert.Equal(s_packet, packet[..length]);
    }

    [Fact]
    public void A_packet_is_read_as_specified()
    {
        Assert.True(_codec.TryReadHeader(s_packet, out FeedHeader header));
        Assert.Equal(
            new FeedHeader { Session = MoldUdp64Codec.SessionOf("000000201A"), Sequence = 258, Count = 2, Offset = 20 }, header);
        int offset = header.Offset;
        Assert.True(_codec.TryReadMessage(s_packet, ref offset, out ReadOnlySpan<byte> message));
        Assert.Equal("abc"u8.ToArray(), message.ToArray());
        Assert.True(_codec.TryReadMessage(s_packet, ref offset, out message));
        Assert.Equal((0, s_packet.Length), (message.Length, offset));
        Assert.False(_codec.TryReadMessage(s_packet, ref offset, out _));
    }

    [Fact]
    public void Count_FFFF_ends_a_session()
    {
        byte[] packet = new byte[MoldUdp64Codec.HeaderBytes];
        Assert.Equal(packet.Length, MoldUdp64Codec.WriteEnd(packet, 7, 9));
        Assert.Equal([0xFF, 0xFF], packet[^2..]);
        Assert.True(_codec.TryReadHeader(packet, out FeedHeader header));
        Assert.Equal(new FeedHeader { Session = 7, Sequence = 9, Offset = 20, IsEnd = true }, header);
    }
}

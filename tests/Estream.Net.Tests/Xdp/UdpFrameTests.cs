using System.Buffers.Binary;
using System.Net;
using Estream.Net.Tests.Support;
using Estream.Net.Xdp;
using Estream.Testing;

namespace Estream.Net.Tests.Xdp;

/// <summary>Headers that are written, and headers from strangers that are parsed.</summary>
public sealed class UdpFrameTests
{
    private static readonly PacketAddress s_source = new(IPAddress.Parse("192.0.2.1"), 4711);
    private static readonly PacketAddress s_destination = new(IPAddress.Parse("192.0.2.2"), 4712);

    [Property(200, 5000)]
    public void A_written_frame_parses_to_its_payload_and_source(byte[] payload, bool useChecksum)
    {
        byte[] frame = Write(payload, useChecksum);
        Assert.True(UdpFrameParser.TryParse(frame, verifyChecksum: true, out int length, out PacketAddress source));
        Assert.Equal(payload, frame.AsSpan(UdpFrame.HeaderBytes, length).ToArray());
        Assert.Equal(s_source, source);
    }

    [Property(200, 5000)]
    public void Padding_of_Ethernet_is_not_part_of_the_payload(byte[] payload, byte padding)
    {
        byte[] frame = [.. Write(payload, useChecksum: true), .. Enumerable.Repeat(padding, padding)];
        Assert.True(UdpFrameParser.TryParse(frame, verifyChecksum: true, out int length, out _));
        Assert.Equal(payload.Length, length);
    }

    [Property(200, 5000)]
    public void A_truncated_frame_is_refused(byte[] payload, uint cut)
    {
        byte[] frame = Write(payload, useChecksum: true);
        Assert.False(UdpFrameParser.TryParse(frame.AsSpan(0, (int)(cut % frame.Length)), verifyChecksum: true, out _, out _));
    }

    [Property(500, 20000)]
    public void A_flipped_bit_is_refused_or_outside_what_checksums_cover(byte[] payload, uint bit)
    {
        byte[] frame = Write(payload, useChecksum: true);
        int place = (int)(bit % (frame.Length * 8));
        frame[place / 8] ^= (byte)(1 << (place % 8));

        // Nothing covers the hardware addresses. A flipped bit elsewhere changes a checksum or a field that must have one value.
        Assert.Equal(place / 8 < UdpFrame.EtherType, UdpFrameParser.TryParse(frame, verifyChecksum: true, out _, out _));
    }

    [Property(500, 20000)]
    public void Random_bytes_never_throw(byte[] bytes)
    {
        if (UdpFrameParser.TryParse(bytes, verifyChecksum: false, out int length, out _))
        {
            Assert.InRange(length, 0, bytes.Length - UdpFrame.HeaderBytes);
        }
    }

    [Theory]
    [InlineData(UdpFrame.UdpLength, 7)]
    [InlineData(UdpFrame.UdpLength, 0)]
    [InlineData(UdpFrame.UdpLength, 0xFFFF)]
    [InlineData(UdpFrame.TotalLength, 0)]
    [InlineData(UdpFrame.TotalLength, 27)]
    [InlineData(UdpFrame.TotalLength, 0xFFFF)]
    [InlineData(UdpFrame.Fragment, 0x2000)]
    [InlineData(UdpFrame.Fragment, 0x0001)]
    [InlineData(UdpFrame.EtherType, 0x86DD)]
    [InlineData(UdpFrame.Ip, 0x4600)]
    [InlineData(UdpFrame.Ip, 0x4400)]
    [InlineData(UdpFrame.Ip, 0x6500)]
    [InlineData(UdpFrame.Fragment, 0x1FFF)]
    [InlineData(UdpFrame.TimeToLive, 0x4006)]
    [InlineData(UdpFrame.Source, 0x0001)]
    [InlineData(UdpFrame.Source, 0x7F01)]
    [InlineData(UdpFrame.Source, 0xE001)]
    [InlineData(UdpFrame.Source, 0xEFFF)]
    public void A_wrong_field_is_refused_even_with_a_right_header_checksum(int field, int value)
    {
        byte[] frame = Write([1, 2, 3, 4], useChecksum: false);
        BinaryPrimitives.WriteUInt16BigEndian(frame.AsSpan(field), (ushort)value);
        BinaryPrimitives.WriteUInt16BigEndian(frame.AsSpan(UdpFrame.HeaderChecksum), 0);
        Span<byte> header = frame.AsSpan(UdpFrame.Ip, UdpFrame.IpHeaderBytes);
        BinaryPrimitives.WriteUInt16BigEndian(frame.AsSpan(UdpFrame.HeaderChecksum), SlowChecksum(header));
        Assert.False(UdpFrameParser.TryParse(frame, verifyChecksum: false, out _, out _));
    }

    [Fact]
    public void A_packet_from_the_broadcast_address_is_refused()
    {
        byte[] frame = Write([1, 2, 3, 4], useChecksum: false);
        frame.AsSpan(UdpFrame.Source, 4).Fill(0xFF);
        BinaryPrimitives.WriteUInt16BigEndian(frame.AsSpan(UdpFrame.HeaderChecksum), 0);
        BinaryPrimitives.WriteUInt16BigEndian(
            frame.AsSpan(UdpFrame.HeaderChecksum), SlowChecksum(frame.AsSpan(UdpFrame.Ip, UdpFrame.IpHeaderBytes)));
        Assert.False(UdpFrameParser.TryParse(frame, verifyChecksum: false, out _, out _));
    }

    [Property(300, 5000)]
    public void The_checksum_equals_that_of_single_words(byte[] bytes) =>
        Assert.Equal(SlowChecksum(bytes), BinaryPrimitives.ReverseEndianness((ushort)~InternetChecksum.Fold(InternetChecksum.Sum(bytes))));

    [Fact]
    public void A_checksum_that_a_local_sender_left_unfinished_is_accepted()
    {
        byte[] frame = Write([1, 2, 3, 4], useChecksum: false);
        ulong pseudo = UdpFrame.PseudoHeaderSum(frame) + BinaryPrimitives.ReverseEndianness((ushort)12);
        InternetChecksum.Write(frame.AsSpan(UdpFrame.UdpChecksum), InternetChecksum.Fold(pseudo));
        Assert.True(UdpFrameParser.TryParse(frame, verifyChecksum: true, out _, out _));
        frame[UdpFrame.UdpChecksum] ^= 1;
        Assert.False(UdpFrameParser.TryParse(frame, verifyChecksum: true, out _, out _));
    }

    [Fact]
    public void A_group_has_the_Ethernet_address_of_RFC_1112()
    {
        byte[] mac = new byte[6];
        UdpFrame.WriteMulticastMac(mac, new PacketAddress(IPAddress.Parse("239.129.2.3"), 0).IPv4);
        Assert.Equal(new byte[] { 0x01, 0x00, 0x5E, 0x01, 0x02, 0x03 }, mac);
    }

    internal static byte[] Write(byte[] payload, bool useChecksum)
    {
        byte[] template = new byte[UdpFrame.HeaderBytes];
        UdpFrame.WriteTemplate(template, [2, 0, 0, 0, 0, 1], [2, 0, 0, 0, 0, 2], s_source, s_destination, 1);
        byte[] frame = [.. new byte[UdpFrame.HeaderBytes], .. payload];
        ulong sum = InternetChecksum.Sum(template.AsSpan(UdpFrame.Ip, UdpFrame.IpHeaderBytes));
        UdpFrame.Complete(frame, template, sum, UdpFrame.PseudoHeaderSum(template), useChecksum);
        return frame;
    }

    // RFC 1071, word by word.
    private static ushort SlowChecksum(ReadOnlySpan<byte> bytes)
    {
        uint sum = 0;
        for (int i = 0; i < bytes.Length; i += 2)
        {
            sum += (uint)((bytes[i] << 8) | (i + 1 < bytes.Length ? bytes[i + 1] : 0));
            sum = (sum & 0xFFFF) + (sum >> 16);
        }

        return (ushort)~sum;
    }
}

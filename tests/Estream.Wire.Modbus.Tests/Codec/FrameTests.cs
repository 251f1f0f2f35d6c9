using Estream.Testing;

namespace Estream.Wire.Modbus.Tests.Codec;

/// <summary>Frames of TCP and of serial lines, with the examples of the standard.</summary>
public sealed class FrameTests
{
    [Theory]
    [InlineData("010300000001", 0x0A84)]
    [InlineData("0207", 0x1241)]
    [InlineData("1103006B0003", 0x8776)]
    public void Crc_is_that_of_known_frames(string bytes, int crc)
    {
        Assert.Equal((ushort)crc, RtuFrame.Crc(Convert.FromHexString(bytes)));
    }

    [Property(200, 50_000)]
    public void A_frame_of_a_serial_line_is_valid_until_a_bit_changes(byte unit, byte[] content, int bit)
    {
        byte[] pdu = [3, .. content.Take(ModbusLimits.MaxPduBytes - 1)];
        byte[] frame = new byte[ModbusLimits.MaxRtuFrameBytes];
        int length = RtuFrame.Write(unit, pdu, frame);
        Assert.True(RtuFrame.IsValid(frame.AsSpan(0, length)));

        int place = (int)((uint)bit % (uint)(8 * length));
        frame[place / 8] ^= (byte)(1 << (place % 8));
        Assert.False(RtuFrame.IsValid(frame.AsSpan(0, length)));
    }

    [Property(200, 50_000)]
    public void A_TCP_header_is_complete_only_with_its_whole_frame(ushort transaction, byte unit, byte[] content)
    {
        byte[] pdu = [3, .. content.Take(ModbusLimits.MaxPduBytes - 1)];
        byte[] frame = new byte[MbapHeader.Length + pdu.Length];
        new MbapHeader(transaction, unit, pdu.Length).Write(frame);
        pdu.CopyTo(frame.AsSpan(MbapHeader.Length));

        for (int length = 0; length < frame.Length; length++)
        {
            Assert.Equal(ModbusFrameStatus.Incomplete, MbapHeader.TryRead(frame.AsSpan(0, length), out _));
        }

        Assert.Equal(ModbusFrameStatus.Ok, MbapHeader.TryRead([.. frame, 1, 2, 3], out MbapHeader header));
        Assert.Equal(new MbapHeader(transaction, unit, pdu.Length), header);
    }

    [Theory]
    [InlineData("000100010003010305")]
    [InlineData("000100000001")]
    [InlineData("0001000000FF")]
    public void A_TCP_header_with_another_protocol_or_an_impossible_length_is_invalid(string bytes)
    {
        Assert.Equal(ModbusFrameStatus.Invalid, MbapHeader.TryRead(Convert.FromHexString(bytes), out _));
    }

    [Fact]
    public void The_length_of_every_response_on_a_serial_line_is_known_before_its_end()
    {
        foreach ((byte[] request, byte[] response) in PduSamples.All)
        {
            byte[] frame = new byte[ModbusLimits.MaxRtuFrameBytes];
            int length = RtuFrame.Write(1, response, frame);
            for (int received = 0; received < length; received++)
            {
                int expected = RtuFrame.ResponseLength(frame.AsSpan(0, received), request);
                Assert.True(expected == length || expected == 0, $"function {request[0]:X2} after {received} bytes: {expected}");
            }

            Assert.Equal(length, RtuFrame.ResponseLength(frame.AsSpan(0, length), request));
        }
    }

    [Fact]
    public void The_length_of_every_request_on_a_serial_line_is_known_or_left_to_silence()
    {
        foreach ((byte[] request, _) in PduSamples.All)
        {
            byte[] frame = new byte[ModbusLimits.MaxRtuFrameBytes];
            int length = RtuFrame.Write(1, request, frame);
            Assert.Contains(RtuFrame.RequestLength(frame.AsSpan(0, length)), new[] { length, -1 });
        }
    }
}

using Estream.Testing;
using Estream.Wire.Dnp3.Codec;
using Estream.Wire.Dnp3.Link;

namespace Estream.Wire.Dnp3.Tests.Codec;

/// <summary>Link frames and transport segments.</summary>
public sealed class LinkFrameTests
{
    private static readonly LinkHeader s_header = new(LinkFunction.UnconfirmedUserData, IsFromMaster: true, false, 1024, 3);

    /// <summary>Frames of the tests of opendnp3 (cpp/tests/opendnp3tests/src/TestLinkFrame.cpp, Apache-2.0).</summary>
    [Theory]
    [InlineData("056405C001000004E921", LinkFunction.ResetLink, 1, 1024)]
    [InlineData("0564054901000004D236", LinkFunction.RequestLinkStatus, 1, 1024)]
    [InlineData("056405000004010019A6", LinkFunction.Ack, 1024, 1)]
    [InlineData("05640580010000045311", LinkFunction.Ack, 1, 1024)]
    [InlineData("0564054000040100A396", LinkFunction.ResetLink, 1024, 1)]
    public void A_published_header_is_read_and_written_unchanged(string hex, object function, int destination, int source)
    {
        byte[] frame = Convert.FromHexString(hex);
        byte[] user = new byte[LinkFrame.MaxUserBytes];

        LinkFrameStatus status = LinkFrame.TryRead(frame, user, out LinkHeader header, out int length, out int consumed);
        byte[] written = new byte[LinkFrame.MaxBytes];
        int count = LinkFrame.Write(header, user.AsSpan(0, length), written);

        Assert.Equal((LinkFrameStatus.Ok, 0, frame.Length), (status, length, consumed));
        Assert.Equal(
            ((LinkFunction)function, (ushort)destination, (ushort)source), (header.Function, header.Destination, header.Source));
        Assert.Equal(frame, written[..count]);
    }

    [Fact]
    public void The_checksum_is_that_of_the_catalogue_of_CRCs()
    {
        // CRC-16/DNP: check value 0xEA82 for the digits 1 to 9.
        Assert.Equal(0xEA82, Dnp3Crc.Compute("123456789"u8));
    }

    [Fact]
    public void A_frame_with_any_changed_bit_is_not_accepted()
    {
        byte[] frame = Frame(40);
        byte[] user = new byte[LinkFrame.MaxUserBytes];
        for (int bit = 0; bit < 8 * frame.Length; bit++)
        {
            byte[] damaged = [.. frame];
            damaged[bit / 8] ^= (byte)(1 << (bit % 8));
            Assert.NotEqual(LinkFrameStatus.Ok, LinkFrame.TryRead(damaged, user, out _, out _, out _));
        }
    }

    [Fact]
    public void A_receiver_finds_the_next_frame_after_noise_and_after_a_damaged_frame()
    {
        byte[] damaged = Frame(40);
        damaged[^1] ^= 1;
        LinkReceiver receiver = new();
        byte[] octets = [0x00, 0x05, 0x05, 0x64, 0x01, .. damaged, .. Frame(3)];
        int frames = 0;
        foreach (byte one in octets)
        {
            receiver.Free.Span[0] = one;
            receiver.Add(1);
            while (receiver.TryRead(out LinkHeader header))
            {
                Assert.Equal(s_header, header);
                Assert.Equal(3, receiver.UserData.Length);
                frames++;
            }
        }

        Assert.Equal(1, frames);
        Assert.True(receiver.Skipped > 0);
    }

    [Property(300, 100_000)]
    public void A_fragment_of_any_length_is_assembled_from_its_segments(int seed)
    {
        Random random = new(seed);
        byte[] fragment = new byte[random.Next(1, ApplicationHeader.MaxFragmentBytes + 1)];
        random.NextBytes(fragment);
        byte sequence = (byte)random.Next(64);
        byte[] frames = new byte[TransportSegments.MaxLength(fragment.Length)];
        int length = TransportSegments.Write(s_header, fragment, ref sequence, frames);
        TransportAssembler assembler = new(ApplicationHeader.MaxFragmentBytes);
        byte[] user = new byte[LinkFrame.MaxUserBytes];
        SegmentStatus status = SegmentStatus.Dropped;
        for (int start = 0; start < length;)
        {
            Assert.Equal(LinkFrameStatus.Ok, LinkFrame.TryRead(frames.AsSpan(start, length - start), user, out _, out int count,
                out int consumed));
            status = assembler.Add(user.AsSpan(0, count));
            start += consumed;
        }

        Assert.Equal(SegmentStatus.Complete, status);
        Assert.Equal(fragment, assembler.Fragment.ToArray());
    }

    [Theory]
    [InlineData("41AA", "43BB")] // A segment is missing.
    [InlineData("01AA", "82BB")] // No first segment.
    [InlineData("41", "C2")] // No data.
    public void Segments_that_do_not_belong_together_are_dropped(string first, string second)
    {
        TransportAssembler assembler = new(ApplicationHeader.MaxFragmentBytes);
        assembler.Add(Convert.FromHexString(first));
        if (second[0] == 'C')
        {
            Assert.Equal(SegmentStatus.Dropped, assembler.Add(Convert.FromHexString(second)));
            return;
        }

        Assert.Equal(
            second.StartsWith('4') ? SegmentStatus.Partial : SegmentStatus.Dropped, assembler.Add(Convert.FromHexString(second)));
    }

    [Fact]
    public void A_fragment_above_the_limit_is_dropped()
    {
        TransportAssembler assembler = new(300);
        byte[] segment = new byte[LinkFrame.MaxUserBytes];
        segment[0] = TransportSegments.FirstBit;
        Assert.Equal(SegmentStatus.Partial, assembler.Add(segment));
        segment[0] = 1;
        Assert.Equal(SegmentStatus.Dropped, assembler.Add(segment));
        Assert.Equal(0, assembler.Fragment.Length);
    }

    private static byte[] Frame(int userBytes)
    {
        byte[] frame = new byte[LinkFrame.MaxBytes];
        return frame[..LinkFrame.Write(s_header, new byte[userBytes], frame)];
    }
}

using System.Buffers;
using Estream.Testing;
using Estream.Wire.Mqtt.Codec;
using Estream.Wire.Mqtt.Tests.Rig;

namespace Estream.Wire.Mqtt.Tests.Codec;

public class FrameCursorTests
{
    private const int Max = 1_000;

    private static readonly byte[] s_packets =
    [
        .. RawClient.Publishing("a/b", new string('x', 200), MqttQos.AtLeastOnce, 1),
        .. Hex.Bytes("C0 00"),
        .. RawClient.Publishing("a/b", ""),
        .. Hex.Bytes("62 02 0001"),
    ];

    [Fact]
    public void Packets_are_the_same_for_every_split_into_segments()
    {
        string expected = Describe(new ReadOnlySequence<byte>(s_packets));
        for (int first = 0; first <= s_packets.Length; first++)
        {
            for (int second = first; second <= s_packets.Length; second += 7)
            {
                Assert.Equal(expected, Describe(Segments.Cut(s_packets, first, second)));
            }
        }
    }

    [Fact]
    public void Undo_returns_the_last_packet_again()
    {
        for (int cut = 0; cut <= s_packets.Length; cut++)
        {
            using FrameScratch scratch = new();
            FrameCursor cursor = new(Segments.Cut(s_packets, cut, cut), scratch, Max);
            int packets = 0;
            while (cursor.TryNext(out byte first, out ReadOnlySpan<byte> body, out _) == HeaderStatus.Complete)
            {
                byte[] copy = body.ToArray();
                cursor.Undo();
                Assert.Equal(HeaderStatus.Complete, cursor.TryNext(out byte again, out ReadOnlySpan<byte> bodyAgain, out _));
                Assert.Equal(first, again);
                Assert.Equal(copy, bodyAgain.ToArray());
                packets++;
            }

            Assert.Equal(4, packets);
        }
    }

    [Fact]
    public void Incomplete_packet_is_not_consumed()
    {
        for (int length = 0; length < s_packets.Length; length++)
        {
            using FrameScratch scratch = new();
            ReadOnlySequence<byte> buffer = new(s_packets, 0, length);
            FrameCursor cursor = new(buffer, scratch, Max);
            HeaderStatus status;
            while ((status = cursor.TryNext(out _, out _, out _)) == HeaderStatus.Complete)
            {
            }

            Assert.Equal(HeaderStatus.Incomplete, status);
            long rest = buffer.Slice(cursor.Consumed).Length;
            Assert.InRange(rest, 0, 212);
        }
    }

    [Fact]
    public void Too_large_packet_is_refused_before_its_body_arrives()
    {
        using FrameScratch scratch = new();
        FrameCursor cursor = new(new ReadOnlySequence<byte>(Hex.Bytes("30 E6 07")), scratch, Max);

        Assert.Equal(HeaderStatus.Refused, cursor.TryNext(out _, out _, out Fault fault));
        Assert.Equal(MqttReasonCode.PacketTooLarge, fault.Code);
    }

    [Fact]
    public void Splitting_into_packets_does_not_allocate()
    {
        byte[] packet = RawClient.Publishing("devices/pump-7/telemetry", new string('x', 100), MqttQos.AtLeastOnce, 1);
        ReadOnlySequence<byte> buffer = new([.. Enumerable.Repeat(packet, 100).SelectMany(bytes => bytes)]);
        using FrameScratch scratch = new();

        long bytes = AllocationMeter.OnThisThread(1_000, () =>
        {
            FrameCursor cursor = new(buffer, scratch, Max);
            while (cursor.TryNext(out byte first, out ReadOnlySpan<byte> body, out _) == HeaderStatus.Complete)
            {
                PublishPacket.Decode(first, body, "devices/pump-7/telemetry"u8, false, out PublishPacket _);
            }
        });

        Assert.Equal(0, bytes);
    }

    private static string Describe(ReadOnlySequence<byte> buffer)
    {
        using FrameScratch scratch = new();
        FrameCursor cursor = new(buffer, scratch, Max);
        List<string> packets = [];
        while (cursor.TryNext(out byte first, out ReadOnlySpan<byte> body, out _) == HeaderStatus.Complete)
        {
            packets.Add($"{first:x2}:{Convert.ToHexString(body)}");
        }

        Assert.Equal(0, buffer.Slice(cursor.Consumed).Length);
        return string.Join(' ', packets);
    }
}

using System.Net;
using Estream.Fuzz.Esf;
using Estream.Net;
using Estream.Net.Xdp;
using Estream.Testing;

namespace Estream.Fuzz.Net;

/// <summary>Damaged Ethernet frames for UdpFrameParser, and damaged payloads in every ReceivedPacket of a transport.</summary>
public class FrameFuzzTests
{
    private static readonly IReadOnlyList<byte[]> s_seeds =
    [
        Frame([], useChecksum: true),
        Frame([1, 2, 3], useChecksum: false),
        Frame([.. Enumerable.Range(0, 1400).Select(i => (byte)i)], useChecksum: true),
        [],
        new byte[UdpFrame.HeaderBytes],
    ];

    [Theory]
    [InlineData(1)]
    [InlineData(20261126)]
    public void Damaged_frames_give_a_payload_inside_the_frame_or_are_refused(int seed)
    {
        Bytes bytes = new(seed);
        int count = LongRun.Count(50_000, 5_000_000);
        int accepted = 0;
        for (int number = 0; number < count; number++)
        {
            byte[] frame = bytes.Damaged(s_seeds);
            bool isVerified = UdpFrameParser.TryParse(frame, verifyChecksum: true, out int verified, out PacketAddress source);
            bool isAccepted = UdpFrameParser.TryParse(frame, verifyChecksum: false, out int length, out PacketAddress same);
            string name = $"seed {seed}, number {number}: {Convert.ToHexString(frame)}";
            Assert.True(!isVerified || (isAccepted && verified == length && source == same), name);
            Assert.True(!isAccepted || (length >= 0 && length <= frame.Length - UdpFrame.HeaderBytes), name);
            accepted += isAccepted ? 1 : 0;
        }

        Assert.InRange(accepted, 1, count - 1);
    }

    [Theory]
    [InlineData(3)]
    public void Damaged_payloads_reach_their_receiver_byte_by_byte(int seed)
    {
        Bytes bytes = new(seed);
        MemoryNetwork network = new(seed);
        PacketTransportOptions options = new() { LocalEndPoint = new IPEndPoint(IPAddress.Loopback, 0), FrameCount = 64, BatchSize = 16 };
        using PacketTransport sender = network.Open(options);
        using PacketTransport receiver = network.Open(options);
        int count = LongRun.Count(10_000, 1_000_000);
        for (int number = 0; number < count; number++)
        {
            byte[] payload = bytes.Damaged(s_seeds);
            payload = payload[..Math.Min(payload.Length, sender.MaxPayloadBytes)];
            using (SendBatch batch = sender.Reserve(1))
            {
                payload.CopyTo(batch[0]);
                batch.SetLength(0, payload.Length);
                batch.SetDestination(0, new PacketAddress(receiver.LocalEndPoint));
                batch.Send();
            }

            using ReceivedBatch received = receiver.Receive();
            ReceivedPacket packet = received[0];
            Assert.True(packet.Payload.SequenceEqual(payload), $"seed {seed}, number {number}: {Convert.ToHexString(payload)}");
        }
    }

    private static byte[] Frame(byte[] payload, bool useChecksum)
    {
        byte[] template = new byte[UdpFrame.HeaderBytes];
        PacketAddress source = new(IPAddress.Parse("192.0.2.1"), 4711);
        UdpFrame.WriteTemplate(template, [2, 0, 0, 0, 0, 1], [2, 0, 0, 0, 0, 2], source, source, 1);
        byte[] frame = [.. new byte[UdpFrame.HeaderBytes], .. payload];
        ulong sum = InternetChecksum.Sum(template.AsSpan(UdpFrame.Ip, UdpFrame.IpHeaderBytes));
        UdpFrame.Complete(frame, template, sum, UdpFrame.PseudoHeaderSum(template), useChecksum);
        return frame;
    }
}

using Estream.Fuzz.Esf;
using Estream.Net.Feeds;
using Estream.Testing;

namespace Estream.Fuzz.Net;

/// <summary>Passes damaged MoldUDP64 packets to a codec and an arbiter. A failure names the seed and the number that repeat it.</summary>
public class FeedFuzz
{
    private static readonly IFeedCodec s_codec = new MoldUdp64Codec();

    [Theory]
    [InlineData(1)]
    [InlineData(20261127)]
    public void Damaged_feed_packets_leave_each_message_inside_the_packet(int seed)
    {
        Bytes bytes = new(seed);
        int accepted = 0;
        int count = LongRun.Count(50_000, 5_000_000);
        for (int number = 0; number < count; number++)
        {
            byte[] packet = bytes.Damaged([Packet(1, 1), Packet(7, 5), Packet(9, 0)]);
            string name = $"seed {seed}, number {number}: {Convert.ToHexString(packet)}";
            if (!s_codec.TryReadHeader(packet, out FeedHeader header))
            {
                Assert.True(packet.Length < MoldUdp64Codec.HeaderBytes, name);
                continue;
            }

            int offset = header.Offset;
            int messages = 0;
            while (messages < header.Count && s_codec.TryReadMessage(packet, ref offset, out ReadOnlySpan<byte> message))
            {
                messages++;
                Assert.True(packet.AsSpan().Overlaps(message) || message.IsEmpty, name);
            }

            Assert.True(offset <= packet.Length, name);
            accepted += messages > 0 ? 1 : 0;
        }

        Assert.InRange(accepted, count / 20, count);
    }

    [Theory]
    [InlineData(2, FeedGapAction.Skip)]
    [InlineData(3, FeedGapAction.WaitForSnapshot)]
    public void An_arbiter_survives_hostile_packets_and_delivers_in_order(int seed, FeedGapAction action)
    {
        Bytes bytes = new(seed);
        Random random = new(seed);
        Handler handler = new(action);
        ManualClock clock = new();
        FeedArbiter arbiter = new(s_codec, handler, new FeedArbiterOptions { Clock = clock, Window = 64, MaxMessageBytes = 128 });
        int count = LongRun.Count(50_000, 5_000_000);
        for (int number = 0; number < count; number++)
        {
            byte[] good = Packet(arbiter.NextSequence + random.Next(4), random.Next(4));
            byte[] packet = random.Next(2) == 0 ? good : bytes.Damaged([good]);
            try
            {
                arbiter.Receive(random.Next(2), packet);
                clock.PassNanos(random.Next(200) == 0 ? 6_000_000_000 : random.Next(2_000_000));
                arbiter.Poll();
                if (arbiter.State == FeedState.WaitingForSnapshot && random.Next(4) == 0)
                {
                    _ = arbiter.TryResume(arbiter.NextSequence + random.Next(8));
                    handler.Restart();
                }
            }
            catch (Exception failure)
            {
                throw new InvalidOperationException($"seed {seed}, number {number}: {Convert.ToHexString(packet)}", failure);
            }

            Assert.InRange(arbiter.Statistics.Held, 0, 64);
        }

        Assert.True(handler.Delivered > count / 100, $"{arbiter.Statistics}");
    }

    private static byte[] Packet(long first, int count)
    {
        byte[] packet = new byte[MoldUdp64Codec.HeaderBytes + (count * 40)];
        int length = MoldUdp64Codec.WriteHeader(packet, 1, first, count);
        for (int index = 0; index < count; index++)
        {
            length += MoldUdp64Codec.WriteMessage(packet.AsSpan(length), new byte[(int)((first + index) % 38)]);
        }

        return packet[..length];
    }

    private sealed class Handler(FeedGapAction action) : IFeedHandler
    {
        private long _last = -1;

        public long Delivered { get; private set; }

        public void Restart() => _last = -1;

        public void OnMessage(in FeedMessage message)
        {
            Assert.True(message.Sequence > _last && message.Payload.Length <= 128, $"{message.Sequence} after {_last}");
            _last = message.Sequence;
            Delivered++;
        }

        public FeedGapAction OnGap(in FeedGap gap)
        {
            Assert.True(gap.Count > 0, $"{gap}");
            return action;
        }

        public void OnSession(UInt128 session) => Restart();
    }
}

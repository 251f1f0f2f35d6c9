using System.Buffers;
using System.Text;
using Estream.Testing;
using Estream.Wire;
using Estream.Wire.Mqtt;
using Estream.Wire.Mqtt.Codec;

namespace Estream.Fuzz.Mqtt;

/// <summary>
/// Passes damaged packets to the codec in both roles. It must never throw, never return what the specification forbids, and give the
/// same result for the same bytes regardless of how a pipe splits them. A failure names the seed that repeats it.
/// </summary>
public class MqttCodecFuzz
{
    private const int MaxPacketBytes = 4_096;

    [Theory]
    [InlineData(1)]
    [InlineData(20260707)]
    public void Damaged_MQTT_packets_are_rejected_with_a_reason_only(int seed)
    {
        PacketMutator mutator = new(seed);
        int count = LongRun.Count(50_000, 5_000_000);
        for (int number = 0; number < count; number++)
        {
            byte[] bytes = mutator.Stream();
            int cut = mutator.Next(bytes.Length + 1);
            try
            {
                Trace whole = Run(new ReadOnlySequence<byte>(bytes));
                Trace parts = Run(Cut(bytes, cut));
                Assert.Equal(whole, parts);
            }
            catch (Exception failure)
            {
                throw new InvalidOperationException($"seed {seed}, number {number}, cut {cut}: {Convert.ToHexString(bytes)}", failure);
            }
        }
    }

    [Fact]
    public void MQTT_seeds_are_valid()
    {
        foreach (byte[] packet in MqttSeeds.All)
        {
            Trace trace = Run(new ReadOnlySequence<byte>(packet));

            Assert.True(trace.Packets == 1 && trace.Reason == MqttReasonCode.Success, $"{Convert.ToHexString(packet)}: {trace}");
        }
    }

    private static Trace Run(ReadOnlySequence<byte> buffer)
    {
        using FrameScratch scratch = new();
        FrameCursor cursor = new(buffer, scratch, MaxPacketBytes);
        int packets = 0;
        HeaderStatus status;
        Fault fault;
        while ((status = cursor.TryNext(out byte first, out ReadOnlySpan<byte> body, out fault)) == HeaderStatus.Complete)
        {
            fault = Decode(first, body);
            if (fault.IsFault)
            {
                break;
            }

            packets++;
        }

        Assert.Equal(status == HeaderStatus.Refused, status != HeaderStatus.Complete && fault.IsFault);
        Assert.True(!fault.IsFault || fault.Code >= MqttReasonCode.UnspecifiedError, fault.ToString());
        return new Trace(packets, fault.Code, buffer.Slice(buffer.Start, cursor.Consumed).Length);
    }

    private static Fault Decode(byte first, ReadOnlySpan<byte> body)
    {
        PacketType type = (PacketType)(first >> 4);
        switch (type)
        {
            case PacketType.Connect:
                Fault fault = ConnectPacket.Decode(body, out ConnectPacket connect);
                RequireText(fault, connect.ClientId);
                RequireText(fault, connect.UserName);
                return fault;
            case PacketType.ConnAck:
                return ConnAckPacket.Decode(body, out _);
            case PacketType.Publish:
                return DecodePublish(first, body);
            case PacketType.PubAck or PacketType.PubRec or PacketType.PubRel or PacketType.PubComp:
                fault = AckPacket.Decode(type, body, out AckPacket ack);
                Assert.True(fault.IsFault || ack.PacketId != 0);
                return fault;
            case PacketType.Subscribe or PacketType.Unsubscribe:
                return DecodeFilters(type, body);
            case PacketType.SubAck or PacketType.UnsubAck:
                return ReasonsPacket.Decode(type, body, out _);
            case PacketType.Disconnect:
                return DisconnectPacket.Decode(body, isFromServer: false, out _);
            case PacketType.Auth:
                return AuthPacket.Decode(body, out _);
            default:
                return default;
        }
    }

    private static Fault DecodePublish(byte first, ReadOnlySpan<byte> body)
    {
        Fault fault = PublishPacket.Decode(first, body, "devices/pump-7/telemetry"u8, isFromServer: true, out PublishPacket packet);
        RequireText(fault, packet.Topic);
        Assert.True(fault.IsFault || !TopicRules.HasWildcard(packet.Topic));
        Assert.True(fault.IsFault || (packet.Qos == MqttQos.AtMostOnce) == (packet.PacketId == 0));

        // Decodes again without a known topic, because a known topic must not change the result.
        Fault fresh = PublishPacket.Decode(first, body, default, isFromServer: true, out _);
        Assert.Equal(fault.Code, fresh.Code);

        // A client of 3.1.1 may send the same bytes.
        Fault plain = PublishPacket.Decode(first, body, default, isFromServer: false, out PublishPacket old, is311: true);
        RequireText(plain, old.Topic);
        Assert.True(plain.IsFault || old.Properties.IsEmpty);
        RequireKept(fault, packet);
        return fault;
    }

    /// <summary>A block that is forwarded to subscribers is valid again, and decoding it a second time removes nothing more.</summary>
    private static void RequireKept(Fault fault, PublishPacket packet)
    {
        if (fault.IsFault)
        {
            return;
        }

        byte[] once = new byte[packet.Properties.Length];
        byte[] twice = new byte[once.Length];
        int length = KeptProperties.Copy(packet.Properties, PacketType.Publish, once);
        Assert.Equal(length, KeptProperties.Copy(once.AsSpan(0, length), PacketType.Publish, twice));
    }

    private static Fault DecodeFilters(PacketType type, ReadOnlySpan<byte> body)
    {
        Fault fault = SubscribePacket.Decode(type, body, out SubscribePacket packet);
        int filters = 0;
        while (!fault.IsFault && packet.TryNext(out ReadOnlySpan<byte> filter, out _))
        {
            RequireText(fault, filter);
            filters++;
        }

        Assert.True(fault.IsFault || filters > 0);

        // A client of 3.1.1 may send the same bytes.
        Fault plain = SubscribePacket.Decode(type, body, out SubscribePacket old, is311: true);
        while (!plain.IsFault && old.TryNext(out ReadOnlySpan<byte> filter, out SubscriptionOptions options))
        {
            RequireText(plain, filter);
            Assert.True(options.Qos <= MqttQos.ExactlyOnce && !options.NoLocal && options.RetainHandling == RetainHandling.Always);
        }

        return fault;
    }

    private static void RequireText(Fault fault, ReadOnlySpan<byte> text)
    {
        if (!fault.IsFault)
        {
            Assert.DoesNotContain('\0', new UTF8Encoding(false, throwOnInvalidBytes: true).GetString(text));
        }
    }

    private static ReadOnlySequence<byte> Cut(byte[] bytes, int place)
    {
        Segment start = new(bytes.AsMemory(0, place), 0);
        Segment end = start.Append(bytes.AsMemory(place));
        return new ReadOnlySequence<byte>(start, 0, end, end.Memory.Length);
    }

    private readonly record struct Trace(int Packets, MqttReasonCode Reason, long Consumed);

    private sealed class Segment : ReadOnlySequenceSegment<byte>
    {
        public Segment(ReadOnlyMemory<byte> memory, long runningIndex)
        {
            Memory = memory;
            RunningIndex = runningIndex;
        }

        public Segment Append(ReadOnlyMemory<byte> memory)
        {
            Segment next = new(memory, RunningIndex + Memory.Length);
            Next = next;
            return next;
        }
    }
}

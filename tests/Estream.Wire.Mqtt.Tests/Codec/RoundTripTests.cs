using System.Text;
using Estream.Wire.Mqtt.Codec;

namespace Estream.Wire.Mqtt.Tests.Codec;

/// <summary>The reader reads what the writer writes. The tests with real peers check the exact bytes.</summary>
public class RoundTripTests
{
    [Theory]
    [InlineData(0, 1)]
    [InlineData(127, 1)]
    [InlineData(128, 2)]
    [InlineData(16_383, 2)]
    [InlineData(16_384, 3)]
    [InlineData(2_097_151, 3)]
    [InlineData(2_097_152, 4)]
    [InlineData(FixedHeader.MaxRemainingLength, 4)]
    public void Variable_byte_integer_is_accepted_only_in_its_shortest_form(int value, int size)
    {
        Span<byte> bytes = stackalloc byte[VarInt.MaxBytes];

        Assert.Equal(size, VarInt.Write(bytes, value));
        Assert.Equal(size, VarInt.Size(value));
        Assert.Equal(VarIntStatus.Read, VarInt.TryRead(bytes, out uint read, out int length));
        Assert.Equal((uint)value, read);
        Assert.Equal(size, length);
        for (int cut = 0; cut < size; cut++)
        {
            Assert.Equal(VarIntStatus.Incomplete, VarInt.TryRead(bytes[..cut], out _, out _));
        }
    }

    [Fact]
    [Trait("Statement", "MQTT-3.1.3-1")]
    public void CONNECT_round_trips()
    {
        byte[] bytes = ClientPackets.Connect(new ConnectRequest
        {
            ClientId = "süd",
            CleanStart = false,
            KeepAliveSeconds = 77,
            SessionExpirySeconds = 3_600,
            ReceiveMaximum = 10,
            MaximumPacketSize = 5_000,
            TopicAliasMaximum = 3,
            UserName = "user",
            Password = [0, 1, 255],
        });

        Fault fault = ConnectPacket.Decode(Body(bytes, PacketType.Connect), out ConnectPacket packet);

        Assert.False(fault.IsFault, fault.ToString());
        Assert.Equal("süd", Encoding.UTF8.GetString(packet.ClientId));
        Assert.False(packet.CleanStart);
        Assert.Equal(77, packet.KeepAliveSeconds);
        Assert.Equal(3_600u, packet.SessionExpirySeconds);
        Assert.Equal(10, packet.ReceiveMaximum);
        Assert.Equal(5_000u, packet.MaximumPacketSize);
        Assert.Equal(3, packet.TopicAliasMaximum);
        Assert.Equal("user", Encoding.UTF8.GetString(packet.UserName));
        Assert.Equal([0, 1, 255], packet.Password.ToArray());
        Assert.False(packet.HasWill);
    }

    [Fact]
    public void CONNACK_round_trips()
    {
        byte[] bytes = new byte[256];
        int length = ControlPackets.WriteConnAck(
            bytes, new ConnAckGrant(true, MqttReasonCode.Success, 1, 2, 3, 4, 5, "assigned"));

        Fault fault = ConnAckPacket.Decode(Body(bytes.AsSpan(0, length), PacketType.ConnAck), out ConnAckPacket packet);

        Assert.False(fault.IsFault, fault.ToString());
        Assert.True(packet.SessionPresent);
        Assert.Equal(1u, packet.SessionExpirySeconds);
        Assert.Equal(2, packet.ReceiveMaximum);
        Assert.Equal(3u, packet.MaximumPacketSize);
        Assert.Equal(4, packet.TopicAliasMaximum);
        Assert.Equal((ushort)5, packet.ServerKeepAliveSeconds);
        Assert.Equal("assigned", packet.AssignedClientId);
    }

    [Theory]
    [InlineData(0, 0)]
    [InlineData(1, 100)]
    [InlineData(2, 20_000)]
    [Trait("Statement", "MQTT-2.2.1-2")]
    [Trait("Statement", "MQTT-4.3.1-1")]
    public void PUBLISH_round_trips(int qos, int payloadBytes)
    {
        byte[] topic = "devices/a/telemetry"u8.ToArray();
        byte[] payload = [.. Enumerable.Range(0, payloadBytes).Select(n => (byte)n)];
        byte[] bytes = new byte[ClientPackets.PublishLength(topic.Length, (MqttQos)qos, payloadBytes)];
        ushort id = qos == 0 ? (ushort)0 : (ushort)0xABCD;

        Assert.Equal(bytes.Length, ClientPackets.WritePublish(bytes, topic, (MqttQos)qos, id, payload));
        Fault fault = PublishPacket.Decode(bytes[0], Body(bytes, PacketType.Publish), default, false, out PublishPacket packet);

        Assert.False(fault.IsFault, fault.ToString());
        Assert.Equal((MqttQos)qos, packet.Qos);
        Assert.Equal(id, packet.PacketId);
        Assert.Equal(topic, packet.Topic.ToArray());
        Assert.Equal(payload, packet.Payload.ToArray());
        Assert.Null(packet.TopicAlias);
        Assert.False(packet.IsDuplicate);
        Assert.False(packet.IsRetained);
    }

    [Fact]
    public void SUBSCRIBE_round_trips()
    {
        byte[] bytes = ClientPackets.Subscribe(7,
            [new MqttSubscription("a/+", MqttQos.AtMostOnce), new MqttSubscription("b/#", MqttQos.ExactlyOnce)]);

        Assert.Equal(0x82, bytes[0]);
        Fault fault = SubscribePacket.Decode(PacketType.Subscribe, Body(bytes, PacketType.Subscribe), out SubscribePacket packet);

        Assert.False(fault.IsFault, fault.ToString());
        Assert.Equal(7, packet.PacketId);
        Assert.True(packet.TryNext(out ReadOnlySpan<byte> filter, out SubscriptionOptions options));
        Assert.Equal("a/+", Encoding.UTF8.GetString(filter));
        Assert.Equal(new SubscriptionOptions(MqttQos.AtMostOnce, NoLocal: false, RetainAsPublished: false, RetainHandling.IfNew), options);
        Assert.True(packet.TryNext(out filter, out options));
        Assert.Equal("b/#", Encoding.UTF8.GetString(filter));
        Assert.Equal(MqttQos.ExactlyOnce, options.Qos);
        Assert.Equal(0u, packet.Identifier);
        Assert.False(packet.TryNext(out _, out _));
    }

    [Fact]
    public void Subscription_options_and_identifier_round_trip()
    {
        // Section 3.8.3.1: the test writes every value of every part; the identifier has two bytes.
        foreach (RetainHandling handling in Enum.GetValues<RetainHandling>())
        {
            for (int bits = 0; bits < 12; bits++)
            {
                SubscriptionOptions written = new((MqttQos)(bits % 3), bits / 3 % 2 == 1, bits / 6 == 1, handling);
                byte expected = (byte)((bits % 3) | (written.NoLocal ? 4 : 0) | (written.RetainAsPublished ? 8 : 0) | ((int)handling << 4));
                byte[] body = [0, 7, 3, 0x0B, 0x80, 0x01, 0, 1, 0x61, written.ToByte()];

                Fault fault = SubscribePacket.Decode(PacketType.Subscribe, body, out SubscribePacket packet);

                Assert.Equal(expected, written.ToByte());
                Assert.False(fault.IsFault, fault.ToString());
                Assert.Equal(128u, packet.Identifier);
                Assert.True(packet.TryNext(out _, out SubscriptionOptions read));
                Assert.Equal(written, read);
            }
        }
    }

    [Fact]
    public void UNSUBSCRIBE_round_trips()
    {
        byte[] bytes = ClientPackets.Unsubscribe(7, ["a/+", "süd/#"]);

        Assert.Equal(0xA2, bytes[0]);
        Fault fault = SubscribePacket.Decode(PacketType.Unsubscribe, Body(bytes, PacketType.Unsubscribe), out SubscribePacket packet);

        Assert.False(fault.IsFault, fault.ToString());
        Assert.Equal(7, packet.PacketId);
        Assert.True(packet.TryNext(out ReadOnlySpan<byte> filter, out _));
        Assert.Equal("a/+", Encoding.UTF8.GetString(filter));
        Assert.True(packet.TryNext(out filter, out _));
        Assert.Equal("süd/#", Encoding.UTF8.GetString(filter));
        Assert.False(packet.TryNext(out _, out _));
    }

    [Theory]
    [InlineData(MqttReasonCode.ContinueAuthentication, 0)]
    [InlineData(MqttReasonCode.ReAuthenticate, 40)]
    [InlineData(MqttReasonCode.Success, 3_000)]
    public void AUTH_round_trips(MqttReasonCode reason, int dataBytes)
    {
        byte[] data = [.. Enumerable.Range(0, dataBytes).Select(n => (byte)n)];
        byte[] bytes = new byte[4_096];
        int length = ControlPackets.WriteAuth(bytes, reason, "SCRAM-SHA-512"u8, data);

        Fault fault = AuthPacket.Decode(Body(bytes.AsSpan(0, length), PacketType.Auth), out AuthPacket packet);

        Assert.False(fault.IsFault, fault.ToString());
        Assert.Equal(reason, packet.Reason);
        Assert.True(packet.HasMethod);
        Assert.Equal("SCRAM-SHA-512", Encoding.UTF8.GetString(packet.Method));
        Assert.Equal(data, packet.Data.ToArray());
    }

    [Theory]
    [InlineData(PacketType.PubAck, MqttReasonCode.Success)]
    [InlineData(PacketType.PubAck, MqttReasonCode.NotAuthorized)]
    [InlineData(PacketType.PubRec, MqttReasonCode.QuotaExceeded)]
    [InlineData(PacketType.PubRel, MqttReasonCode.Success)]
    [InlineData(PacketType.PubComp, MqttReasonCode.PacketIdentifierNotFound)]
    public void Acknowledgements_round_trip(object type, MqttReasonCode reason)
    {
        byte[] bytes = new byte[ControlPackets.MaxAckLength];
        int length = ControlPackets.WriteAck(bytes, (PacketType)type, 500, reason);

        Fault fault = AckPacket.Decode((PacketType)type, Body(bytes.AsSpan(0, length), (PacketType)type), out AckPacket packet);

        Assert.False(fault.IsFault, fault.ToString());
        Assert.Equal(new AckPacket(500, reason), packet);
        Assert.Equal(reason >= MqttReasonCode.UnspecifiedError, packet.IsFailure);
    }

    [Fact]
    public void DISCONNECT_with_a_long_reason_round_trips()
    {
        byte[] bytes = new byte[1_024];
        string reason = new('x', 500);
        int length = ControlPackets.WriteDisconnect(bytes, MqttReasonCode.MalformedPacket, reason);

        Fault fault =
            DisconnectPacket.Decode(Body(bytes.AsSpan(0, length), PacketType.Disconnect), isFromServer: true, out DisconnectPacket packet);

        Assert.False(fault.IsFault, fault.ToString());
        Assert.Equal(MqttReasonCode.MalformedPacket, packet.Reason);
        Assert.Equal(reason, Encoding.UTF8.GetString(packet.ReasonString));
        Assert.Null(packet.SessionExpirySeconds);
    }

    [Fact]
    public void SUBACK_with_many_reasons_round_trips()
    {
        byte[] bytes = new byte[2_000];
        byte[] reasons = [.. Enumerable.Repeat((byte)0x83, 1_024)];
        int length = ControlPackets.WriteReasons(bytes, PacketType.SubAck, 9, reasons);

        Fault fault = ReasonsPacket.Decode(PacketType.SubAck, Body(bytes.AsSpan(0, length), PacketType.SubAck), out ReasonsPacket packet);

        Assert.False(fault.IsFault, fault.ToString());
        Assert.Equal(9, packet.PacketId);
        Assert.Equal(reasons, packet.Reasons.ToArray());
    }

    private static ReadOnlySpan<byte> Body(ReadOnlySpan<byte> packet, PacketType type)
    {
        Assert.Equal(HeaderStatus.Complete, FixedHeader.TryRead(packet, out FixedHeader header, out Fault fault));
        Assert.False(fault.IsFault, fault.ToString());
        Assert.Equal(type, header.Type);
        Assert.Equal(packet.Length, header.PacketLength);
        return packet[header.HeaderLength..];
    }
}

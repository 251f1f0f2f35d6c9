using System.Text;
using System.Text.Json.Nodes;
using Estream.Wire.Mqtt.Codec;

namespace Estream.Wire.Mqtt.Tests.Judges;

/// <summary>The content that the product reads from a packet other than PUBLISH, in the notation of <see cref="PacketCase"/>.</summary>
internal static class PacketReading
{
    /// <summary>Reads a packet that must be valid.</summary>
    public static string Of(byte[] packet, int version)
    {
        Assert.Equal(HeaderStatus.Complete, FixedHeader.TryRead(packet, out FixedHeader header, out _));
        Assert.Equal(packet.Length, header.PacketLength);
        ReadOnlySpan<byte> body = packet.AsSpan(header.HeaderLength);
        bool is311 = version == Mqtt311.Level;
        Fault fault = is311 ? Mqtt311.Check(header.Type, body.Length) : default;
        Assert.False(fault.IsFault, fault.ToString());
        JsonObject read = header.Type switch
        {
            PacketType.Connect => Connect(body),
            PacketType.ConnAck => ConnAck(body),
            PacketType.Subscribe or PacketType.Unsubscribe => Filters(header.Type, body, is311),
            PacketType.SubAck or PacketType.UnsubAck => Reasons(header.Type, body),
            PacketType.Auth => Auth(body),
            PacketType.Disconnect => Disconnect(body, is311),
            PacketType.PingReq or PacketType.PingResp => Empty(body),
            _ => Ack(header.Type, body, is311),
        };
        read["cmd"] = header.Type.ToString().ToLowerInvariant();
        return PacketCase.Text(read);
    }

    private static JsonObject Connect(ReadOnlySpan<byte> body)
    {
        Require(ConnectPacket.Decode(body, out ConnectPacket packet));
        bool is311 = packet.Is311;
        JsonObject? will = !packet.HasWill ? null : PacketCase.Of(
            ("topic", Text(packet.WillTopic)),
            ("payload", Hex(packet.WillPayload)),
            ("qos", (int)packet.WillQos),
            ("retain", packet.WillRetain),
            ("properties", PacketCase.Some(("willDelayInterval", packet.WillDelaySeconds == 0 ? null : packet.WillDelaySeconds))));
        return PacketCase.Of(
            ("protocolId", "MQTT"),
            ("protocolVersion", packet.ProtocolLevel),
            ("clean", packet.CleanStart),
            ("keepalive", packet.KeepAliveSeconds),
            ("clientId", Text(packet.ClientId)),
            ("username", packet.HasUserName ? Text(packet.UserName) : null),
            ("password", packet.HasPassword ? Hex(packet.Password) : null),
            ("will", will),
            ("properties", is311 ? null : PacketCase.Some(
                ("sessionExpiryInterval", packet.SessionExpirySeconds == 0 ? null : packet.SessionExpirySeconds),
                ("receiveMaximum", packet.ReceiveMaximum == ushort.MaxValue ? null : packet.ReceiveMaximum),
                ("maximumPacketSize", packet.MaximumPacketSize == uint.MaxValue ? null : packet.MaximumPacketSize),
                ("topicAliasMaximum", packet.TopicAliasMaximum == 0 ? null : packet.TopicAliasMaximum),
                ("authenticationMethod", packet.HasAuthenticationMethod ? Text(packet.AuthenticationMethod) : null),
                ("authenticationData", packet.HasAuthenticationData ? Hex(packet.AuthenticationData) : null))));
    }

    private static JsonObject ConnAck(ReadOnlySpan<byte> body)
    {
        Require(ConnAckPacket.Decode(body, out ConnAckPacket packet));
        Assert.Equal(MqttQos.ExactlyOnce, packet.MaximumQos);
        return PacketCase.Of(
            ("sessionPresent", packet.SessionPresent),
            ("reasonCode", (int)packet.Reason),
            ("properties", PacketCase.Some(
                ("sessionExpiryInterval", packet.SessionExpirySeconds),
                ("receiveMaximum", packet.ReceiveMaximum),
                ("maximumPacketSize", packet.MaximumPacketSize == uint.MaxValue ? null : packet.MaximumPacketSize),
                ("topicAliasMaximum", packet.TopicAliasMaximum),
                ("serverKeepAlive", packet.ServerKeepAliveSeconds),
                ("assignedClientIdentifier", packet.AssignedClientId),
                ("reasonString", packet.ReasonString),
                ("authenticationMethod", packet.AuthenticationMethod is { } method ? Text(method) : null),
                ("authenticationData", PacketCase.Hex(packet.AuthenticationData)),
                ("retainAvailable", packet.RetainAvailable ? null : false))));
    }

    private static JsonObject Filters(PacketType type, ReadOnlySpan<byte> body, bool is311)
    {
        Require(SubscribePacket.Decode(type, body, out SubscribePacket packet, is311));
        JsonArray filters = [];
        while (packet.TryNext(out ReadOnlySpan<byte> filter, out SubscriptionOptions options))
        {
            string topic = Text(filter);
            filters.Add(type == PacketType.Unsubscribe ? topic
                : is311 ? PacketCase.Of(("topic", topic), ("qos", (int)options.Qos))
                : PacketCase.Of(("topic", topic), ("qos", (int)options.Qos), ("nl", options.NoLocal), ("rap", options.RetainAsPublished),
                    ("rh", (int)options.RetainHandling)));
        }

        return PacketCase.Of(
            ("messageId", packet.PacketId),
            (type == PacketType.Subscribe ? "subscriptions" : "unsubscriptions", filters),
            ("properties", PacketCase.Some(("subscriptionIdentifier", packet.Identifier == 0 ? null : packet.Identifier))));
    }

    private static JsonObject Reasons(PacketType type, ReadOnlySpan<byte> body)
    {
        Require(ReasonsPacket.Decode(type, body, out ReasonsPacket packet));
        JsonArray granted = [];
        foreach (byte reason in packet.Reasons)
        {
            granted.Add((int)reason);
        }

        return PacketCase.Of(("messageId", packet.PacketId), ("granted", granted));
    }

    private static JsonObject Auth(ReadOnlySpan<byte> body)
    {
        Require(AuthPacket.Decode(body, out AuthPacket packet));
        return PacketCase.Of(
            ("reasonCode", (int)packet.Reason),
            ("properties", PacketCase.Some(
                ("authenticationMethod", packet.HasMethod ? Text(packet.Method) : null),
                ("authenticationData", packet.Data.IsEmpty ? null : Hex(packet.Data)))));
    }

    // Only a client sends a session expiry interval.
    private static JsonObject Disconnect(ReadOnlySpan<byte> body, bool is311)
    {
        Require(DisconnectPacket.Decode(body, isFromServer: false, out DisconnectPacket packet));
        return is311 ? new JsonObject() : PacketCase.Of(
            ("reasonCode", (int)packet.Reason),
            ("properties", PacketCase.Some(
                ("sessionExpiryInterval", packet.SessionExpirySeconds),
                ("reasonString", packet.ReasonString.IsEmpty ? null : Text(packet.ReasonString)))));
    }

    private static JsonObject Ack(PacketType type, ReadOnlySpan<byte> body, bool is311)
    {
        Require(AckPacket.Decode(type, body, out AckPacket packet));
        return PacketCase.Of(("messageId", packet.PacketId), ("reasonCode", is311 ? null : (int)packet.Reason));
    }

    private static JsonObject Empty(ReadOnlySpan<byte> body)
    {
        Assert.True(body.IsEmpty);
        return new JsonObject();
    }

    private static void Require(Fault fault) => Assert.False(fault.IsFault, fault.ToString());

    private static string Text(ReadOnlySpan<byte> text) => Encoding.UTF8.GetString(text);

    private static string Hex(ReadOnlySpan<byte> bytes) => Convert.ToHexStringLower(bytes);
}

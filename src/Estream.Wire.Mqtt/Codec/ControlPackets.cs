using System.Text;

namespace Estream.Wire.Mqtt.Codec;

/// <summary>The fields of the CONNACK that the endpoint sends.</summary>
internal readonly record struct ConnAckGrant(
    bool SessionPresent,
    MqttReasonCode Reason,
    uint? SessionExpirySeconds = null,
    ushort ReceiveMaximum = ushort.MaxValue,
    int MaximumPacketSize = 0,
    ushort TopicAliasMaximum = 0,
    ushort? ServerKeepAliveSeconds = null,
    string? AssignedClientId = null,
    bool ServesSubscribers = false,
    bool KeepsRetained = false,
    byte[]? AuthenticationMethod = null,
    byte[]? AuthenticationData = null);

/// <summary>Writes the control packets of a session. Each method returns the number of bytes written.</summary>
internal static class ControlPackets
{
    /// <summary>The maximum length of an acknowledgement without properties.</summary>
    public const int MaxAckLength = FixedHeader.MaxLength + 3;

    public static ReadOnlySpan<byte> PingReq => [0xC0, 0x00];

    public static ReadOnlySpan<byte> PingResp => [0xD0, 0x00];

    /// <summary>Writes a PUBACK, PUBREC, PUBREL or PUBCOMP. The reason code Success is omitted.</summary>
    public static int WriteAck(Span<byte> destination, PacketType type, ushort packetId, MqttReasonCode reason)
    {
        bool isSuccess = reason == MqttReasonCode.Success;
        destination[0] = (byte)(((int)type << 4) | (type == PacketType.PubRel ? 2 : 0));
        destination[1] = isSuccess ? (byte)2 : (byte)3;
        destination[2] = (byte)(packetId >> 8);
        destination[3] = (byte)packetId;
        if (isSuccess)
        {
            return 4;
        }

        destination[4] = (byte)reason;
        return 5;
    }

    public static int WriteConnAck(Span<byte> destination, in ConnAckGrant grant)
    {
        PacketWriter writer = new(destination, PacketType.ConnAck);
        writer.WriteByte(grant.SessionPresent ? (byte)1 : (byte)0);
        writer.WriteByte((byte)grant.Reason);
        int mark = writer.BeginProperties();
        if (grant.Reason == MqttReasonCode.Success)
        {
            WriteWhatIsNotServed(ref writer, grant);
        }

        if (grant.SessionExpirySeconds is { } expiry)
        {
            writer.WriteProperty(PropertyId.SessionExpiryInterval, expiry);
        }

        if (grant.ReceiveMaximum != ushort.MaxValue)
        {
            writer.WriteProperty(PropertyId.ReceiveMaximum, grant.ReceiveMaximum);
        }

        if (grant.MaximumPacketSize > 0)
        {
            writer.WriteProperty(PropertyId.MaximumPacketSize, (uint)grant.MaximumPacketSize);
        }

        if (grant.TopicAliasMaximum > 0)
        {
            writer.WriteProperty(PropertyId.TopicAliasMaximum, grant.TopicAliasMaximum);
        }

        if (grant.ServerKeepAliveSeconds is { } keepAlive)
        {
            writer.WriteProperty(PropertyId.ServerKeepAlive, keepAlive);
        }

        if (grant.AuthenticationMethod is { } method)
        {
            // [MQTT-4.12.0-5]
            writer.WriteProperty(PropertyId.AuthenticationMethod, method);
            writer.WriteProperty(PropertyId.AuthenticationData, grant.AuthenticationData);
        }

        if (grant.AssignedClientId is { } clientId)
        {
            writer.WriteProperty(PropertyId.AssignedClientIdentifier, Encoding.UTF8.GetBytes(clientId));
        }

        writer.EndProperties(mark);
        return writer.Finish();
    }

    /// <summary>Writes a DISCONNECT. Pass null as reason string if the packet would exceed the peer's Maximum Packet Size with
    /// it.</summary>
    public static int WriteDisconnect(Span<byte> destination, MqttReasonCode reason, string? reasonString)
    {
        PacketWriter writer = new(destination, PacketType.Disconnect);
        writer.WriteByte((byte)reason);
        if (reasonString is not null)
        {
            int mark = writer.BeginProperties();
            writer.WriteProperty(PropertyId.ReasonString, Encoding.UTF8.GetBytes(reasonString));
            writer.EndProperties(mark);
        }

        return writer.Finish();
    }

    /// <summary>Writes an AUTH, which client and server encode alike (section 4.12).</summary>
    public static int WriteAuth(Span<byte> destination, MqttReasonCode reason, ReadOnlySpan<byte> method, ReadOnlySpan<byte> data)
    {
        PacketWriter writer = new(destination, PacketType.Auth);
        writer.WriteByte((byte)reason);
        int mark = writer.BeginProperties();
        writer.WriteProperty(PropertyId.AuthenticationMethod, method);
        if (!data.IsEmpty)
        {
            writer.WriteProperty(PropertyId.AuthenticationData, data);
        }

        writer.EndProperties(mark);
        return writer.Finish();
    }

    /// <summary>Writes a SUBACK or UNSUBACK with one reason code per topic filter.</summary>
    public static int WriteReasons(Span<byte> destination, PacketType type, ushort packetId, ReadOnlySpan<byte> reasons)
    {
        PacketWriter writer = new(destination, type);
        writer.WriteUInt16(packetId);
        writer.EndProperties(writer.BeginProperties());
        writer.WriteBytes(reasons);
        return writer.Finish();
    }

    /// <summary>Writes the features that are not available. A client takes a feature as available if its property is absent (section
    /// 3.2.2.3).</summary>
    private static void WriteWhatIsNotServed(ref PacketWriter writer, in ConnAckGrant grant)
    {
        if (!grant.KeepsRetained)
        {
            writer.WriteProperty(PropertyId.RetainAvailable, (byte)0);
        }

        if (!grant.ServesSubscribers)
        {
            writer.WriteProperty(PropertyId.WildcardSubscriptionAvailable, (byte)0);
            writer.WriteProperty(PropertyId.SubscriptionIdentifierAvailable, (byte)0);
            writer.WriteProperty(PropertyId.SharedSubscriptionAvailable, (byte)0);
        }
    }
}

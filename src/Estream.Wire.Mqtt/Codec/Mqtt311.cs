namespace Estream.Wire.Mqtt.Codec;

/// <summary>
/// The differences of MQTT 3.1.1 from MQTT 5: no properties, few return codes, and no DISCONNECT from a server. Code that both versions
/// share is not in this class.
/// </summary>
internal static class Mqtt311
{
    /// <summary>The protocol level of MQTT 3.1.1 in the CONNECT.</summary>
    public const byte Level = 4;

    private const int AckBytes = 2;
    private const byte SubscriptionFailed = 0x80;

    /// <summary>Returns the CONNACK return code for a reason (table 3.1 of MQTT 3.1.1); null if there is none, and the connection is closed
    /// without a CONNACK.</summary>
    public static byte? ReturnCodeOf(MqttReasonCode reason)
    {
        return reason switch
        {
            MqttReasonCode.Success => 0,
            MqttReasonCode.UnsupportedProtocolVersion => 1,
            MqttReasonCode.ClientIdentifierNotValid => 2,
            MqttReasonCode.ServerUnavailable or MqttReasonCode.ServerBusy or MqttReasonCode.QuotaExceeded => 3,
            MqttReasonCode.BadUserNameOrPassword => 4,
            MqttReasonCode.NotAuthorized => 5,
            _ => null,
        };
    }

    /// <summary>Refuses packets that are valid in MQTT 5 but not in 3.1.1.</summary>
    public static Fault Check(PacketType type, int bodyLength)
    {
        switch (type)
        {
            case PacketType.PubAck or PacketType.PubRec or PacketType.PubRel or PacketType.PubComp:
                return bodyLength == AckBytes
                    ? default
                    : Fault.Malformed("an acknowledgement is not exactly a packet identifier of two bytes (MQTT 3.1.1, section 3.4)");
            case PacketType.Disconnect:
                return bodyLength == 0 ? default : Fault.Malformed("a DISCONNECT has content (MQTT 3.1.1, section 3.14)");
            case PacketType.Auth:
                return Fault.Protocol("AUTH packets do not exist (MQTT 3.1.1, section 2.2.1)");
            default:
                return default;
        }
    }

    /// <summary>Writes a CONNACK. Returns the number of bytes written.</summary>
    public static int WriteConnAck(Span<byte> destination, bool isSessionPresent, byte returnCode)
    {
        PacketWriter writer = new(destination, PacketType.ConnAck);
        writer.WriteByte(isSessionPresent ? (byte)1 : (byte)0);
        writer.WriteByte(returnCode);
        return writer.Finish();
    }

    /// <summary>Writes a SUBACK, whose failures all have the same code, or an UNSUBACK, which has no codes. Returns the number of bytes
    /// written.</summary>
    public static int WriteReasons(Span<byte> destination, PacketType type, ushort packetId, ReadOnlySpan<byte> reasons)
    {
        PacketWriter writer = new(destination, type);
        writer.WriteUInt16(packetId);
        for (int index = 0; index < reasons.Length && type == PacketType.SubAck; index++)
        {
            writer.WriteByte(Math.Min(reasons[index], SubscriptionFailed));
        }

        return writer.Finish();
    }
}

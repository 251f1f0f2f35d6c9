namespace Estream.Wire.Mqtt.Codec;

/// <summary>PUBACK, PUBREC, PUBREL and PUBCOMP (sections 3.4 to 3.7), which share one format.</summary>
internal readonly record struct AckPacket(ushort PacketId, MqttReasonCode Reason)
{
    public bool IsFailure => Reason >= MqttReasonCode.UnspecifiedError;

    public static Fault Decode(PacketType type, ReadOnlySpan<byte> body, out AckPacket packet)
    {
        packet = default;
        WireReader reader = new(body);
        if (!reader.TryReadUInt16(out ushort packetId))
        {
            return reader.Malformed;
        }

        if (packetId == 0)
        {
            return Fault.Protocol("a packet identifier is 0 [MQTT-2.2.1-3]");
        }

        MqttReasonCode reason = MqttReasonCode.Success;
        if (!reader.IsAtEnd)
        {
            reader.TryReadByte(out byte code);
            reason = (MqttReasonCode)code;
        }

        packet = new AckPacket(packetId, reason);
        if (!IsReasonOf(type, reason))
        {
            return Fault.Protocol("an acknowledgement has a reason code of another packet [MQTT-3.4.2-1]");
        }

        // A body of fewer than four bytes has no property length (section 3.4.2.2.1).
        Fault fault = reader.IsAtEnd ? default : PropertyReader.Skip(ref reader, type);
        return fault.IsFault || reader.IsAtEnd ? fault : Fault.Malformed("an acknowledgement has excess bytes (section 3.4.2)");
    }

    private static bool IsReasonOf(PacketType type, MqttReasonCode reason)
    {
        if (type is PacketType.PubRel or PacketType.PubComp)
        {
            return reason is MqttReasonCode.Success or MqttReasonCode.PacketIdentifierNotFound;
        }

        return reason is MqttReasonCode.Success or MqttReasonCode.NoMatchingSubscribers or MqttReasonCode.UnspecifiedError
            or MqttReasonCode.ImplementationSpecificError or MqttReasonCode.NotAuthorized or MqttReasonCode.TopicNameInvalid
            or MqttReasonCode.PacketIdentifierInUse or MqttReasonCode.QuotaExceeded or MqttReasonCode.PayloadFormatInvalid;
    }
}

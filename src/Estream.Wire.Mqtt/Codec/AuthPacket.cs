namespace Estream.Wire.Mqtt.Codec;

/// <summary>AUTH (section 3.15): checked for its form only, for no authentication method is offered yet.</summary>
internal static class AuthPacket
{
    public static Fault Check(ReadOnlySpan<byte> body)
    {
        WireReader reader = new(body);
        if (!reader.TryReadByte(out byte reason))
        {
            return default;
        }

        if ((MqttReasonCode)reason is not (MqttReasonCode.Success or MqttReasonCode.ContinueAuthentication or MqttReasonCode.ReAuthenticate))
        {
            return Fault.Protocol("an AUTH has a reason code of another packet [MQTT-3.15.2-1]");
        }

        Fault fault = reader.IsAtEnd ? default : PropertyReader.Skip(ref reader, PacketType.Auth);
        return fault.IsFault || reader.IsAtEnd ? fault : Fault.Malformed("bytes are left over after an AUTH (section 3.15.3)");
    }
}

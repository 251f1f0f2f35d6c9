namespace Estream.Wire.Mqtt.Codec;

/// <summary>AUTH (section 3.15).</summary>
internal readonly ref struct AuthPacket
{
    private AuthPacket(MqttReasonCode reason, bool hasMethod, ReadOnlySpan<byte> method, ReadOnlySpan<byte> data)
    {
        Reason = reason;
        HasMethod = hasMethod;
        Method = method;
        Data = data;
    }

    public MqttReasonCode Reason { get; }

    /// <summary>Whether the packet has an Authentication Method, even an empty one.</summary>
    public bool HasMethod { get; }

    public ReadOnlySpan<byte> Method { get; }

    public ReadOnlySpan<byte> Data { get; }

    public static Fault Decode(ReadOnlySpan<byte> body, out AuthPacket packet)
    {
        packet = default;
        WireReader reader = new(body);
        if (!reader.TryReadByte(out byte code))
        {
            // An empty body means reason code 0x00 and no properties (section 3.15.2.1).
            return default;
        }

        MqttReasonCode reason = (MqttReasonCode)code;
        if (reason is not (MqttReasonCode.Success or MqttReasonCode.ContinueAuthentication or MqttReasonCode.ReAuthenticate))
        {
            return Fault.Protocol("an AUTH has a reason code of another packet [MQTT-3.15.2-1]");
        }

        bool hasMethod = false;
        ReadOnlySpan<byte> method = default;
        ReadOnlySpan<byte> data = default;
        if (!reader.IsAtEnd)
        {
            if (!PropertyReader.TryOpen(ref reader, PacketType.Auth, out PropertyReader properties))
            {
                return reader.Malformed;
            }

            while (properties.MoveNext())
            {
                hasMethod |= properties.Id == PropertyId.AuthenticationMethod;
                method = properties.Id == PropertyId.AuthenticationMethod ? properties.Bytes : method;
                data = properties.Id == PropertyId.AuthenticationData ? properties.Bytes : data;
            }

            if (properties.Fault.IsFault)
            {
                return properties.Fault;
            }
        }

        packet = new AuthPacket(reason, hasMethod, method, data);
        return reader.IsAtEnd ? default : Fault.Malformed("an AUTH has bytes after its last field (section 3.15.3)");
    }
}

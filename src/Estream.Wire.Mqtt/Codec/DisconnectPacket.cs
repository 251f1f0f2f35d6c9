namespace Estream.Wire.Mqtt.Codec;

/// <summary>DISCONNECT (section 3.14).</summary>
internal readonly ref struct DisconnectPacket
{
    private DisconnectPacket(MqttReasonCode reason, uint? sessionExpirySeconds, ReadOnlySpan<byte> reasonString)
    {
        Reason = reason;
        SessionExpirySeconds = sessionExpirySeconds;
        ReasonString = reasonString;
    }

    public MqttReasonCode Reason { get; }

    /// <summary>The new session expiry interval; null if the interval of the CONNECT stays in force.</summary>
    public uint? SessionExpirySeconds { get; }

    public ReadOnlySpan<byte> ReasonString { get; }

    /// <summary>Decodes the body of a DISCONNECT whose fixed header is already checked.</summary>
    /// <param name="body">The bytes that Remaining Length covers.</param>
    /// <param name="isFromServer">Whether a server sent the packet. A server must not send a session expiry interval
    /// [MQTT-3.14.2-2].</param>
    /// <param name="packet">The decoded view; default after a fault.</param>
    public static Fault Decode(ReadOnlySpan<byte> body, bool isFromServer, out DisconnectPacket packet)
    {
        packet = default;
        WireReader reader = new(body);
        if (!reader.TryReadByte(out byte code))
        {
            // An empty body means reason code 0x00 (section 3.14.2.1).
            return default;
        }

        MqttReasonCode reason = (MqttReasonCode)code;
        if (!IsReason(reason))
        {
            return Fault.Protocol("a DISCONNECT has a reason code of another packet [MQTT-3.14.2-1]");
        }

        uint? expiry = null;
        ReadOnlySpan<byte> reasonString = default;
        if (!reader.IsAtEnd)
        {
            if (!PropertyReader.TryOpen(ref reader, PacketType.Disconnect, out PropertyReader properties))
            {
                return reader.Malformed;
            }

            while (properties.MoveNext())
            {
                expiry = properties.Id == PropertyId.SessionExpiryInterval ? properties.Number : expiry;
                reasonString = properties.Id == PropertyId.ReasonString ? properties.Bytes : reasonString;
            }

            if (properties.Fault.IsFault)
            {
                return properties.Fault;
            }
        }

        if (isFromServer && expiry is not null)
        {
            return Fault.Protocol("a server's DISCONNECT carries a Session Expiry Interval [MQTT-3.14.2-2]");
        }

        packet = new DisconnectPacket(reason, expiry, reasonString);
        return reader.IsAtEnd ? default : Fault.Malformed("a DISCONNECT has bytes after its last field (section 3.14.3)");
    }

    /// <summary>True for the codes of table 3-10, and for 0x8C, which table 2-6 and section 4.12.1 also allow in a DISCONNECT.</summary>
    private static bool IsReason(MqttReasonCode reason)
    {
        return reason is MqttReasonCode.Success or MqttReasonCode.DisconnectWithWill or MqttReasonCode.UnspecifiedError
            or MqttReasonCode.MalformedPacket or MqttReasonCode.ProtocolError or MqttReasonCode.ImplementationSpecificError
            or MqttReasonCode.NotAuthorized or MqttReasonCode.ServerBusy or MqttReasonCode.ServerShuttingDown
            or MqttReasonCode.BadAuthenticationMethod
            or (>= MqttReasonCode.KeepAliveTimeout and <= MqttReasonCode.TopicNameInvalid)
            or (>= MqttReasonCode.ReceiveMaximumExceeded and <= MqttReasonCode.WildcardSubscriptionsNotSupported);
    }
}

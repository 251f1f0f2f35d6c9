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

    /// <summary>Null when the interval of the CONNECT goes on to hold.</summary>
    public uint? SessionExpirySeconds { get; }

    public ReadOnlySpan<byte> ReasonString { get; }

    public static Fault Decode(ReadOnlySpan<byte> body, out DisconnectPacket packet)
    {
        packet = default;
        WireReader reader = new(body);
        if (!reader.TryReadByte(out byte code))
        {
            // No byte at all means 0x00 (section 3.14.2.1).
            return default;
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

        packet = new DisconnectPacket((MqttReasonCode)code, expiry, reasonString);
        return reader.IsAtEnd ? default : Fault.Malformed("bytes are left over after a DISCONNECT (section 3.14.3)");
    }
}

namespace Estream.Wire.Mqtt.Codec;

/// <summary>SUBACK and UNSUBACK (sections 3.9 and 3.11): one reason code per topic filter, in the order of the request.</summary>
internal readonly ref struct ReasonsPacket
{
    private ReasonsPacket(ushort packetId, ReadOnlySpan<byte> reasons)
    {
        PacketId = packetId;
        Reasons = reasons;
    }

    public ushort PacketId { get; }

    /// <summary>The reason codes; each byte is an <see cref="MqttReasonCode"/>.</summary>
    public ReadOnlySpan<byte> Reasons { get; }

    public static Fault Decode(PacketType type, ReadOnlySpan<byte> body, out ReasonsPacket packet)
    {
        packet = default;
        WireReader reader = new(body);
        if (!reader.TryReadUInt16(out ushort packetId))
        {
            return reader.Malformed;
        }

        Fault fault = PropertyReader.Skip(ref reader, type);
        if (fault.IsFault)
        {
            return fault;
        }

        packet = new ReasonsPacket(packetId, reader.Rest);
        return packetId == 0 || reader.IsAtEnd
            ? Fault.Protocol("an acknowledgement has packet identifier 0 or no reason code (section 3.9.3)")
            : default;
    }
}

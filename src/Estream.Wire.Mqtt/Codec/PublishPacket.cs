using System.Buffers.Binary;

namespace Estream.Wire.Mqtt.Codec;

/// <summary>A PUBLISH (section 3.3) as a view over the packet's bytes. Nothing is copied; the view is valid as long as the
/// buffer.</summary>
internal readonly ref struct PublishPacket
{
    private PublishPacket(byte flags, ReadOnlySpan<byte> topic, ushort packetId, PublishProperties properties, ReadOnlySpan<byte> payload)
    {
        Flags = flags;
        Topic = topic;
        PacketId = packetId;
        TopicAlias = properties.TopicAlias;
        ExpirySeconds = properties.ExpirySeconds;
        Properties = properties.Block;
        Payload = payload;
    }

    private byte Flags { get; }

    public MqttQos Qos => (MqttQos)((Flags >> 1) & 3);

    public bool IsDuplicate => (Flags & 8) != 0;

    public bool IsRetained => (Flags & 1) != 0;

    /// <summary>The topic name; empty if the packet has a topic alias instead.</summary>
    public ReadOnlySpan<byte> Topic { get; }

    /// <summary>The packet identifier; 0 at QoS 0.</summary>
    public ushort PacketId { get; }

    public ushort? TopicAlias { get; }

    /// <summary>Null when the message never expires.</summary>
    public uint? ExpirySeconds { get; }

    /// <summary>The property block as received, without its length; see <see cref="KeptProperties"/>.</summary>
    public ReadOnlySpan<byte> Properties { get; }

    public ReadOnlySpan<byte> Payload { get; }

    /// <summary>Decodes the body of a PUBLISH whose fixed header is already checked.</summary>
    /// <param name="flags">The low four bits of the first byte.</param>
    /// <param name="body">The bytes that Remaining Length covers.</param>
    /// <param name="knownTopic">A topic already found valid on this connection. A topic with the same bytes is not checked again.</param>
    /// <param name="isFromServer">Whether a server sent the packet. Only a server may send subscription identifiers [MQTT-3.3.4-6].</param>
    /// <param name="packet">The decoded view; default after a fault.</param>
    /// <param name="is311">Whether the packet is MQTT 3.1.1, which has no properties.</param>
    public static Fault Decode(
        byte flags,
        ReadOnlySpan<byte> body,
        ReadOnlySpan<byte> knownTopic,
        bool isFromServer,
        out PublishPacket packet,
        bool is311 = false)
    {
        packet = default;
        Fault fault = ReadTopic(body, knownTopic, out ReadOnlySpan<byte> topic);
        if (fault.IsFault)
        {
            return fault;
        }

        ReadOnlySpan<byte> rest = body[(2 + topic.Length)..];
        ushort packetId = 0;
        if ((flags & 6) != 0)
        {
            fault = ReadPacketId(ref rest, out packetId);
            if (fault.IsFault)
            {
                return fault;
            }
        }

        PublishProperties properties = default;
        if (!is311 && !rest.IsEmpty && rest[0] == 0)
        {
            // Most messages carry no properties at all.
            rest = rest[1..];
        }
        else if (!is311)
        {
            fault = PublishProperties.Read(ref rest, isFromServer, out properties);
        }

        if (fault.IsFault)
        {
            return fault;
        }

        packet = new PublishPacket((byte)(flags & 0x0F), topic, packetId, properties, rest);
        return topic.IsEmpty && properties.TopicAlias is null
            ? Fault.Protocol("a PUBLISH has neither a topic nor a topic alias (section 3.3.2.1)")
            : default;
    }

    private static Fault ReadTopic(ReadOnlySpan<byte> body, ReadOnlySpan<byte> knownTopic, out ReadOnlySpan<byte> topic)
    {
        topic = default;
        if (body.Length > 2 + knownTopic.Length && !knownTopic.IsEmpty
            && BinaryPrimitives.ReadUInt16BigEndian(body) == knownTopic.Length
            && body.Slice(2, knownTopic.Length).SequenceEqual(knownTopic))
        {
            topic = body.Slice(2, knownTopic.Length);
            return default;
        }

        WireReader reader = new(body);
        if (!reader.TryReadString(out topic))
        {
            return reader.Malformed;
        }

        // The topic name is well-formed, so the packet is not malformed: TopicNameInvalid is more specific than 0x81.
        return TopicRules.HasWildcard(topic)
            ? Fault.Of(MqttReasonCode.TopicNameInvalid, "the topic of a PUBLISH contains a wildcard [MQTT-3.3.2-2]")
            : default;
    }

    private static Fault ReadPacketId(ref ReadOnlySpan<byte> rest, out ushort packetId)
    {
        if (!BinaryPrimitives.TryReadUInt16BigEndian(rest, out packetId))
        {
            return Fault.Malformed("a PUBLISH ends before its packet identifier (section 3.3.2.2)");
        }

        rest = rest[2..];
        return packetId == 0 ? Fault.Protocol("a packet identifier is 0 [MQTT-2.2.1-3]") : default;
    }
}

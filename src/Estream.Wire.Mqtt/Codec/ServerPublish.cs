using System.Buffers.Binary;

namespace Estream.Wire.Mqtt.Codec;

/// <summary>An outgoing PUBLISH (section 3.3), to a subscriber or to a broker. It is written from front to back, so the payload is copied
/// only once, even if it is large.</summary>
internal readonly ref struct ServerPublish
{
    private const byte DuplicateBit = 0x08;
    private const byte RetainBit = 0x01;

    // The encoded lengths (identifier and value) of Message Expiry Interval and Topic Alias, the two properties that are set for each hop.
    private const int ExpiryLength = 5;
    private const int AliasLength = 3;

    /// <summary>The topic name; empty if <see cref="TopicAlias"/> replaces it.</summary>
    public ReadOnlySpan<byte> Topic { get; init; }

    public MqttQos Qos { get; init; }

    /// <summary>The DUP flag: whether this packet was sent before [MQTT-3.3.1-3].</summary>
    public bool IsDuplicate { get; init; }

    public bool IsRetained { get; init; }

    /// <summary>Whether the receiver uses MQTT 3.1.1. Then no properties are written.</summary>
    public bool Is311 { get; init; }

    /// <summary>The packet identifier; not written at QoS 0 [MQTT-2.2.1-2].</summary>
    public ushort PacketId { get; init; }

    /// <summary>The topic alias; 0 for none.</summary>
    public ushort TopicAlias { get; init; }

    /// <summary>Null when the message never expires.</summary>
    public uint? ExpirySeconds { get; init; }

    /// <summary>The identifiers of all subscriptions that the message matches [MQTT-3.3.4-4].</summary>
    public ReadOnlySpan<uint> SubscriptionIds { get; init; }

    /// <summary>The forwarded properties, as <see cref="KeptProperties"/> copied them.</summary>
    public ReadOnlySpan<byte> Properties { get; init; }

    public ReadOnlySpan<byte> Payload { get; init; }

    /// <summary>The length of the whole packet in bytes.</summary>
    public long Length => 1 + VarInt.Size((int)Math.Min(BodyLength, FixedHeader.MaxRemainingLength)) + BodyLength;

    private int PropertiesLength
    {
        get
        {
            int length = Properties.Length + (ExpirySeconds is null ? 0 : ExpiryLength) + (TopicAlias == 0 ? 0 : AliasLength);
            foreach (uint id in SubscriptionIds)
            {
                length += 1 + VarInt.Size((int)id);
            }

            return length;
        }
    }

    private int PropertyBlockLength => Is311 ? 0 : VarInt.Size(PropertiesLength) + PropertiesLength;

    private long BodyLength => 2L + Topic.Length + (Qos == MqttQos.AtMostOnce ? 0 : 2) + PropertyBlockLength + Payload.Length;

    /// <summary>Whether the packet can be encoded and does not exceed the client's Maximum Packet Size [MQTT-3.1.2-24].</summary>
    public bool Fits(uint maximumPacketSize)
    {
        return BodyLength <= FixedHeader.MaxRemainingLength && Length <= maximumPacketSize;
    }

    /// <summary>Writes the packet.</summary>
    /// <param name="destination">The buffer to write to; at least <see cref="Length"/> bytes.</param>
    /// <returns>The number of bytes written.</returns>
    public int Write(Span<byte> destination)
    {
        destination[0] =
            (byte)(((int)PacketType.Publish << 4) | ((int)Qos << 1) | (IsDuplicate ? DuplicateBit : 0) | (IsRetained ? RetainBit : 0));
        int position = 1 + VarInt.Write(destination[1..], (int)BodyLength);
        BinaryPrimitives.WriteUInt16BigEndian(destination[position..], (ushort)Topic.Length);
        position += 2;
        Topic.CopyTo(destination[position..]);
        position += Topic.Length;
        if (Qos != MqttQos.AtMostOnce)
        {
            BinaryPrimitives.WriteUInt16BigEndian(destination[position..], PacketId);
            position += 2;
        }

        position += Is311 ? 0 : WriteProperties(destination[position..]);
        Payload.CopyTo(destination[position..]);
        return position + Payload.Length;
    }

    private int WriteProperties(Span<byte> destination)
    {
        int position = VarInt.Write(destination, PropertiesLength);
        if (ExpirySeconds is { } expiry)
        {
            destination[position] = (byte)PropertyId.MessageExpiryInterval;
            BinaryPrimitives.WriteUInt32BigEndian(destination[(position + 1)..], expiry);
            position += ExpiryLength;
        }

        if (TopicAlias != 0)
        {
            destination[position] = (byte)PropertyId.TopicAlias;
            BinaryPrimitives.WriteUInt16BigEndian(destination[(position + 1)..], TopicAlias);
            position += AliasLength;
        }

        foreach (uint id in SubscriptionIds)
        {
            destination[position++] = (byte)PropertyId.SubscriptionIdentifier;
            position += VarInt.Write(destination[position..], (int)id);
        }

        Properties.CopyTo(destination[position..]);
        return position + Properties.Length;
    }
}

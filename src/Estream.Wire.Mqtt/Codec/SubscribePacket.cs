namespace Estream.Wire.Mqtt.Codec;

/// <summary>SUBSCRIBE or UNSUBSCRIBE (sections 3.8 and 3.10). Decode checks the whole packet; then TryNext reads filter by
/// filter.</summary>
internal ref struct SubscribePacket
{
    private readonly bool _hasOptions;
    private WireReader _filters;

    private SubscribePacket(ushort packetId, uint identifier, bool hasOptions, WireReader filters)
    {
        PacketId = packetId;
        Identifier = identifier;
        _hasOptions = hasOptions;
        _filters = filters;
    }

    public ushort PacketId { get; }

    /// <summary>The Subscription Identifier; 0 for none.</summary>
    public uint Identifier { get; }

    /// <summary>Decodes the body of a SUBSCRIBE or UNSUBSCRIBE whose fixed header is already checked.</summary>
    /// <param name="type">Subscribe or Unsubscribe.</param>
    /// <param name="body">The bytes that Remaining Length covers.</param>
    /// <param name="packet">The decoded view; default after a fault.</param>
    /// <param name="is311">Whether the packet is MQTT 3.1.1: without properties, and with the QoS as its only option.</param>
    public static Fault Decode(PacketType type, ReadOnlySpan<byte> body, out SubscribePacket packet, bool is311 = false)
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

        uint identifier = 0;
        Fault fault = is311 ? default : ReadProperties(ref reader, type, out identifier);
        if (fault.IsFault)
        {
            return fault;
        }

        bool hasOptions = type == PacketType.Subscribe;
        packet = new SubscribePacket(packetId, identifier, hasOptions, reader);
        return CheckFilters(reader, hasOptions, is311);
    }

    private static Fault ReadProperties(scoped ref WireReader reader, PacketType type, out uint identifier)
    {
        identifier = 0;
        if (!PropertyReader.TryOpen(ref reader, type, out PropertyReader properties))
        {
            return reader.Malformed;
        }

        while (properties.MoveNext())
        {
            identifier = properties.Id == PropertyId.SubscriptionIdentifier ? properties.Number : identifier;
        }

        return properties.Fault;
    }

    /// <summary>Reads the next topic filter and, in a SUBSCRIBE, its options. If Decode found no fault, returns false only at the
    /// end.</summary>
    public bool TryNext(out ReadOnlySpan<byte> filter, out SubscriptionOptions options)
    {
        options = default;
        if (!_filters.TryReadString(out filter))
        {
            return false;
        }

        if (!_hasOptions)
        {
            return true;
        }

        bool isWhole = _filters.TryReadByte(out byte bits);
        options = SubscriptionOptions.Of(bits);
        return isWhole;
    }

    private static Fault CheckFilters(WireReader reader, bool hasOptions, bool is311)
    {
        if (reader.IsAtEnd)
        {
            return Fault.Protocol("a SUBSCRIBE or UNSUBSCRIBE has no topic filter [MQTT-3.8.3-2] [MQTT-3.10.3-2]");
        }

        while (!reader.IsAtEnd)
        {
            if (!reader.TryReadString(out ReadOnlySpan<byte> filter))
            {
                return reader.Malformed;
            }

            if (!hasOptions)
            {
                continue;
            }

            if (!reader.TryReadByte(out byte options))
            {
                return reader.Malformed;
            }

            Fault fault = is311 ? CheckQos(options) : CheckOptions(filter, options);
            if (fault.IsFault)
            {
                return fault;
            }
        }

        return default;
    }

    private static Fault CheckQos(byte options)
    {
        return options <= (byte)MqttQos.ExactlyOnce
            ? default
            : Fault.Malformed("the QoS of a subscription is above 2, or a reserved bit of its byte is set (MQTT 3.1.1, section 3.8.3)");
    }

    private static Fault CheckOptions(ReadOnlySpan<byte> filter, byte options)
    {
        if ((options & 0xC0) != 0)
        {
            return Fault.Malformed("a reserved bit of the subscription options is set [MQTT-3.8.3-5]");
        }

        if ((options & 0x03) == 3)
        {
            return Fault.Protocol("the QoS of a subscription is 3 (section 3.8.3.1)");
        }

        if ((options & 0x30) == 0x30)
        {
            return Fault.Protocol("the Retain Handling of a subscription is 3 (section 3.8.3.1)");
        }

        return (options & 0x04) != 0 && TopicRules.IsShared(filter)
            ? Fault.Protocol("No Local is set on a shared subscription [MQTT-3.8.3-4]")
            : default;
    }
}

namespace Estream.Wire.Mqtt.Codec;

/// <summary>The validated properties of a PUBLISH (section 3.3.2.3), as a view over the packet.</summary>
internal readonly ref struct PublishProperties
{
    private PublishProperties(ushort? alias, uint? expirySeconds, ReadOnlySpan<byte> block)
    {
        TopicAlias = alias;
        ExpirySeconds = expirySeconds;
        Block = block;
    }

    public ushort? TopicAlias { get; }

    /// <summary>Null when the message never expires.</summary>
    public uint? ExpirySeconds { get; }

    /// <summary>All properties as encoded in the packet, without their length.</summary>
    public ReadOnlySpan<byte> Block { get; }

    /// <summary>Reads the properties at the start of <paramref name="rest"/> and advances <paramref name="rest"/> past the
    /// properties.</summary>
    public static Fault Read(scoped ref ReadOnlySpan<byte> rest, bool isFromServer, out PublishProperties properties)
    {
        properties = default;
        WireReader reader = new(rest);
        if (!PropertyReader.TryOpen(ref reader, PacketType.Publish, out PropertyReader each))
        {
            return reader.Malformed;
        }

        ushort? alias = null;
        uint? expiry = null;
        while (each.MoveNext())
        {
            alias = each.Id == PropertyId.TopicAlias ? (ushort)each.Number : alias;
            expiry = each.Id == PropertyId.MessageExpiryInterval ? each.Number : expiry;
            if (each.Id == PropertyId.SubscriptionIdentifier && !isFromServer)
            {
                return Fault.Protocol("a client's PUBLISH carries a Subscription Identifier [MQTT-3.3.4-6]");
            }
        }

        rest = reader.Rest;
        properties = new PublishProperties(alias, expiry, each.Block);
        return each.Fault;
    }
}

using static Estream.Wire.Mqtt.Codec.PropertyId;

namespace Estream.Wire.Mqtt.Codec;

/// <summary>The data types of properties, including the restrictions of their values.</summary>
internal enum PropertyKind : byte
{
    Unknown,

    /// <summary>One byte, 0 or 1.</summary>
    Flag,
    UInt16,
    UInt16NotZero,
    UInt32,
    UInt32NotZero,
    VarIntNotZero,
    Binary,
    Text,

    /// <summary>Text without wildcards.</summary>
    TopicName,
    TextPair,
}

/// <summary>Table 2-4 of the specification: the type of each property and the packets in which it is allowed.</summary>
internal static class PropertyRules
{
    private const int IdLimit = 0x2B;

    private static readonly PropertyKind[] s_kinds = new PropertyKind[IdLimit];
    private static readonly ushort[] s_packets = new ushort[IdLimit];

    static PropertyRules()
    {
        AddOfMessages();
        AddOfConnections();
        AddOfServers();
    }

    public static PropertyKind KindOf(uint id)
    {
        return id < IdLimit ? s_kinds[id] : PropertyKind.Unknown;
    }

    /// <summary>Whether a known property is allowed in a packet.</summary>
    public static bool IsAllowed(uint id, PacketType packet)
    {
        return (s_packets[id] >> (int)packet & 1) != 0;
    }

    /// <summary>Whether a property may appear more than once in one packet.</summary>
    public static bool IsRepeatable(uint id, PacketType packet)
    {
        // A server sends the subscription identifier of every subscription that a message matches.
        return id == (uint)UserProperty || (id == (uint)SubscriptionIdentifier && packet == PacketType.Publish);
    }

    private static void AddOfMessages()
    {
        PacketType[] message = [PacketType.Publish, PacketType.Will];
        Add(PayloadFormatIndicator, PropertyKind.Flag, message);
        Add(MessageExpiryInterval, PropertyKind.UInt32, message);
        Add(ContentType, PropertyKind.Text, message);
        Add(ResponseTopic, PropertyKind.TopicName, message);
        Add(CorrelationData, PropertyKind.Binary, message);
        Add(SubscriptionIdentifier, PropertyKind.VarIntNotZero, PacketType.Publish, PacketType.Subscribe);
        Add(TopicAlias, PropertyKind.UInt16, PacketType.Publish);
        Add(WillDelayInterval, PropertyKind.UInt32, PacketType.Will);
        Add(UserProperty, PropertyKind.TextPair, [.. Enum.GetValues<PacketType>()
            .Except([PacketType.PingReq, PacketType.PingResp])]);
        Add(ReasonString, PropertyKind.Text, PacketType.ConnAck, PacketType.PubAck, PacketType.PubRec, PacketType.PubRel,
            PacketType.PubComp, PacketType.SubAck, PacketType.UnsubAck, PacketType.Disconnect, PacketType.Auth);
    }

    private static void AddOfConnections()
    {
        PacketType[] connection = [PacketType.Connect, PacketType.ConnAck];
        Add(SessionExpiryInterval, PropertyKind.UInt32, [.. connection, PacketType.Disconnect]);
        Add(AuthenticationMethod, PropertyKind.Text, [.. connection, PacketType.Auth]);
        Add(AuthenticationData, PropertyKind.Binary, [.. connection, PacketType.Auth]);
        Add(RequestProblemInformation, PropertyKind.Flag, PacketType.Connect);
        Add(RequestResponseInformation, PropertyKind.Flag, PacketType.Connect);
        Add(ReceiveMaximum, PropertyKind.UInt16NotZero, connection);
        Add(TopicAliasMaximum, PropertyKind.UInt16, connection);
        Add(MaximumPacketSize, PropertyKind.UInt32NotZero, connection);
    }

    private static void AddOfServers()
    {
        Add(AssignedClientIdentifier, PropertyKind.Text, PacketType.ConnAck);
        Add(ServerKeepAlive, PropertyKind.UInt16, PacketType.ConnAck);
        Add(ResponseInformation, PropertyKind.Text, PacketType.ConnAck);
        Add(ServerReference, PropertyKind.Text, PacketType.ConnAck, PacketType.Disconnect);
        Add(MaximumQos, PropertyKind.Flag, PacketType.ConnAck);
        Add(RetainAvailable, PropertyKind.Flag, PacketType.ConnAck);
        Add(WildcardSubscriptionAvailable, PropertyKind.Flag, PacketType.ConnAck);
        Add(SubscriptionIdentifierAvailable, PropertyKind.Flag, PacketType.ConnAck);
        Add(SharedSubscriptionAvailable, PropertyKind.Flag, PacketType.ConnAck);
    }

    private static void Add(PropertyId id, PropertyKind kind, params PacketType[] packets)
    {
        s_kinds[(int)id] = kind;
        foreach (PacketType packet in packets)
        {
            s_packets[(int)id] |= (ushort)(1 << (int)packet);
        }
    }
}

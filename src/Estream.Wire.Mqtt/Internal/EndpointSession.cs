namespace Estream.Wire.Mqtt.Internal;

/// <summary>What a client wants said when its connection ends without a goodbye [MQTT-3.1.2-7].</summary>
internal sealed record WillMessage(byte[] Topic, byte[] Payload, uint DelaySeconds)
{
    public MqttQos Qos { get; init; }

    /// <summary>Null when it never expires.</summary>
    public uint? ExpirySeconds { get; init; }

    /// <summary>The will's property block as it came, the delay and the expiry included: so the user properties keep their order [MQTT-3.1.3-10].</summary>
    public byte[] Properties { get; init; } = [];
}

/// <summary>
/// What outlives a connection (section 4.1): the QoS 2 messages that are stored and not yet released. It is kept in memory: after a
/// restart there is no session, CONNACK says so, and a message sent again is a new one.
/// </summary>
internal sealed class EndpointSession(string clientId)
{
    public const uint NeverExpires = uint.MaxValue;

    public string ClientId { get; } = clientId;

    /// <summary>The connection that uses the session; null while the client is away.</summary>
    public EndpointConnection? Owner { get; set; }

    /// <summary>Identifiers of QoS 2 messages between their PUBLISH and their PUBREL.</summary>
    public PacketIdSet Received { get; } = new();

    /// <summary>When it ends, in monotonic nanoseconds, while the client is away.</summary>
    public long ExpiresAt { get; set; } = long.MaxValue;

    public WillMessage? Will { get; set; }

    /// <summary>When the will is due, in monotonic nanoseconds.</summary>
    public long WillDueAt { get; set; }
}

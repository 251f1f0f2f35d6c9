using Estream.Wire.Mqtt.Internal.Serving;
using Estream.Wire.Mqtt.Internal.Sessions;

namespace Estream.Wire.Mqtt.Internal;

/// <summary>The will of a client, published when its connection ends without a DISCONNECT [MQTT-3.1.2-7].</summary>
internal sealed record WillMessage(byte[] Topic, byte[] Payload, uint DelaySeconds)
{
    /// <summary>The number of the will in the session store while it is due; 0 if it is not stored.</summary>
    public long StoredAs { get; init; }

    /// <summary>The client identifier of the client.</summary>
    public string ClientId { get; init; } = "";

    /// <summary>The user of the client; null if it has none, and after a restart.</summary>
    public string? User { get; init; }

    public MqttQos Qos { get; init; }

    public bool IsRetained { get; init; }

    /// <summary>The message expiry interval in seconds; null if the message never expires.</summary>
    public uint? ExpirySeconds { get; init; }

    /// <summary>The will's property block as received, including delay and expiry, so that the user properties keep their order
    /// [MQTT-3.1.3-10].</summary>
    public byte[] Properties { get; init; } = [];
}

/// <summary>
/// The state that outlives a connection (section 4.1): QoS 2 messages that are stored but not released, subscriptions, and messages waiting
/// for them. If the session may outlive its connection, its state is also in the session store and survives a restart.
/// </summary>
internal sealed class EndpointSession(string clientId, string? user)
{
    public const uint NeverExpires = uint.MaxValue;

    public string ClientId { get; } = clientId;

    /// <summary>The authenticated user of the session; null for none. No other user can resume the session.</summary>
    public string? User { get; set; } = user;

    /// <summary>The connection that uses the session; null while the client is disconnected.</summary>
    public EndpointConnection? Owner { get; set; }

    /// <summary>The packet identifiers of QoS 2 messages between PUBLISH and PUBREL.</summary>
    public PacketIdSet Received { get; } = new();

    /// <summary>The packet identifier of a QoS 2 message that was relayed but could not be stored; 0 for none. If the client resends this
    /// message, it is stored but not relayed again.</summary>
    public ushort RelayedId { get; set; }

    /// <summary>The subscriptions and pending messages; null if the client has never subscribed.</summary>
    public Subscriber? Subscriber { get; set; }

    /// <summary>The persistent records of the session; null if nothing of it survives a restart.</summary>
    public SessionRecords? Records { get; set; }

    /// <summary>How many seconds the session outlives a connection.</summary>
    public uint ExpirySeconds { get; set; }

    /// <summary>The will to publish if this process crashes; null for none, or if it must not be stored in plaintext.</summary>
    public WillMessage? StoredWill { get; set; }

    /// <summary>Whether the host stopped while the client was connected. The next start then decides about will and expiry.</summary>
    public bool IsLeftToNextStart { get; set; }

    /// <summary>Whether the session ends with its connection, regardless of its expiry interval: the session has missed messages, or its
    /// user was removed.</summary>
    public bool IsOver { get; set; }

    /// <summary>When the session expires, in monotonic nanoseconds, while the client is disconnected.</summary>
    public long ExpiresAt { get; set; } = long.MaxValue;

    public WillMessage? Will { get; set; }

    /// <summary>When the will is due, in monotonic nanoseconds.</summary>
    public long WillDueAt { get; set; }

    /// <summary>Discards the state of the session, so that the client's next connection starts a new session.</summary>
    public void Clear()
    {
        // First end the subscriptions: other members of the session's shared subscriptions may get its messages from now on.
        Subscriber?.End();
        Subscriber = null;
        Records?.End();
        Records = null;
        StoredWill = null;
        Received.Clear();
        RelayedId = 0;
    }
}

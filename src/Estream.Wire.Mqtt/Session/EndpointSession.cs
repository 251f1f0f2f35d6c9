using Estream.Wire.Mqtt.Internal.Serving;
using Estream.Wire.Mqtt.Internal.Sessions;

namespace Estream.Wire.Mqtt.Internal;

/// <summary>What a client wants said when its connection ends without a goodbye [MQTT-3.1.2-7].</summary>
internal sealed record WillMessage(byte[] Topic, byte[] Payload, uint DelaySeconds)
{
    /// <summary>The number under which the store keeps it while it is due; 0 for not.</summary>
    public long StoredAs { get; init; }

    /// <summary>Whose will it is.</summary>
    public string ClientId { get; init; } = "";

    /// <summary>The user of that client; null for none, and after a restart.</summary>
    public string? User { get; init; }

    public MqttQos Qos { get; init; }

    public bool IsRetained { get; init; }

    /// <summary>Null when it never expires.</summary>
    public uint? ExpirySeconds { get; init; }

    /// <summary>The will's property block as it came, the delay and the expiry included: so the user properties keep their order
    /// [MQTT-3.1.3-10].</summary>
    public byte[] Properties { get; init; } = [];
}

/// <summary>
/// What outlives a connection (section 4.1): the QoS 2 messages that are stored and not yet released, the subscriptions, and what waits for
/// them. Where it may outlive its connection it is kept in the session store too, and goes on after a restart.
/// </summary>
internal sealed class EndpointSession(string clientId, string? user)
{
    public const uint NeverExpires = uint.MaxValue;

    public string ClientId { get; } = clientId;

    /// <summary>Whose session it is, where names are proven: nobody else goes on with it.</summary>
    public string? User { get; set; } = user;

    /// <summary>The connection that uses the session; null while the client is away.</summary>
    public EndpointConnection? Owner { get; set; }

    /// <summary>Identifiers of QoS 2 messages between their PUBLISH and their PUBREL.</summary>
    public PacketIdSet Received { get; } = new();

    /// <summary>A QoS 2 message that subscribers have got and that could not be stored; 0 for none. Sent again, it is only
    /// stored.</summary>
    public ushort RelayedId { get; set; }

    /// <summary>What subscribers are owed; null where the client has never subscribed.</summary>
    public Subscriber? Subscriber { get; set; }

    /// <summary>What the store keeps of it; null where nothing of it outlives the process.</summary>
    public SessionRecords? Records { get; set; }

    /// <summary>How long it outlives a connection.</summary>
    public uint ExpirySeconds { get; set; }

    /// <summary>What is to be published if this process dies; null where there is nothing, or where it must not stand in clear.</summary>
    public WillMessage? StoredWill { get; set; }

    /// <summary>Whether the host has stopped under its client: what becomes of it is for the next start.</summary>
    public bool IsLeftToNextStart { get; set; }

    /// <summary>Whether it ends with its connection, whatever was agreed: the client is too far behind.</summary>
    public bool IsOver { get; set; }

    /// <summary>When it ends, in monotonic nanoseconds, while the client is away.</summary>
    public long ExpiresAt { get; set; } = long.MaxValue;

    public WillMessage? Will { get; set; }

    /// <summary>When the will is due, in monotonic nanoseconds.</summary>
    public long WillDueAt { get; set; }

    /// <summary>Forgets what was agreed with the client: its next connection begins anew.</summary>
    public void Clear()
    {
        // First what it shares with others, which they may have from now on.
        Subscriber?.End();
        Subscriber = null;
        Records?.End();
        Records = null;
        StoredWill = null;
        Received.Clear();
        RelayedId = 0;
    }
}

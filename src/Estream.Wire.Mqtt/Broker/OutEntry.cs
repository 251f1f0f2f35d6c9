namespace Estream.Wire.Mqtt.Internal.Serving;

/// <summary>The delivery state of a message of QoS 1 or 2.</summary>
internal enum OutState : byte
{
    /// <summary>The PUBLISH was sent, and no PUBACK or PUBREC has arrived.</summary>
    Sent,

    /// <summary>The PUBREC has arrived. The PUBLISH is never resent [MQTT-4.3.3-6]; the PUBREL is resent until the PUBCOMP arrives
    /// [MQTT-4.3.3-5].</summary>
    Released,

    /// <summary>The message is complete, but a message that was sent earlier is not.</summary>
    Done,
}

/// <summary>An in-flight message of QoS 1 or 2. Its content is in the relay, or is the retained message of a topic.</summary>
/// <param name="Id">The packet identifier.</param>
/// <param name="Qos">The QoS it was sent with.</param>
/// <param name="State">The delivery state.</param>
/// <param name="Position">The position in the relay.</param>
/// <param name="Subscriptions">The subscriptions of the session when it was sent, so that a resent packet is the same.</param>
/// <param name="RetainedTopic">The topic of a retained message, which is not in the relay; otherwise null.</param>
/// <param name="Group">The group of a shared subscription; otherwise null.</param>
internal readonly record struct OutEntry(
    ushort Id, MqttQos Qos, OutState State, long Position, Subscription[] Subscriptions, byte[]? RetainedTopic = null,
    SharedSubscriptionGroup? Group = null);

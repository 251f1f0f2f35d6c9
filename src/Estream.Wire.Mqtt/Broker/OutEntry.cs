namespace Estream.Wire.Mqtt.Internal.Serving;

/// <summary>How far a message of QoS 1 or 2 has come on its way to a subscriber.</summary>
internal enum OutState : byte
{
    /// <summary>The PUBLISH is out, and neither PUBACK nor PUBREC has come.</summary>
    Sent,

    /// <summary>PUBREC has come: the PUBLISH is never sent again [MQTT-4.3.3-6], the PUBREL is until its PUBCOMP [MQTT-4.3.3-5].</summary>
    Released,

    /// <summary>Its last answer has come, before that of one sent earlier.</summary>
    Done,
}

/// <summary>A message of QoS 1 or 2 under way to a subscriber. Its content lies in the relay, or is what is retained.</summary>
/// <param name="Id">Its packet identifier.</param>
/// <param name="Qos">What it was sent with.</param>
/// <param name="State">How far it has come.</param>
/// <param name="Position">Where it lies in the relay.</param>
/// <param name="Subscriptions">Those of the session when it was sent: sent again, it is the same packet.</param>
/// <param name="RetainedTopic">Of a retained message, which does not lie there, its topic.</param>
/// <param name="Group">Of a message of a shared subscription, its group.</param>
internal readonly record struct OutEntry(
    ushort Id, MqttQos Qos, OutState State, long Position, Subscription[] Subscriptions, byte[]? RetainedTopic = null,
    SharedSubscriptionGroup? Group = null);

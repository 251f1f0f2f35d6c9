namespace Estream.Wire.Mqtt.Internal.Serving;

/// <summary>The terms of one connection of a subscriber.</summary>
/// <param name="ClientId">The client identifier in UTF-8.</param>
/// <param name="Access">The rights of the client.</param>
/// <param name="ReceiveMaximum">The maximum number of unacknowledged messages of QoS 1 and 2.</param>
/// <param name="MaximumPacketSize">The maximum packet size in bytes.</param>
/// <param name="TopicAliasMaximum">The maximum topic alias.</param>
/// <param name="Is311">Whether the client uses MQTT 3.1.1.</param>
internal readonly record struct DeliveryTerms(
    ReadOnlyMemory<byte> ClientId, ClientAccess Access, ushort ReceiveMaximum, uint MaximumPacketSize, ushort TopicAliasMaximum,
    bool Is311);

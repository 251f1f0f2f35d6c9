namespace Estream.Wire.Mqtt.Internal.Serving;

/// <summary>What one connection of a subscriber is like.</summary>
/// <param name="ClientId">Its client identifier, in UTF-8.</param>
/// <param name="Access">What it may read.</param>
/// <param name="ReceiveMaximum">How many messages of QoS 1 and 2 it takes unanswered.</param>
/// <param name="MaximumPacketSize">The largest packet it takes.</param>
/// <param name="TopicAliasMaximum">How many topic aliases it takes.</param>
/// <param name="Is311">Whether it speaks MQTT 3.1.1.</param>
internal readonly record struct DeliveryTerms(
    ReadOnlyMemory<byte> ClientId, ClientAccess Access, ushort ReceiveMaximum, uint MaximumPacketSize, ushort TopicAliasMaximum,
    bool Is311);

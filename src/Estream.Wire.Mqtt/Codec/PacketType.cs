namespace Estream.Wire.Mqtt.Codec;

/// <summary>The packet types of MQTT 5, as they stand in the high half of the first byte.</summary>
internal enum PacketType : byte
{
    /// <summary>Type 0 is forbidden on the wire; property tables use its place for the properties of a will.</summary>
    Will = 0,
    Connect = 1,
    ConnAck = 2,
    Publish = 3,
    PubAck = 4,
    PubRec = 5,
    PubRel = 6,
    PubComp = 7,
    Subscribe = 8,
    SubAck = 9,
    Unsubscribe = 10,
    UnsubAck = 11,
    PingReq = 12,
    PingResp = 13,
    Disconnect = 14,
    Auth = 15,
}

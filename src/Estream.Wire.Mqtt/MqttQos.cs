namespace Estream.Wire.Mqtt;

/// <summary>The quality of service (QoS) of a message: how reliably one hop, between a client and a server, delivers it.</summary>
public enum MqttQos : byte
{
    /// <summary>QoS 0: sent once and not acknowledged. The message is lost if the connection is lost.</summary>
    AtMostOnce = 0,

    /// <summary>QoS 1: sent until acknowledged. The message may arrive more than once.</summary>
    AtLeastOnce = 1,

    /// <summary>QoS 2: a two-step handshake. The message arrives exactly once for as long as both sides keep the session.</summary>
    ExactlyOnce = 2,
}

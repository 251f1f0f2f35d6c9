namespace Estream.Wire.Mqtt;

/// <summary>How hard MQTT tries to deliver one message between two neighbours.</summary>
public enum MqttQos : byte
{
    /// <summary>Sent once, not acknowledged: lost with the connection.</summary>
    AtMostOnce = 0,

    /// <summary>Sent until acknowledged: may arrive twice.</summary>
    AtLeastOnce = 1,

    /// <summary>Two-step handshake: arrives once for as long as both sides keep the session.</summary>
    ExactlyOnce = 2,
}

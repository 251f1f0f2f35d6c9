namespace Estream.Wire;

/// <summary>What an adapter type is and can do, before any instance exists.</summary>
/// <param name="Type">The word configuration uses: mqtt-endpoint.</param>
/// <param name="Protocol">Name and version of the protocol: MQTT 5.</param>
/// <param name="Family">The field it comes from.</param>
/// <param name="Transports">What it runs over: TCP, TLS.</param>
/// <param name="IsBidirectional">Whether it can also send.</param>
/// <param name="IsRequestResponse">Whether a message can be answered through the same adapter.</param>
/// <param name="Description">One sentence for people.</param>
public sealed record AdapterDescriptor(
    string Type,
    string Protocol,
    ProtocolFamily Family,
    IReadOnlyList<string> Transports,
    bool IsBidirectional,
    bool IsRequestResponse,
    string Description);

/// <summary>The field a protocol comes from.</summary>
public enum ProtocolFamily
{
    /// <summary>Devices and sensors.</summary>
    Iot,

    /// <summary>Plants and machines.</summary>
    Industrial,

    /// <summary>Trading and payments.</summary>
    Financial,

    /// <summary>Hospitals and laboratories.</summary>
    Healthcare,
}

namespace Estream.Wire;

/// <summary>The properties of an adapter type.</summary>
/// <param name="Type">The name in the configuration, such as mqtt-endpoint.</param>
/// <param name="Protocol">Name and version of the protocol, such as MQTT 5.</param>
/// <param name="Family">The field of use.</param>
/// <param name="Transports">The transports, such as TCP and TLS.</param>
/// <param name="IsBidirectional">Whether the adapter can also send.</param>
/// <param name="IsRequestResponse">Whether a message can be answered through the same adapter.</param>
/// <param name="Description">One sentence for display.</param>
public sealed record AdapterDescriptor(
    string Type,
    string Protocol,
    ProtocolFamily Family,
    IReadOnlyList<string> Transports,
    bool IsBidirectional,
    bool IsRequestResponse,
    string Description);

/// <summary>The field of use of a protocol.</summary>
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

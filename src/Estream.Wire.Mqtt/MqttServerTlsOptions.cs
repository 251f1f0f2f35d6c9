namespace Estream.Wire.Mqtt;

/// <summary>The certificate an endpoint shows.</summary>
public sealed record MqttServerTlsOptions
{
    /// <summary>A PEM file with the endpoint's certificate, and those between it and its authority behind it.</summary>
    public required string CertificateFile { get; init; }

    /// <summary>The PEM file with the certificate's private key. Default: the certificate file holds it too.</summary>
    public string? KeyFile { get; init; }
}

namespace Estream.Wire.Mqtt;

/// <summary>How a client checks the server it speaks TLS with.</summary>
public sealed record MqttTlsOptions
{
    /// <summary>A PEM file with the certificate authorities to trust, instead of the machine's. Default: the machine's.</summary>
    public string? CaFile { get; init; }

    /// <summary>The name the server's certificate must carry. Default: the host that is connected to.</summary>
    public string? ServerName { get; init; }

    /// <summary>
    /// SHA-256 of the server's certificate (DER), 64 hexadecimal digits, with or without colons. Where set, no other certificate is
    /// accepted; without a <see cref="CaFile"/> it is the only check, so that a self-signed certificate can be used safely. Default: no pin.
    /// </summary>
    public string? PinnedCertificateSha256 { get; init; }
}

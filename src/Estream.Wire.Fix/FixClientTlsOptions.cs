namespace Estream.Wire.Fix;

/// <summary>How an initiator checks the acceptor it speaks TLS with, and what it shows itself.</summary>
public sealed record FixClientTlsOptions
{
    /// <summary>A PEM file with the certificate authorities to trust, instead of the machine's. Default: the machine's.</summary>
    public string? CaFile { get; init; }

    /// <summary>The name the acceptor's certificate must carry. Default: the host that is connected to.</summary>
    public string? ServerName { get; init; }

    /// <summary>
    /// SHA-256 of the acceptor's certificate (DER), 64 hexadecimal digits. Where set, no other certificate is accepted; without a
    /// <see cref="CaFile"/> it is the only check, so that a self-signed certificate can be used safely. Default: no pin.
    /// </summary>
    public string? PinnedCertificateSha256 { get; init; }

    /// <summary>A PEM file with the certificate shown to an acceptor that asks for one. Default: none.</summary>
    public string? CertificateFile { get; init; }

    /// <summary>The PEM file with that certificate's private key. Default: the certificate file holds it too.</summary>
    public string? KeyFile { get; init; }
}

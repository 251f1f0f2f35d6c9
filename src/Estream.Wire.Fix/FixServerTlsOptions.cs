namespace Estream.Wire.Fix;

/// <summary>The certificate an acceptor shows, and those it asks for.</summary>
public sealed record FixServerTlsOptions
{
    /// <summary>A PEM file with the acceptor's certificate, and those between it and its authority behind it.</summary>
    public required string CertificateFile { get; init; }

    /// <summary>The PEM file with the certificate's private key. Default: the certificate file holds it too.</summary>
    public string? KeyFile { get; init; }

    /// <summary>
    /// A PEM file with the authorities whose certificates counterparties must show; nobody else gets as far as a Logon. Default: none is
    /// asked for.
    /// </summary>
    public string? ClientCaFile { get; init; }

    /// <summary>
    /// The certificates or keys that counterparties must show, and no others. Without a <see cref="ClientCaFile"/> they are the only check; with it, both have to agree.
    /// Default: none.
    /// </summary>
    public IReadOnlyList<WirePin> ClientPins { get; init; } = [];

    /// <summary>Whether counterparties are asked for a certificate.</summary>
    internal bool AsksForCertificates => ClientCaFile is not null || ClientPins.Count > 0;
}

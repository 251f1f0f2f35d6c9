namespace Estream.Wire.OpcUa;

/// <summary>The server of a client, its security, and its user.</summary>
public sealed record OpcUaClientOptions
{
    /// <summary>The URL: opc.tcp://HOST:PORT/PATH. Default port: 4840.</summary>
    public required string Url { get; init; }

    /// <summary>The security policy. Only an endpoint with this policy is used. Default: Basic256Sha256.</summary>
    public UaSecurityPolicy Policy { get; init; } = UaSecurityPolicy.Basic256Sha256;

    /// <summary>The security mode; ignored with policy None. Default: messages are signed and encrypted.</summary>
    public UaSecurityMode Mode { get; init; } = UaSecurityMode.SignAndEncrypt;

    /// <summary>The folder of the trust list and of the certificate of this client. Required unless the policy is None.</summary>
    public string? PkiFolder { get; init; }

    /// <summary>The application URI of this client, which its certificate contains. Default: urn:HOST:estream:opcua.</summary>
    public string ApplicationUri { get; init; } = $"urn:{System.Net.Dns.GetHostName()}:estream:opcua";

    /// <summary>The name of the user; null for an anonymous session or <see cref="UserCertificateFile"/>.</summary>
    public string? User { get; init; }

    /// <summary>The password of <see cref="User"/>.</summary>
    public WireSecret? Password { get; init; }

    /// <summary>A certificate that authenticates the user, in PEM or DER; null for none.</summary>
    public string? UserCertificateFile { get; init; }

    /// <summary>The key of <see cref="UserCertificateFile"/> in PEM.</summary>
    public string? UserKeyFile { get; init; }

    /// <summary>The time for a response, and for a connection, in milliseconds. Default: 10,000.</summary>
    public int TimeoutMs { get; init; } = 10_000;

    /// <summary>The time that the server keeps a session without a connection, in milliseconds. Default: 120,000.</summary>
    public int SessionTimeoutMs { get; init; } = 120_000;

    /// <summary>The lifetime of a security token in milliseconds; renewed at 75 %. Default: one hour.</summary>
    public int TokenLifetimeMs { get; init; } = 3_600_000;

    /// <summary>The name of sessions at the server. Default: estream.</summary>
    public string SessionName { get; init; } = "estream";
}

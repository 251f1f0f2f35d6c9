namespace Estream.Wire.Fix;

/// <summary>How a <see cref="FixInitiator"/> connects.</summary>
public sealed record FixInitiatorOptions
{
    /// <summary>Its name in events. Default: fix.</summary>
    public string Name { get; init; } = "fix";

    /// <summary>The acceptor's name or address.</summary>
    public required string Host { get; init; }

    /// <summary>The acceptor's TCP port.</summary>
    public required int Port { get; init; }

    /// <summary>TLS with these checks. Default: none.</summary>
    public WireTlsOptions? Tls { get; init; }

    /// <summary>Seconds a connection may take to be there, TLS included. Default: 10.</summary>
    public int ConnectTimeoutSeconds { get; init; } = 10;

    /// <summary>The longest wait between two attempts, in seconds; the first waits are shorter. Default: 30.</summary>
    public int MaxReconnectSeconds { get; init; } = 30;

    /// <summary>Seconds the acceptor may refuse to take what is sent before the connection is cut. Default: 30.</summary>
    public int WriteTimeoutSeconds { get; init; } = 30;

    /// <summary>Bytes that wait to be sent; above that the connection is cut. What is missed can be asked for again. Default: 16
    /// MiB.</summary>
    public int MaxWaitingBytes { get; init; } = 16 * 1024 * 1024;
}

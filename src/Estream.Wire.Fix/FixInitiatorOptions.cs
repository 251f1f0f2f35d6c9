namespace Estream.Wire.Fix;

/// <summary>How a <see cref="FixInitiator"/> connects.</summary>
public sealed record FixInitiatorOptions
{
    /// <summary>The name in events. Default: fix.</summary>
    public string Name { get; init; } = "fix";

    /// <summary>The host name or IP address of the acceptor.</summary>
    public required string Host { get; init; }

    /// <summary>The acceptor's TCP port.</summary>
    public required int Port { get; init; }

    /// <summary>The TLS options. Default: no TLS.</summary>
    public WireTlsOptions? Tls { get; init; }

    /// <summary>How long connecting may take, including TLS, in seconds. Default: 10.</summary>
    public int ConnectTimeoutSeconds { get; init; } = 10;

    /// <summary>The maximum wait between two attempts, in seconds; the first waits are shorter. Default: 30.</summary>
    public int MaxReconnectSeconds { get; init; } = 30;

    /// <summary>How long a write to the acceptor may block before the connection is closed, in seconds. Default: 30.</summary>
    public int WriteTimeoutSeconds { get; init; } = 30;

    /// <summary>The maximum number of unsent bytes; above it, the connection is closed. The acceptor can request missed messages again.
    /// Default: 16 MiB.</summary>
    public int MaxWaitingBytes { get; init; } = 16 * 1024 * 1024;
}

using System.Net;

namespace Estream.Wire.Fix;

/// <summary>How a <see cref="FixAcceptor"/> listens.</summary>
public sealed record FixAcceptorOptions
{
    /// <summary>The name in events. Default: fix.</summary>
    public string Name { get; init; } = "fix";

    /// <summary>The address to listen on. On other than loopback addresses, counterparties must present certificates
    /// (<see cref="WireServerTlsOptions.ClientCaFile"/>, <see cref="WireServerTlsOptions.ClientPins"/>). Default: 127.0.0.1.</summary>
    public IPAddress Address { get; init; } = IPAddress.Loopback;

    /// <summary>The TCP port; 0 lets the system choose. Default: 9876.</summary>
    public int Port { get; init; } = 9876;

    /// <summary>The server certificate and TLS options. Default: no TLS.</summary>
    public WireServerTlsOptions? Tls { get; init; }

    /// <summary>
    /// Whether peers may log on without a client certificate on other than loopback addresses. Anyone who reaches the port and knows the
    /// two CompIDs can then log on. Also lifts the requirement of a <see cref="FixSessionOptions.PeerCertificateName"/> per session.
    /// Default: false.
    /// </summary>
    public bool UnsafeAllowAnyPeer { get; init; }

    /// <summary>The maximum number of open connections, including connections without a Logon; further connections are closed immediately.
    /// Default: 256.</summary>
    public int MaxConnections { get; init; } = 256;

    /// <summary>How long a write to a counterparty may block before the connection is closed, in seconds. Default: 30.</summary>
    public int WriteTimeoutSeconds { get; init; } = 30;

    /// <summary>The maximum number of unsent bytes for one counterparty; above it, the connection is closed. The counterparty can request
    /// missed messages again. Default: 16 MiB.</summary>
    public int MaxWaitingBytes { get; init; } = 16 * 1024 * 1024;
}

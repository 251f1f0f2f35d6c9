using System.Net;

namespace Estream.Wire.Fix;

/// <summary>How a <see cref="FixAcceptor"/> listens.</summary>
public sealed record FixAcceptorOptions
{
    /// <summary>Its name in events. Default: fix.</summary>
    public string Name { get; init; } = "fix";

    /// <summary>The address to listen on. Beyond loopback counterparties must show certificates
    /// (<see cref="WireServerTlsOptions.ClientCaFile"/>, <see cref="WireServerTlsOptions.ClientPins"/>). Default: 127.0.0.1.</summary>
    public IPAddress Address { get; init; } = IPAddress.Loopback;

    /// <summary>The TCP port; 0 lets the system choose. Default: 9876.</summary>
    public int Port { get; init; } = 9876;

    /// <summary>TLS with this certificate. Default: none.</summary>
    public WireServerTlsOptions? Tls { get; init; }

    /// <summary>Lets anybody who reaches the port and knows two names log on, also beyond loopback. Default: false.</summary>
    public bool UnsafeAllowAnyPeer { get; init; }

    /// <summary>Connections at once, those without a Logon included; one more is closed at once. Default: 256.</summary>
    public int MaxConnections { get; init; } = 256;

    /// <summary>Seconds a counterparty may refuse to take what is sent before it is cut off. Default: 30.</summary>
    public int WriteTimeoutSeconds { get; init; } = 30;

    /// <summary>Bytes that wait to be sent to one counterparty; above that it is cut off. What it misses it can ask for again. Default: 16
    /// MiB.</summary>
    public int MaxWaitingBytes { get; init; } = 16 * 1024 * 1024;
}

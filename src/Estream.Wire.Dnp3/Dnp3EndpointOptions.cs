namespace Estream.Wire.Dnp3;

/// <summary>How a master connects to an outstation: by TCP, TLS or a serial line.</summary>
public sealed record Dnp3EndpointOptions
{
    /// <summary>The port of DNP3 over TCP.</summary>
    public const int TcpPort = 20_000;

    /// <summary>The port of DNP3 over TLS.</summary>
    public const int TlsPort = 19_999;

    /// <summary>The host name or IP address of the outstation; not used with <see cref="Serial"/>.</summary>
    public string Host { get; init; } = "127.0.0.1";

    /// <summary>The TCP port. Default: 20,000.</summary>
    public int Port { get; init; } = TcpPort;

    /// <summary>The TLS options. Default: no TLS.</summary>
    public WireTlsOptions? Tls { get; init; }

    /// <summary>The serial line, in place of TCP. Default: none.</summary>
    public Dnp3SerialOptions? Serial { get; init; }

    /// <summary>How long connecting may take in milliseconds. Default: 5,000.</summary>
    public int ConnectTimeoutMs { get; init; } = 5_000;

    /// <summary>The silence in milliseconds after which the master asks for the link status; without an answer within the longest time-out
    /// of the devices, it connects again. 0: never. Default: 60,000.</summary>
    public int KeepAliveMs { get; init; } = 60_000;

    /// <summary>What outstations of one connection have in common: the TCP endpoint or the serial port.</summary>
    internal object LineKey => Serial is { } serial ? serial.Port : (Host, Port);

    /// <summary>Whether others in the network can read and change what is sent.</summary>
    internal bool IsExposed =>
        Serial is null && Tls is null && Host != "localhost"
        && !(System.Net.IPAddress.TryParse(Host, out System.Net.IPAddress? address) && System.Net.IPAddress.IsLoopback(address));

    /// <summary>The name of the connection for messages.</summary>
    internal string Describe() => Serial is { } serial ? serial.Port : $"{Host}:{Port}";
}

/// <summary>A serial line.</summary>
/// <param name="Port">The device, such as <c>/dev/ttyUSB0</c> or <c>COM3</c>.</param>
public sealed record Dnp3SerialOptions(string Port)
{
    /// <summary>Bits per second. Default: 9,600.</summary>
    public int BaudRate { get; init; } = 9_600;

    /// <summary>The parity. Default: none, as the standard recommends.</summary>
    public SerialParity Parity { get; init; } = SerialParity.None;

    /// <summary>The stop bits, 1 or 2. Default: 1.</summary>
    public int StopBits { get; init; } = 1;
}

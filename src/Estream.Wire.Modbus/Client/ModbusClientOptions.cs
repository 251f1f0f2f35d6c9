namespace Estream.Wire.Modbus;

/// <summary>How a <see cref="ModbusClient"/> connects.</summary>
public sealed record ModbusClientOptions
{
    /// <summary>The port of Modbus TCP.</summary>
    public const int TcpPort = 502;

    /// <summary>The port of Modbus/TCP Security.</summary>
    public const int TlsPort = 802;

    /// <summary>The host name or IP address of the device or gateway; not used with <see cref="Serial"/>.</summary>
    public string Host { get; init; } = "127.0.0.1";

    /// <summary>The TCP port. Default: 502.</summary>
    public int Port { get; init; } = TcpPort;

    /// <summary>The TLS options; a device with Modbus/TCP Security requires a client certificate. Default: no TLS.</summary>
    public WireTlsOptions? Tls { get; init; }

    /// <summary>The serial line, in place of TCP. Default: none.</summary>
    public SerialLineOptions? Serial { get; init; }

    /// <summary>How long connecting may take in milliseconds. Default: 5,000.</summary>
    public int ConnectTimeoutMs { get; init; } = 5_000;

    /// <summary>How long a response may take in milliseconds. Default: 1,000.</summary>
    public int TimeoutMs { get; init; } = 1_000;

    /// <summary>The maximum number of requests under way, 1 to 64; always 1 on a serial line. Many devices handle one only. Default:
    /// 1.</summary>
    public int InFlight { get; init; } = 1;

    /// <summary>What devices of one connection have in common: the TCP endpoint or the serial port.</summary>
    internal object LineKey => Serial is { } serial ? serial.Port : (Host, Port);
}

/// <summary>A serial line for RTU frames.</summary>
/// <param name="Port">The device, such as <c>/dev/ttyUSB0</c> or <c>COM3</c>.</param>
public sealed record SerialLineOptions(string Port)
{
    /// <summary>Bits per second. Default: 19,200, as the standard recommends.</summary>
    public int BaudRate { get; init; } = 19_200;

    /// <summary>The parity. Default: even, as the standard recommends.</summary>
    public SerialParity Parity { get; init; } = SerialParity.Even;

    /// <summary>The stop bits, 1 or 2. Default: 1; the standard has 2 if there is no parity.</summary>
    public int StopBits { get; init; } = 1;

    /// <summary>The silence between frames in microseconds; 0 for 3.5 characters, and 1,750 above 19,200 bits per second. Default:
    /// 0.</summary>
    public int SilenceMicros { get; init; }

    /// <summary>How long the line stays idle after a broadcast in milliseconds, so that all units can handle it. Default: 100.</summary>
    public int TurnaroundMs { get; init; } = 100;

    /// <summary>The silence between frames in microseconds (Modbus over Serial Line V1.02, 2.5.1.1).</summary>
    public int FrameSilenceMicros
    {
        get
        {
            const int BitsPerCharacter = 11;
            const int FixedMicros = 1_750;
            const int FixedFrom = 19_200;
            return SilenceMicros > 0 ? SilenceMicros
                : BaudRate > FixedFrom ? FixedMicros
                : (int)(3_500_000L * BitsPerCharacter / BaudRate);
        }
    }
}

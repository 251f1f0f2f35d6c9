using Estream.Wire.Settings;

namespace Estream.Wire.Modbus;

/// <summary>How a <see cref="ModbusClient"/> connects.</summary>
public sealed record ModbusClientOptions
{
    private readonly string? _host;
    private readonly int? _port;

    /// <summary>The port of Modbus TCP.</summary>
    public const int TcpPort = 502;

    /// <summary>The port of Modbus/TCP Security.</summary>
    public const int TlsPort = 802;

    /// <summary>The host name or IP address of the device or gateway; not used with <see cref="Serial"/>. Default: 127.0.0.1.</summary>
    [Setting("device or gateway", Default = "required, or `Serial`")]
    public string Host
    {
        get => _host ?? "127.0.0.1";
        init => _host = value;
    }

    /// <summary>Whether the host is not the default.</summary>
    internal bool HasHost => !string.IsNullOrEmpty(_host);

    /// <summary>The TCP port. Default: 502; with <see cref="Tls"/> 802.</summary>
    [Setting("TCP port", Min = 1, Max = ushort.MaxValue, Default = "502; with `Tls` 802")]
    public int Port
    {
        get => _port ?? (Tls is null ? TcpPort : TlsPort);
        init => _port = value;
    }

    /// <summary>The TLS options; a device with Modbus/TCP Security requires a client certificate. Default: no TLS.</summary>
    [Setting("TLS; `true` trusts the authorities of the machine", IsSwitch = true, Default = "no TLS")]
    public WireTlsOptions? Tls { get; init; }

    /// <summary>The serial line, in place of TCP. Default: none.</summary>
    [Setting("")]
    public SerialLineOptions? Serial { get; init; }

    /// <summary>How long connecting may take in milliseconds. Default: 5,000.</summary>
    [Setting("maximum time to connect", Min = 1, Max = 60_000, Unit = SettingUnit.Milliseconds)]
    public int ConnectTimeoutMs { get; init; } = 5_000;

    /// <summary>How long a response may take in milliseconds. Default: 1,000.</summary>
    [Setting("maximum wait for a response", Min = 1, Max = 60_000, Unit = SettingUnit.Milliseconds)]
    public int TimeoutMs { get; init; } = 1_000;

    /// <summary>The maximum number of requests under way, 1 to 64; always 1 on a serial line. Many devices handle one only. Default:
    /// 1.</summary>
    [Setting("requests in flight, 1 to 64; serial: 1", Min = 1, Max = 64)]
    public int InFlight { get; init; } = 1;

    /// <summary>What devices of one connection have in common: the TCP endpoint or the serial port.</summary>
    internal object LineKey => Serial is { } serial ? serial.Port : (Host, Port);
}

/// <summary>A serial line for RTU frames.</summary>
/// <param name="Port">The device, such as <c>/dev/ttyUSB0</c> or <c>COM3</c>.</param>
public sealed record SerialLineOptions(
    [property: Setting("serial port, such as `/dev/ttyUSB0`", Text = SettingText.Path, Default = "required, or `Host`")] string Port)
{
    /// <summary>Bits per second. Default: 19,200, as the standard recommends.</summary>
    [Setting("bits per second", Min = 300, Max = 4_000_000)]
    public int BaudRate { get; init; } = 19_200;

    /// <summary>The parity. Default: even, as the standard recommends.</summary>
    [Setting("`even`, `odd` or `none`")]
    public SerialParity Parity { get; init; } = SerialParity.Even;

    /// <summary>The stop bits, 1 or 2. Default: 1; the standard has 2 if there is no parity.</summary>
    [Setting("1 or 2", Min = 1, Max = 2)]
    public int StopBits { get; init; } = 1;

    /// <summary>The silence between frames in microseconds; 0 for 3.5 characters, and 1,750 above 19,200 bits per second. Default:
    /// 0.</summary>
    [Setting("silence between frames in µs; 0: standard value", Max = 1_000_000, Unit = SettingUnit.Microseconds)]
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

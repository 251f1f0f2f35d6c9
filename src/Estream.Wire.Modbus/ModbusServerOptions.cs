using System.Net;
using Estream.Wire.Modbus.Server;
using Estream.Wire.Settings;

namespace Estream.Wire.Modbus;

/// <summary>The options of a <see cref="ModbusServer"/>. Immutable.</summary>
public sealed record ModbusServerOptions
{
    private readonly int? _port;

    /// <summary>The address to listen on. Default: 127.0.0.1.</summary>
    [Setting("IP address to listen on")]
    public IPAddress Address { get; init; } = IPAddress.Loopback;

    /// <summary>The port; 0 lets the system choose. Default: 502; with <see cref="Tls"/> 802.</summary>
    [Setting("port; 0: any free port", Max = ushort.MaxValue, Default = "502; with `Tls` 802")]
    public int Port
    {
        get => _port ?? (Tls is null ? ModbusClientOptions.TcpPort : ModbusClientOptions.TlsPort);
        init => _port = value;
    }

    /// <summary>TLS options (Modbus/TCP Security, without roles); null for plain TCP.</summary>
    [Setting("TLS")]
    public WireServerTlsOptions? Tls { get; init; }

    /// <summary>Whether masters of other machines may connect without a client certificate. Modbus has no login. Default: false.</summary>
    [Setting("`true` serves masters of other machines that show no certificate")]
    public bool UnsafeAllowAnyPeer { get; init; }

    /// <summary>The maximum number of connections. Default: 32.</summary>
    [Setting("maximum number of connections", Min = 1, Max = 10_000)]
    public int MaxConnections { get; init; } = 32;

    /// <summary>The maximum number of connections of one address; 0 for a quarter of <see cref="MaxConnections"/> for other machines and no
    /// limit for this machine. Default: 0.</summary>
    [Setting("maximum number of connections of one address; 0: a quarter of `MaxConnections` for other machines, no limit for this machine",
        Max = 10_000)]
    public int MaxConnectionsPerAddress { get; init; }

    /// <summary>The only masters that are served, by the names in their certificates. Allowed are names of units. Default: empty, for all
    /// masters with an accepted certificate.</summary>
    [Setting("", Entry = "peer", Max = 10_000)]
    [SettingsFrom(typeof(MasterSettings))]
    public IReadOnlyList<WirePeer> Peers { get; init; } = [];

    /// <summary>The maximum age in milliseconds of a value, for points without their own; 0 for no limit. Default: 0.</summary>
    [Setting("[maximum age](../../protocols/modbus.md#serve-masters) of a value, for points without their own; 0: no limit",
        Max = SettingLimits.DayMs, Unit = SettingUnit.Milliseconds)]
    public int MaxAgeMs { get; init; }

    /// <summary>The maximum time in seconds without a request before a connection is closed; 0 for no limit. Default: 600.</summary>
    [Setting("maximum time without a request; 0: no limit", Max = SettingLimits.DaySeconds, Unit = SettingUnit.Seconds)]
    public int IdleSeconds { get; init; } = 600;

    /// <summary>The maximum time in seconds for the TLS handshake (at most 10), from the first to the last byte of a request, and for
    /// storing a write. Default: 10.</summary>
    [Setting("maximum time for a TLS handshake, for receiving a request, and for storing a write", Min = 1, Max = 3_600,
        Unit = SettingUnit.Seconds)]
    public int RequestSeconds { get; init; } = 10;

    /// <summary>The map that reads are answered from; null if masters may only write. Default: null.</summary>
    [Setting("map whose values masters read: a map of `Maps`, or a map that a pipeline or circuit writes",
        Default = "none: masters can only write")]
    public string? Map { get; init; }

    /// <summary>The units; at least one.</summary>
    [Setting("", Entry = "unit")]
    public required IReadOnlyList<ModbusUnitOptions> Units { get; init; }

    /// <summary>The queue for the writes of masters, as a mapping of ModbusWrite. Default: none, which refuses all writes.</summary>
    [Setting("", Entry = "mapping")]
    [SettingsFrom(typeof(WriteMapping))]
    public IReadOnlyList<ModbusMapping> Mappings { get; init; } = [];
}

/// <summary>A unit that a server is: the points that masters read and write. Immutable.</summary>
public sealed record ModbusUnitOptions
{
    /// <summary>The device_id of the ModbusWrite messages; unique in an adapter, at most 64 bytes.</summary>
    [Setting("`device_id` of writes; unique, at most 64 bytes")]
    public required string Name { get; init; }

    /// <summary>The unit identifier, 0 to 255; unique in an adapter. Default: 1.</summary>
    [Setting("unit identifier, 0 to 255")]
    public byte Unit { get; init; } = 1;

    /// <summary>The points.</summary>
    [Setting("", Entry = "point", Max = 65_536)]
    public required IReadOnlyList<ModbusServedPoint> Points { get; init; }
}

/// <summary>A point of a unit. Immutable.</summary>
/// <param name="Point">The name, place and type of the point. EveryMs and UnitOfMeasurement have no effect.</param>
/// <param name="Key">The key in the map.</param>
/// <param name="Field">The field of the message with the value.</param>
[SettingsFrom(typeof(ServedPointSettings))]
public sealed record ModbusServedPoint(ModbusPointOptions Point, string Key, string Field)
{
    /// <summary>The maximum age in milliseconds of a value: masters that read an older value get the exception
    /// <see cref="ModbusExceptionCode.GatewayTargetFailedToRespond"/>. The age counts from the time at which the message was stored. 0 for
    /// no limit; null for <see cref="ModbusServerOptions.MaxAgeMs"/>. Default: null.</summary>
    public int? MaxAgeMs { get; init; }
}

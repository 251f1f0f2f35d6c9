using System.Net;

namespace Estream.Wire.Modbus;

/// <summary>The options of a <see cref="ModbusServer"/>. Immutable.</summary>
public sealed record ModbusServerOptions
{
    /// <summary>The address to listen on. Default: 127.0.0.1.</summary>
    public IPAddress Address { get; init; } = IPAddress.Loopback;

    /// <summary>The port; 0 lets the system choose. Default: 502.</summary>
    public int Port { get; init; } = ModbusClientOptions.TcpPort;

    /// <summary>TLS options (Modbus/TCP Security, without roles); null for plain TCP.</summary>
    public WireServerTlsOptions? Tls { get; init; }

    /// <summary>Whether masters of other machines may connect without a client certificate. Modbus has no login. Default: false.</summary>
    public bool UnsafeAllowAnyPeer { get; init; }

    /// <summary>The maximum number of connections. Default: 32.</summary>
    public int MaxConnections { get; init; } = 32;

    /// <summary>The maximum number of connections of one address; 0 for a quarter of <see cref="MaxConnections"/> for other machines and no
    /// limit for this machine. Default: 0.</summary>
    public int MaxConnectionsPerAddress { get; init; }

    /// <summary>The only masters that are served, by the names in their certificates. Allowed are names of units. Default: empty, for all
    /// masters with an accepted certificate.</summary>
    public IReadOnlyList<WirePeer> Peers { get; init; } = [];

    /// <summary>The maximum age in milliseconds of a value, for points without their own; 0 for no limit. Default: 0.</summary>
    public int MaxAgeMs { get; init; }

    /// <summary>The maximum time in seconds without a request before a connection is closed; 0 for no limit. Default: 600.</summary>
    public int IdleSeconds { get; init; } = 600;

    /// <summary>The maximum time in seconds for the TLS handshake (at most 10), from the first to the last byte of a request, and for
    /// storing a write. Default: 10.</summary>
    public int RequestSeconds { get; init; } = 10;

    /// <summary>The map that reads are answered from; null if masters may only write. Default: null.</summary>
    public string? Map { get; init; }

    /// <summary>The units; at least one.</summary>
    public required IReadOnlyList<ModbusUnitOptions> Units { get; init; }

    /// <summary>The queue for the writes of masters, as a mapping of ModbusWrite. Default: none, which refuses all writes.</summary>
    public IReadOnlyList<ModbusMapping> Mappings { get; init; } = [];
}

/// <summary>A unit that a server is: the points that masters read and write. Immutable.</summary>
public sealed record ModbusUnitOptions
{
    /// <summary>The device_id of the ModbusWrite messages; unique in an adapter, at most 64 bytes.</summary>
    public required string Name { get; init; }

    /// <summary>The unit identifier, 0 to 255; unique in an adapter. Default: 1.</summary>
    public byte Unit { get; init; } = 1;

    /// <summary>The points.</summary>
    public required IReadOnlyList<ModbusServedPoint> Points { get; init; }
}

/// <summary>A point of a unit. Immutable.</summary>
/// <param name="Point">The name, place and type of the point. EveryMs and UnitOfMeasurement have no effect.</param>
/// <param name="Key">The key in the map.</param>
/// <param name="Field">The field of the message with the value.</param>
public sealed record ModbusServedPoint(ModbusPointOptions Point, string Key, string Field)
{
    /// <summary>The maximum age in milliseconds of a value: masters that read an older value get the exception
    /// <see cref="ModbusExceptionCode.GatewayTargetFailedToRespond"/>. The age counts from the time at which the message was stored. 0 for
    /// no limit; null for <see cref="ModbusServerOptions.MaxAgeMs"/>. Default: null.</summary>
    public int? MaxAgeMs { get; init; }
}

using Estream.Esf;

namespace Estream.Wire.Modbus;

/// <summary>The options of a <see cref="ModbusPoller"/>.</summary>
public sealed record ModbusPollerOptions
{
    /// <summary>The devices.</summary>
    public required IReadOnlyList<ModbusDeviceOptions> Devices { get; init; }

    /// <summary>Which messages go to which queue; at most one mapping for each schema.</summary>
    public IReadOnlyList<ModbusMapping> Mappings { get; init; } = [];

    /// <summary>The schemas whose messages write points; ModbusWrite or none. Default: none.</summary>
    public IReadOnlyList<EsfSchema> Egress { get; init; } = [];

    /// <summary>The upper limit of the first wait before a reconnect. Default: 200 ms.</summary>
    public TimeSpan ReconnectInitial { get; init; } = TimeSpan.FromMilliseconds(200);

    /// <summary>The upper limit of each wait before a reconnect. Default: 30 s.</summary>
    public TimeSpan ReconnectMax { get; init; } = TimeSpan.FromSeconds(30);

    /// <summary>The number of time-outs in sequence, without a single received byte, after which a TCP connection is opened again. Default:
    /// 5.</summary>
    public int ReconnectAfterTimeouts { get; init; } = 5;

    /// <summary>The maximum age of a write when it is sent, counted from its requested_at. An older write is refused, and so is one whose
    /// requested_at is further in the future than this. Zero: no limit. Default: 10 s.</summary>
    public TimeSpan MaxWriteAge { get; init; } = TimeSpan.FromSeconds(10);

    /// <summary>How late a poll is still made up that this host or the host before it missed. Zero: missed polls are skipped. Default:
    /// 10 s if the host has a standby, otherwise zero.</summary>
    public TimeSpan? MakeUp { get; init; }
}

/// <summary>Stores the messages of a schema in a queue.</summary>
/// <param name="Schema">ModbusReadResponse, ModbusWriteResponse, ModbusEvent or ModbusValue.</param>
/// <param name="Queue">The queue.</param>
public sealed record ModbusMapping(EsfSchema Schema, string Queue);

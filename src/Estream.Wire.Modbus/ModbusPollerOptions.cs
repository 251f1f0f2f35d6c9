using Estream.Esf;
using Estream.Wire.Settings;

namespace Estream.Wire.Modbus;

/// <summary>The options of a <see cref="ModbusPoller"/>.</summary>
public sealed record ModbusPollerOptions
{
    /// <summary>The devices.</summary>
    [Setting("", Entry = "device", Max = 10_000)]
    public required IReadOnlyList<ModbusDeviceOptions> Devices { get; init; }

    /// <summary>Which messages go to which queue; at most one mapping for each schema.</summary>
    [Setting("", Entry = "mapping")]
    public IReadOnlyList<ModbusMapping> Mappings { get; init; } = [];

    /// <summary>The schemas whose messages write points; ModbusWrite or none. Default: none.</summary>
    [Setting("", Entry = "egress")]
    [SettingsFrom(typeof(WriteEgress))]
    public IReadOnlyList<EsfSchema> Egress { get; init; } = [];

    /// <summary>The upper limit of the first wait before a reconnect. Default: 200 ms.</summary>
    [Setting("upper limit of the first wait before a reconnect", Key = "Reconnect:InitialMs", Min = 1, Max = SettingLimits.DayMs,
        Unit = SettingUnit.Milliseconds)]
    public TimeSpan ReconnectInitial { get; init; } = TimeSpan.FromMilliseconds(200);

    /// <summary>The upper limit of each wait before a reconnect. Default: 30 s.</summary>
    [Setting("upper limit of each wait before a reconnect", Key = "Reconnect:MaxMs", Min = 1, Max = SettingLimits.DayMs,
        Unit = SettingUnit.Milliseconds)]
    public TimeSpan ReconnectMax { get; init; } = TimeSpan.FromSeconds(30);

    /// <summary>The number of time-outs in sequence, without a single received byte, after which a TCP connection is opened again. Default:
    /// 5.</summary>
    [Setting("time-outs without a received byte before a TCP reconnect", Min = 1, Max = 1_000)]
    public int ReconnectAfterTimeouts { get; init; } = 5;

    /// <summary>The maximum age of a write when it is sent, counted from its requested_at. An older write is refused, and so is one whose
    /// requested_at is further in the future than this. Zero: no limit. Default: 10 s.</summary>
    [Setting("maximum age of a [write](../../protocols/modbus.md#writes); 0: no limit", Key = "MaxWriteAgeMs", Max = SettingLimits.DayMs,
        Unit = SettingUnit.Milliseconds)]
    public TimeSpan MaxWriteAge { get; init; } = TimeSpan.FromSeconds(10);

    /// <summary>How late a poll is still made up that this host or the host before it missed. Zero: missed polls are skipped. Default:
    /// 10 s if the host has a standby, otherwise zero.</summary>
    [Setting("how late a [missed poll](../../protocols/modbus.md#poll-numbers) is still made, at most 600,000; 0: it is skipped",
        Key = "MakeUpMs", Max = 600_000, Unit = SettingUnit.Milliseconds, Default = "0; with `Gateway:Standby` 10,000")]
    public TimeSpan? MakeUp { get; init; }
}

/// <summary>Stores the messages of a schema in a queue.</summary>
/// <param name="Schema">ModbusReadResponse, ModbusWriteResponse, ModbusEvent or ModbusValue.</param>
/// <param name="Queue">The queue.</param>
public sealed record ModbusMapping(
    [property: Setting("`ModbusValue`, `ModbusReadResponse`, `ModbusWriteResponse` or `ModbusEvent`",
        Words = [ModbusSchemas.Value, ModbusSchemas.ReadResponse, ModbusSchemas.WriteResponse, ModbusSchemas.Event])] EsfSchema Schema,
    [property: Setting("queue of the messages", Text = SettingText.Queue)] string Queue);

/// <summary>A queue whose messages write points.</summary>
/// <param name="Queue">The queue. The host reads it.</param>
/// <param name="Schema">The schema of the messages.</param>
internal sealed record WriteEgress(
    [property: Setting("queue with the writes")] string Queue,
    [property: Setting("`ModbusWrite`", Words = [ModbusSchemas.Write])] EsfSchema Schema) : ISettingSource<EsfSchema>
{
    public EsfSchema ToOption() => Schema;
}

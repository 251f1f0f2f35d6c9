using Estream.Wire.Settings;

namespace Estream.Wire.Modbus;

/// <summary>A device: a unit of an endpoint or serial line, with what is read from it and how often.</summary>
public sealed record ModbusDeviceOptions
{
    /// <summary>The name in messages, events and metrics; unique in an adapter, at most 64 bytes.</summary>
    [Setting("unique name, at most 64 bytes, without `/`, `+` and `#`")]
    public required string Name { get; init; }

    /// <summary>The endpoint or serial line. Devices with the same endpoint share a connection and its order of requests.</summary>
    [Setting("", IsInline = true)]
    public required ModbusClientOptions Endpoint { get; init; }

    /// <summary>The unit. Default: 1.</summary>
    [Setting("unit identifier; serial: 1 to 247")]
    public byte Unit { get; init; } = 1;

    /// <summary>The points. Default: none.</summary>
    [Setting("", Entry = "point", Max = 65_536)]
    public IReadOnlyList<ModbusPointOptions> Points { get; init; } = [];

    /// <summary>Blocks that are read without points. Default: none.</summary>
    [Setting("", Entry = "read")]
    public IReadOnlyList<ModbusReadOptions> Reads { get; init; } = [];

    /// <summary>The number of unused registers, or of 16 unused bits, that a request may read to join neighbours. Default: 8.</summary>
    [Setting("unused registers between points in a request", Max = 124)]
    public int MaxGap { get; init; } = 8;

    /// <summary>The maximum number of registers in a request, for devices with small buffers. Default: 125.</summary>
    [Setting("registers in one request", Min = 1, Max = ModbusLimits.MaxReadRegisters)]
    public int MaxRegisters { get; init; } = ModbusLimits.MaxReadRegisters;

    /// <summary>The maximum wait between attempts for a device that does not answer, in milliseconds. Default: 60,000.</summary>
    [Setting("longest pause for an unresponsive device", Min = 1, Max = SettingLimits.DayMs, Unit = SettingUnit.Milliseconds)]
    public int MaxBackoffMs { get; init; } = 60_000;
}

/// <summary>A typed value in the tables of a device.</summary>
public sealed record ModbusPointOptions
{
    private readonly PointType? _type;

    /// <summary>The name in messages; unique in its device, at most 64 bytes.</summary>
    [Setting("name, unique in the device or unit; limits as for a device")]
    public required string Name { get; init; }

    /// <summary>The table. Default: holding registers.</summary>
    [Setting("`holding`, `input`, `coils` or `discrete`")]
    public ModbusTable Table { get; init; } = ModbusTable.HoldingRegisters;

    /// <summary>The first address, from 0. Default: 0.</summary>
    [Setting("first address, from 0")]
    public ushort Address { get; init; }

    /// <summary>The type. Default: an unsigned integer in one register; in the tables of bits, a bit.</summary>
    [Setting("a [type](../../protocols/modbus.md#points)", Default = "`uint16` or `bit`")]
    public PointType Type
    {
        get => _type ?? (Table.IsBits() ? PointType.Bit : PointType.U16);
        init => _type = value;
    }

    /// <summary>The order of the bytes. Default: ABCD.</summary>
    [Setting("`ABCD`, `CDAB`, `BADC` or `DCBA`")]
    public WordOrder Order { get; init; } = WordOrder.BigEndian;

    /// <summary>The bit of a register, 0 to 15 from the lowest, if the type is <see cref="PointType.Bit"/>.</summary>
    [Setting("0 (lowest) to 15", Max = 15)]
    public int Bit { get; init; }

    /// <summary>The number of registers of a text. Default: 1.</summary>
    [Setting("registers of `text`", Min = 1, Max = ModbusLimits.MaxWriteRegisters)]
    public int Registers { get; init; } = 1;

    /// <summary>The factor: value = number in the registers × scale + offset. Default: 1.</summary>
    [Setting("factor")]
    public double Scale { get; init; } = 1;

    /// <summary>The summand. Default: 0.</summary>
    [Setting("number that is added after `Scale`")]
    public double Offset { get; init; }

    /// <summary>The unit of measurement in messages, at most 16 bytes. Default: none.</summary>
    [Setting("`unit` in messages, at most 16 bytes")]
    public string? UnitOfMeasurement { get; init; }

    /// <summary>The time between reads in milliseconds; 0 for a point that is only written. Default: 1,000.</summary>
    [Setting("poll interval; 0: not polled", Max = SettingLimits.DayMs, Unit = SettingUnit.Milliseconds)]
    public int EveryMs { get; init; } = 1_000;

    /// <summary>Whether messages may write the point. Default: false.</summary>
    [Setting("messages or masters may write the point", Key = "Writable")]
    public bool IsWritable { get; init; }

    /// <summary>Whether a ModbusEvent of the kind Changed is stored for each register or bit that differs from the poll before. Requires a
    /// mapping of ModbusEvent. Default: false.</summary>
    [Setting("`true` stores a `ModbusEvent` of the kind `Changed` for each register or bit that differs from the poll before. Requires a "
        + "mapping of `ModbusEvent`", Key = "ReportChanges")]
    public bool ReportsChanges { get; init; }

    /// <summary>The number of addresses that the point occupies.</summary>
    internal int Length => Table.IsBits() ? 1 : Type == PointType.Text ? Registers : RegisterCodec.Registers(Type);
}

/// <summary>A block of a table that is read whole.</summary>
/// <param name="Table">The table.</param>
/// <param name="Address">The first address, from 0.</param>
/// <param name="Count">The number of registers or bits; more than a request can read are divided.</param>
/// <param name="EveryMs">The time between reads in milliseconds.</param>
public sealed record ModbusReadOptions(
    [property: Setting("block for `ModbusReadResponse`: table")] ModbusTable Table = ModbusTable.HoldingRegisters,
    [property: Setting("first address")] ushort Address = 0,
    [property: Setting("number of registers or bits", Min = 1, Max = ModbusLimits.TableSize)] int Count = 1,
    [property: Setting("poll interval", Min = 1, Max = SettingLimits.DayMs, Unit = SettingUnit.Milliseconds)] int EveryMs = 1_000);

namespace Estream.Wire.Modbus;

/// <summary>A device: a unit of an endpoint or serial line, with what is read from it and how often.</summary>
public sealed record ModbusDeviceOptions
{
    /// <summary>The name in messages, events and metrics; unique in an adapter, at most 64 bytes.</summary>
    public required string Name { get; init; }

    /// <summary>The endpoint or serial line. Devices with the same endpoint share a connection and its order of requests.</summary>
    public required ModbusClientOptions Endpoint { get; init; }

    /// <summary>The unit. Default: 1.</summary>
    public byte Unit { get; init; } = 1;

    /// <summary>The points. Default: none.</summary>
    public IReadOnlyList<ModbusPointOptions> Points { get; init; } = [];

    /// <summary>Blocks that are read without points. Default: none.</summary>
    public IReadOnlyList<ModbusReadOptions> Reads { get; init; } = [];

    /// <summary>The number of unused registers, or of 16 unused bits, that a request may read to join neighbours. Default: 8.</summary>
    public int MaxGap { get; init; } = 8;

    /// <summary>The maximum number of registers in a request, for devices with small buffers. Default: 125.</summary>
    public int MaxRegisters { get; init; } = ModbusLimits.MaxReadRegisters;

    /// <summary>The maximum wait between attempts for a device that does not answer, in milliseconds. Default: 60,000.</summary>
    public int MaxBackoffMs { get; init; } = 60_000;
}

/// <summary>A typed value in the tables of a device.</summary>
public sealed record ModbusPointOptions
{
    /// <summary>The name in messages; unique in its device, at most 64 bytes.</summary>
    public required string Name { get; init; }

    /// <summary>The table. Default: holding registers.</summary>
    public ModbusTable Table { get; init; } = ModbusTable.HoldingRegisters;

    /// <summary>The first address, from 0.</summary>
    public required ushort Address { get; init; }

    /// <summary>The type. Default: an unsigned integer in one register; a bit in the tables of bits.</summary>
    public PointType Type { get; init; } = PointType.U16;

    /// <summary>The order of the bytes. Default: ABCD.</summary>
    public WordOrder Order { get; init; } = WordOrder.BigEndian;

    /// <summary>The bit of a register, 0 to 15 from the lowest, if the type is <see cref="PointType.Bit"/>.</summary>
    public int Bit { get; init; }

    /// <summary>The number of registers of a text. Default: 1.</summary>
    public int Registers { get; init; } = 1;

    /// <summary>The factor: value = number in the registers × scale + offset. Default: 1.</summary>
    public double Scale { get; init; } = 1;

    /// <summary>The summand. Default: 0.</summary>
    public double Offset { get; init; }

    /// <summary>The unit of measurement in messages, at most 16 bytes. Default: none.</summary>
    public string? UnitOfMeasurement { get; init; }

    /// <summary>The time between reads in milliseconds; 0 for a point that is only written. Default: 1,000.</summary>
    public int EveryMs { get; init; } = 1_000;

    /// <summary>Whether messages may write the point. Default: false.</summary>
    public bool IsWritable { get; init; }

    /// <summary>Whether a ModbusEvent of the kind Changed is stored for each register or bit that differs from the poll before. Requires a
    /// mapping of ModbusEvent. Default: false.</summary>
    public bool ReportsChanges { get; init; }

    /// <summary>The number of addresses that the point occupies.</summary>
    internal int Length => Table.IsBits() ? 1 : Type == PointType.Text ? Registers : RegisterCodec.Registers(Type);
}

/// <summary>A block of a table that is read whole.</summary>
/// <param name="Table">The table.</param>
/// <param name="Address">The first address, from 0.</param>
/// <param name="Count">The number of registers or bits; more than a request can read are divided.</param>
/// <param name="EveryMs">The time between reads in milliseconds.</param>
public sealed record ModbusReadOptions(ModbusTable Table, ushort Address, int Count, int EveryMs);

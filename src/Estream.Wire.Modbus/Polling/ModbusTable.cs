using Estream.Wire.Settings;

namespace Estream.Wire.Modbus;

/// <summary>The four tables of a unit (Modbus Application Protocol V1.1b3, 4.3).</summary>
public enum ModbusTable
{
    /// <summary>Bits that can be read and written.</summary>
    [SettingWord("coils")]
    Coils,

    /// <summary>Bits that can be read.</summary>
    [SettingWord("discrete")]
    DiscreteInputs,

    /// <summary>Registers of 16 bits that can be read and written.</summary>
    [SettingWord("holding")]
    HoldingRegisters,

    /// <summary>Registers of 16 bits that can be read.</summary>
    [SettingWord("input")]
    InputRegisters,
}

/// <summary>Relates tables to functions.</summary>
internal static class ModbusTables
{
    public static bool IsBits(this ModbusTable table) => table <= ModbusTable.DiscreteInputs;

    public static bool IsWritable(this ModbusTable table) => table is ModbusTable.Coils or ModbusTable.HoldingRegisters;

    public static ModbusFunctionCode ReadFunction(this ModbusTable table) => ModbusFunctionCode.ReadCoils + (byte)table;

    public static int MaxRead(this ModbusTable table) => table.IsBits() ? ModbusLimits.MaxReadBits : ModbusLimits.MaxReadRegisters;
}


namespace Estream.Wire.Modbus;

/// <summary>Reads the settings of a point that the adapters of both roles have.</summary>
internal static class PointSettings
{
    public static ModbusPointOptions Read(WireSettings settings)
    {
        ModbusTable table = ReadTable(settings);
        return new ModbusPointOptions
        {
            Name = settings.RequireText("Name"),
            Table = table,
            Address = ReadAddress(settings),
            Type = ReadType(settings, table),
            Order = settings.Choice("Order", "ABCD", "ABCD", "CDAB", "BADC", "DCBA") switch
            {
                "CDAB" => WordOrder.WordSwapped,
                "BADC" => WordOrder.ByteSwapped,
                "DCBA" => WordOrder.LittleEndian,
                _ => WordOrder.BigEndian,
            },
            Bit = settings.Number("Bit", 0, 0, 15),
            Registers = settings.Number("Registers", 1, 1, ModbusLimits.MaxWriteRegisters),
            Scale = settings.Real("Scale", 1),
            Offset = settings.Real("Offset", 0),
            IsWritable = settings.Flag("Writable", false),
        };
    }

    public static ModbusTable ReadTable(WireSettings settings) =>
        settings.Choice("Table", "holding", "holding", "input", "coils", "discrete") switch
        {
            "input" => ModbusTable.InputRegisters,
            "coils" => ModbusTable.Coils,
            "discrete" => ModbusTable.DiscreteInputs,
            _ => ModbusTable.HoldingRegisters,
        };

    public static ushort ReadAddress(WireSettings settings) => (ushort)settings.Number("Address", 0, 0, ushort.MaxValue);

    private static PointType ReadType(WireSettings settings, ModbusTable table) => settings.Choice(
        "Type", table.IsBits() ? "bit" : "uint16", "uint16", "int16", "uint32", "int32", "uint64", "int64", "float32", "float64", "bcd16",
        "bcd32", "text", "bit") switch
    {
        "int16" => PointType.S16,
        "uint32" => PointType.U32,
        "int32" => PointType.S32,
        "uint64" => PointType.U64,
        "int64" => PointType.S64,
        "float32" => PointType.Real32,
        "float64" => PointType.Real64,
        "bcd16" => PointType.Bcd16,
        "bcd32" => PointType.Bcd32,
        "text" => PointType.Text,
        "bit" => PointType.Bit,
        _ => PointType.U16,
    };
}

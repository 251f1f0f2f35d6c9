using System.Buffers.Binary;
using System.CommandLine;
using System.Globalization;
using Estream.Cli.Output;
using Estream.Wire.Modbus;

namespace Estream.Cli.Commands.Modbus;

/// <summary>The options `--type` and `--order`: how registers are read as numbers.</summary>
internal sealed class ModbusNumbers
{
    private static readonly (string Name, PointType Type)[] s_types =
    [
        ("uint16", PointType.U16), ("int16", PointType.S16), ("uint32", PointType.U32), ("int32", PointType.S32),
        ("uint64", PointType.U64), ("int64", PointType.S64), ("float32", PointType.Real32), ("float64", PointType.Real64),
        ("bcd16", PointType.Bcd16), ("bcd32", PointType.Bcd32),
    ];

    private static readonly (string Name, WordOrder Order)[] s_orders =
    [
        ("ABCD", WordOrder.BigEndian), ("CDAB", WordOrder.WordSwapped), ("BADC", WordOrder.ByteSwapped),
        ("DCBA", WordOrder.LittleEndian),
    ];

    private readonly Option<string> _type = new("--type")
    {
        Description = "The type of the numbers in registers. COUNT is then the number of values.",
        DefaultValueFactory = _ => s_types[0].Name,
    };

    private readonly Option<string> _order = new("--order")
    {
        Description = "The order of the bytes; A is the most significant one.",
        DefaultValueFactory = _ => s_orders[0].Name,
    };

    /// <param name="command">The command that receives the options.</param>
    public ModbusNumbers(Command command)
    {
        _type.AcceptOnlyFromAmong([.. s_types.Select(one => one.Name)]);
        _order.AcceptOnlyFromAmong([.. s_orders.Select(one => one.Name)]);
        command.Options.Add(_type);
        command.Options.Add(_order);
    }

    /// <summary>The type of a command line.</summary>
    public PointType Type(ParseResult parsed) => Array.Find(s_types, one => one.Name == parsed.GetValue(_type)).Type;

    /// <summary>Whether registers are shown as they are.</summary>
    public bool IsDefault(ParseResult parsed) => Type(parsed) == s_types[0].Type && parsed.GetValue(_order) == s_orders[0].Name;

    /// <summary>Writes the numbers in registers as text or JSON, one line each.</summary>
    /// <param name="parsed">The command line.</param>
    /// <param name="lines">Receives the lines.</param>
    /// <param name="table">The table of the registers.</param>
    /// <param name="isJson">Whether to write JSON.</param>
    /// <param name="address">The address of the first register.</param>
    /// <param name="registers">The registers of whole numbers.</param>
    public void Show(ParseResult parsed, LineWriter lines, ModbusTableName table, bool isJson, int address, ushort[] registers)
    {
        PointType type = Type(parsed);
        WordOrder order = Array.Find(s_orders, one => one.Name == parsed.GetValue(_order)).Order;
        int length = RegisterCodec.Registers(type);
        byte[] words = new byte[2 * length];
        for (int start = 0; start < registers.Length; start += length)
        {
            for (int word = 0; word < length; word++)
            {
                BinaryPrimitives.WriteUInt16BigEndian(words.AsSpan(2 * word), registers[start + word]);
            }

            string text = Text(RegisterCodec.Read(type, order, words));
            int at = address + start;
            if (isJson)
            {
                lines.WriteObject(json =>
                {
                    json.WriteString("table", table.Option[2..]);
                    json.WriteNumber("address", at);
                    json.WritePropertyName("value");
                    json.WriteRawValue(text.Length > 0 ? text : "null");
                });
                continue;
            }

            lines.WriteLine(string.Create(
                CultureInfo.InvariantCulture,
                $"{table.Label} {at} = {(text.Length > 0 ? text : $"not a {parsed.GetValue(_type)}")} (0x{Convert.ToHexString(words)})"));
        }
    }

    /// <summary>The number in digits; empty if the registers are not a number, such as NaN.</summary>
    private static string Text(PointValue value) => value.Kind switch
    {
        PointValueKind.SignedInteger => value.AsSigned.ToString(CultureInfo.InvariantCulture),
        PointValueKind.UnsignedInteger => value.AsUnsigned.ToString(CultureInfo.InvariantCulture),
        _ => double.IsFinite(value.Number) ? value.Number.ToString("R", CultureInfo.InvariantCulture) : "",
    };
}

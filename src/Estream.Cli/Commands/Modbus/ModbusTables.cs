using System.Globalization;
using Estream.Cli.Output;
using Estream.Wire.Modbus;

namespace Estream.Cli.Commands.Modbus;

/// <summary>A table of a device on the command line.</summary>
/// <param name="Option">The option that names it.</param>
/// <param name="Label">Its name in output and messages.</param>
/// <param name="Read">The function that reads it.</param>
/// <param name="IsBits">Whether it has bits, not registers.</param>
internal sealed record ModbusTableName(string Option, string Label, ModbusFunctionCode Read, bool IsBits)
{
    /// <summary>All tables; the first two can be written.</summary>
    public static readonly ModbusTableName[] All =
    [
        new("--holding", "holding", ModbusFunctionCode.ReadHoldingRegisters, false),
        new("--coils", "coil", ModbusFunctionCode.ReadCoils, true),
        new("--input-registers", "input register", ModbusFunctionCode.ReadInputRegisters, false),
        new("--inputs", "input", ModbusFunctionCode.ReadDiscreteInputs, true),
    ];

    /// <summary>Reads addresses, in as many requests as they need. Bits are 0 and 1.</summary>
    /// <exception cref="CliException">The device did not answer with values.</exception>
    public async Task<ushort[]> ReadAsync(ModbusClient client, string device, byte unit, int address, int count)
    {
        ushort[] values = new ushort[count];
        int most = IsBits ? ModbusLimits.MaxReadBits : ModbusLimits.MaxReadRegisters;
        for (int start = 0; start < count; start += most)
        {
            int length = Math.Min(most, count - start);
            ushort first = (ushort)(address + start);
            ModbusResult result = IsBits
                ? await ReadBitsAsync(client, unit, first, values.AsMemory(start, length)).ConfigureAwait(false)
                : await client.ReadRegistersAsync(unit, Read, first, values.AsMemory(start, length)).ConfigureAwait(false);
            Require(result, device, unit, $"a read of {length} from {Label} {first}");
        }

        return values;
    }

    /// <summary>Writes values from an address on.</summary>
    /// <exception cref="CliException">The device did not confirm the write.</exception>
    public async Task WriteAsync(ModbusClient client, string device, byte unit, ushort address, ushort[] values)
    {
        ModbusResult result = IsBits
            ? await client.WriteCoilsAsync(unit, address, Array.ConvertAll(values, value => value != 0)).ConfigureAwait(false)
            : await client.WriteRegistersAsync(unit, address, values).ConfigureAwait(false);
        Require(result, device, unit, $"a write of {values.Length} from {Label} {address}");
    }

    /// <summary>Writes values as text or JSON, one line each.</summary>
    public void Show(LineWriter lines, bool isJson, int address, ushort[] values)
    {
        for (int index = 0; index < values.Length; index++)
        {
            int at = address + index;
            ushort value = values[index];
            if (isJson)
            {
                lines.WriteObject(json =>
                {
                    json.WriteString("table", Option[2..]);
                    json.WriteNumber("address", at);
                    json.WriteNumber("value", value);
                });
                continue;
            }

            string hex = IsBits ? "" : string.Create(CultureInfo.InvariantCulture, $" (0x{value:X4})");
            lines.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{Label} {at} = {value}{hex}"));
        }
    }

    private static void Require(ModbusResult result, string device, byte unit, string request)
    {
        if (!result.IsOk)
        {
            string advice = result.Status switch
            {
                ModbusStatus.Exception => "Check the table and the address, which counts from 0.",
                ModbusStatus.Timeout => "Check --unit, or raise --timeout.",
                _ => "Check that the device speaks Modbus TCP, and TLS only if it is enabled.",
            };
            throw new CliException(
                $"{device}, unit {unit}, answered {request} with {result.Describe()}. {advice}",
                result.Status == ModbusStatus.Exception ? ExitCode.No : ExitCode.Failed);
        }
    }

    private async ValueTask<ModbusResult> ReadBitsAsync(ModbusClient client, byte unit, ushort first, Memory<ushort> values)
    {
        bool[] bits = new bool[values.Length];
        ModbusResult result = await client.ReadBitsAsync(unit, Read, first, bits).ConfigureAwait(false);
        for (int index = 0; index < bits.Length; index++)
        {
            values.Span[index] = bits[index] ? (ushort)1 : (ushort)0;
        }

        return result;
    }
}

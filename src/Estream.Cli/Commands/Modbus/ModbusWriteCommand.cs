using System.CommandLine;
using System.Globalization;
using Estream.Cli.Output;
using Estream.Wire.Modbus;

namespace Estream.Cli.Commands.Modbus;

/// <summary>`estream modbus write`: writes registers and coils of a device, and reads them back.</summary>
internal static class ModbusWriteCommand
{
    private const int TimeoutMs = 1_000;

    private static readonly ModbusTableName[] s_tables = ModbusTableName.All[..2];

    public static Command Create(CliContext context)
    {
        Option<string?>[] writes = Array.ConvertAll(s_tables, table => new Option<string?>(table.Option)
        {
            Description = $"Write each {table.Label} from ADDRESS on{(table.IsBits ? "; VALUE is 0 or 1" : "")}.",
            HelpName = "ADDRESS=VALUE[,VALUE]",
        });
        for (int index = 0; index < writes.Length; index++)
        {
            Option<string?> write = writes[index];
            ModbusTableName table = s_tables[index];
            write.Validators.Add(result => FeedRun.Require(
                result.GetValueOrDefault<string?>() is not { } text || TryParse(table, text, out _, out _), result,
                $"{write.Name} takes ADDRESS=VALUE or ADDRESS=VALUE,VALUE with {(table.IsBits ? "0 and 1" : "0 to 65535")}, such as "
                + $"{(table.IsBits ? "3=1,0" : "10=1500")}, and at most {Most(table)} values."));
        }

        Option<int> unit = ModbusTarget.Unit();
        Option<bool> json = SharedOptions.Json();
        Command command = new("write",
            "Writes holding registers or coils of a device, reads them back, and prints them. Nothing is repeated. Exit code 1 if the "
            + "device refuses the write or has other values afterwards. Example: estream modbus write 10.0.0.7:502 --holding 10=1500");
        ModbusTarget target = new(command, TimeoutMs);
        foreach (Option option in (Option[])[unit, .. writes, json])
        {
            command.Options.Add(option);
        }

        command.SetAction(async (parsed, cancellation) =>
        {
            if (Array.TrueForAll(writes, write => parsed.GetValue(write) is null))
            {
                throw new CliException("Name what to write with --holding or --coils.");
            }

            await using ModbusClient client = await target.ConnectAsync(parsed, cancellation).ConfigureAwait(false);
            using LineWriter lines = new(context.Output);
            string device = target.Name(parsed);
            byte number = (byte)parsed.GetValue(unit);
            for (int index = 0; index < writes.Length; index++)
            {
                ModbusTableName table = s_tables[index];
                if (parsed.GetValue(writes[index]) is not { } text || !TryParse(table, text, out ushort address, out ushort[] values))
                {
                    continue;
                }

                await table.WriteAsync(client, device, number, address, values).ConfigureAwait(false);
                ushort[] found = await table.ReadAsync(client, device, number, address, values.Length).ConfigureAwait(false);
                table.Show(lines, parsed.GetValue(json), address, found);
                if (!found.AsSpan().SequenceEqual(values))
                {
                    throw new CliException(
                        $"{device}, unit {number}, confirmed the write and has other values. Check that nothing else writes them, and that "
                        + "the device accepts the values.", ExitCode.No);
                }
            }

            return ExitCode.Ok;
        });
        return command;
    }

    private static int Most(ModbusTableName table) => table.IsBits ? ModbusLimits.MaxWriteBits : ModbusLimits.MaxWriteRegisters;

    private static bool TryParse(ModbusTableName table, string text, out ushort address, out ushort[] values)
    {
        values = [];
        int equals = text.IndexOf('=');
        if (!ushort.TryParse(text.AsSpan(0, Math.Max(equals, 0)), NumberStyles.None, CultureInfo.InvariantCulture, out address))
        {
            return false;
        }

        string[] parts = text[(equals + 1)..].Split(',');
        values = new ushort[parts.Length];
        for (int index = 0; index < parts.Length; index++)
        {
            if (!ushort.TryParse(parts[index], NumberStyles.None, CultureInfo.InvariantCulture, out values[index])
                || (table.IsBits && values[index] > 1))
            {
                return false;
            }
        }

        return values.Length <= Most(table) && address + values.Length <= ModbusLimits.TableSize;
    }
}

using System.CommandLine;
using System.Globalization;
using Estream.Cli.Output;
using Estream.Wire.Modbus;

namespace Estream.Cli.Commands.Modbus;

/// <summary>`estream modbus read`: prints registers and bits of a device.</summary>
internal static class ModbusReadCommand
{
    private const int TimeoutMs = 1_000;

    public static Command Create(CliContext context)
    {
        Option<string?>[] ranges = Array.ConvertAll(ModbusTableName.All, table => new Option<string?>(table.Option)
        {
            Description = $"Read this {table.Label}, or COUNT of them from ADDRESS on.",
            HelpName = "ADDRESS[:COUNT]",
        });
        foreach (Option<string?> range in ranges)
        {
            range.Validators.Add(result => FeedRun.Require(
                result.GetValueOrDefault<string?>() is not { } text || TryParse(text, out _, out _), result,
                $"{range.Name} takes ADDRESS or ADDRESS:COUNT, such as 0:10, from 0 to 65535."));
        }

        Option<int> unit = ModbusTarget.Unit();
        Option<bool> json = SharedOptions.Json();
        Command command = new("read",
            "Reads registers and coils of a device, and prints one line for each. Exit code 1 if the device refuses the request. Example: "
            + "estream modbus read 10.0.0.7:502 --unit 1 --holding 0:10");
        ModbusTarget target = new(command, TimeoutMs);
        ModbusNumbers numbers = new(command);
        foreach (Option option in (Option[])[unit, .. ranges, json])
        {
            command.Options.Add(option);
        }

        command.SetAction(async (parsed, cancellation) =>
        {
            if (Array.TrueForAll(ranges, range => parsed.GetValue(range) is null))
            {
                throw new CliException("Name what to read with --holding, --coils, --input-registers or --inputs.");
            }

            await using ModbusClient client = await target.ConnectAsync(parsed, cancellation).ConfigureAwait(false);
            using LineWriter lines = new(context.Output);
            for (int index = 0; index < ranges.Length; index++)
            {
                if (parsed.GetValue(ranges[index]) is { } text && TryParse(text, out int address, out int count))
                {
                    ModbusTableName table = ModbusTableName.All[index];
                    int length = table.IsBits ? 1 : RegisterCodec.Registers(numbers.Type(parsed));
                    if (count * length > ModbusLimits.TableSize - address)
                    {
                        throw new CliException(
                            $"{ranges[index].Name} names {count * length} registers from {address} on, and the last is 65535. Read fewer.");
                    }

                    ushort[] values = await table
                        .ReadAsync(client, target.Name(parsed), (byte)parsed.GetValue(unit), address, count * length).ConfigureAwait(false);
                    if (table.IsBits || numbers.IsDefault(parsed))
                    {
                        table.Show(lines, parsed.GetValue(json), address, values);
                    }
                    else
                    {
                        numbers.Show(parsed, lines, table, parsed.GetValue(json), address, values);
                    }
                }
            }

            return ExitCode.Ok;
        });
        return command;
    }

    private static bool TryParse(string text, out int address, out int count)
    {
        string[] parts = text.Split(':');
        count = 1;
        return int.TryParse(parts[0], NumberStyles.None, CultureInfo.InvariantCulture, out address)
            && (parts.Length == 1 || int.TryParse(parts[1], NumberStyles.None, CultureInfo.InvariantCulture, out count))
            && parts.Length <= 2 && count > 0 && address < ModbusLimits.TableSize && count <= ModbusLimits.TableSize - address;
    }
}

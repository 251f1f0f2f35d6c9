using System.CommandLine;
using System.Globalization;
using Estream.Cli.Output;
using Estream.Wire.Modbus;

namespace Estream.Cli.Commands.Modbus;

/// <summary>`estream modbus scan`: finds the units behind an address.</summary>
internal static class ModbusScanCommand
{
    private const int TimeoutMs = 300;
    private const int MaxUnit = 247;

    public static Command Create(CliContext context)
    {
        Option<int> from = FeedRun.Number("--from", "The first unit to ask.", 1, 0, byte.MaxValue);
        Option<int> to = FeedRun.Number("--to", "The last unit to ask.", MaxUnit, 0, byte.MaxValue);
        Option<bool> json = SharedOptions.Json();
        Command command = new("scan",
            "Asks each unit behind an address for holding register 0, and prints the units that answer, with their identification. Reads "
            + "only. Exit code 1 if none answers. Example: estream modbus scan 10.0.0.7:502 --from 1 --to 10");
        ModbusTarget target = new(command, TimeoutMs);
        foreach (Option option in (Option[])[from, to, json])
        {
            command.Options.Add(option);
        }

        command.SetAction(async (parsed, cancellation) =>
        {
            await using ModbusClient client = await target.ConnectAsync(parsed, cancellation).ConfigureAwait(false);
            using LineWriter lines = new(context.Output);
            int found = 0;
            for (int unit = parsed.GetValue(from); unit <= parsed.GetValue(to); unit++)
            {
                cancellation.ThrowIfCancellationRequested();
                if (await AnswersAsync(client, target.Name(parsed), (byte)unit).ConfigureAwait(false))
                {
                    found++;
                    Show(lines, parsed.GetValue(json), unit, await IdentifyAsync(client, (byte)unit).ConfigureAwait(false));
                    lines.Flush();
                }
            }

            return found > 0
                ? ExitCode.Ok
                : throw new CliException($"No unit of {target.Name(parsed)} answered. Raise --timeout, or check the range.", ExitCode.No);
        });
        return command;
    }

    /// <summary>Whether a unit answers. An exception is an answer, unless a gateway sends it for a unit that it cannot reach.</summary>
    private static async Task<bool> AnswersAsync(ModbusClient client, string device, byte unit)
    {
        ModbusResult result = await client.ReadRegistersAsync(unit, ModbusFunctionCode.ReadHoldingRegisters, 0, new ushort[1])
            .ConfigureAwait(false);
        return result.Status switch
        {
            ModbusStatus.Ok => true,
            ModbusStatus.Exception => result.Exception
                is not (ModbusExceptionCode.GatewayPathUnavailable or ModbusExceptionCode.GatewayTargetFailedToRespond),
            ModbusStatus.NotConnected => throw new CliException(
                $"{device} closed the connection when it was asked for unit {unit}. Scan the other units with --from and --to."),
            _ => false,
        };
    }

    /// <summary>Reads vendor, product and revision (V1.1b3, 6.21); empty if the unit has no identification.</summary>
    private static async Task<SortedDictionary<byte, string>> IdentifyAsync(ModbusClient client, byte unit)
    {
        const byte BasicObjects = 1;
        SortedDictionary<byte, string> objects = [];
        byte[] request = new byte[ModbusLimits.MaxPduBytes];
        byte[] response = new byte[ModbusLimits.MaxPduBytes];
        int length = ModbusRequest.ReadDeviceIdentification(BasicObjects, firstObject: 0, request);
        ModbusResult result = await client.SendAsync(unit, request.AsMemory(0, length), response).ConfigureAwait(false);
        if (result.IsOk && !DeviceIdentification.TryRead(response.AsSpan(0, result.Length), objects, out _))
        {
            objects.Clear();
        }

        return objects;
    }

    private static void Show(LineWriter lines, bool isJson, int unit, SortedDictionary<byte, string> objects)
    {
        if (!isJson)
        {
            // A device may send control characters, which would reach the terminal.
            string text = string.Concat(string.Join(' ', objects.Values).Where(letter => !char.IsControl(letter)));
            lines.WriteLine(string.Create(CultureInfo.InvariantCulture, $"unit {unit}{(text.Length > 0 ? $": {text}" : "")}"));
            return;
        }

        lines.WriteObject(json =>
        {
            json.WriteNumber("unit", unit);
            foreach ((string member, byte id) in ((string, byte)[])[("vendor", 0), ("product", 1), ("revision", 2)])
            {
                if (objects.TryGetValue(id, out string? value))
                {
                    json.WriteString(member, value);
                }
            }
        });
    }
}

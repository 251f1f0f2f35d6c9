using System.CommandLine;
using Estream.Wire.Tools.Simulation;

namespace Estream.Cli.Commands.Simulate;

/// <summary>`estream simulate modbus`: a device whose temperature follows its set-point.</summary>
internal static class SimulateModbusCommand
{
    private const int DefaultPort = 1502;
    private const int MaxIntervalMs = 60_000;

    public static Command Create(CliContext context)
    {
        Option<int> port = FeedRun.Number("--port", "The port; 0 for a free one.", DefaultPort, 0, ushort.MaxValue);
        Option<int> every = FeedRun.Number("--every", "The interval of the steps, in milliseconds.", 100, 1, MaxIntervalMs);
        Command command = new("modbus",
            "Simulates a Modbus TCP device. Holding register 0 is a set-point in tenths of a degree, and input register 0, the "
            + "temperature, follows it. Input registers 2 and 3 contain the temperature as a float. Input 0 is on while the set-point is "
            + "not reached. Example: estream simulate modbus --port 1502")
        {
            port, every,
        };
        command.SetAction(async (parsed, cancellation) =>
        {
            using LoopbackServer server = new(parsed.GetValue(port));
            SimulateCommand.Announce(context, "simulating a Modbus device", server.Port);
            ModbusDevice device = new();
            using Timer steps = new(_ => device.Step(), null, 0, parsed.GetValue(every));
            await server.RunAsync(device.ServeAsync, cancellation).ConfigureAwait(false);
            return ExitCode.Ok;
        });
        return command;
    }
}
